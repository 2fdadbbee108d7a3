"""The little world that exercises are marked in: words, their bits, a prior and a decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.bits.noise import RANDOM, Noise

BITS, WORDS, UNITS = 3, 5, 4
OFFSET = -8.0
"""Nats that every code costs, about as a decoder has them."""


class Decoder:
    """log p(x|z) = v · tanh(W z + c_x) + offset, for one word x at each place of a batch.

    Attributes:
        words: [B] which word is at each place.
        parameters: W, c and v.
        fractions: whether it was given a z with entries other than zeros and ones.
        called: whether it was called.
    """

    def __init__(self, parameters: list[Tensor], words: Tensor, offset: float) -> None:
        self.parameters = parameters
        self.words = words
        self.offset = offset
        self.fractions = False
        self.called = False

    def __call__(self, z: Tensor) -> Tensor:
        """Return log p(x|z), [S, B], for z [S, B, K]."""
        self.called = True
        if not isinstance(z, Tensor):
            raise TypeError(f"expected z to be a tensor [S, B, K], found {type(z).__name__}")
        weight, shift, out = self.parameters
        bits, batch = weight.shape[1], len(self.words)
        if z.dim() < 2 or z.shape[-1] != bits or z.shape[-2] not in (1, batch):
            raise ValueError(
                f"expected z of shape [S, B, K] with B = {batch} words of K = {bits} bits, "
                f"found {list(z.shape)}"
            )
        self.fractions |= bool(((z != 0) & (z != 1)).any())
        return torch.tanh(z.to(weight) @ weight.T + shift[self.words]) @ out + self.offset


@dataclass(frozen=True)
class Given:
    """What a function of the reader's is given, and what it is differentiated in.

    Attributes:
        logits: [B, K] those of q.
        prior_logits: [K] those of p(z).
        decoder: log p(x|z).
        noise: what q and the prior draw from.
    """

    logits: Tensor
    prior_logits: Tensor
    decoder: Decoder
    noise: Noise

    @property
    def leaves(self) -> list[Tensor]:
        """All that can be differentiated in: logits of q and of the prior, and the decoder's."""
        return [self.logits, self.prior_logits, *self.decoder.parameters]

    @property
    def used(self) -> bool:
        """Whether the decoder was called, or anything drawn."""
        return self.decoder.called or bool(getattr(self.noise, "noted", ()))

    def argument(self, name: str, samples: int) -> Any:  # noqa: ANN401 - each is something else
        """Return what a parameter of an exercise stands for."""
        if name == "q":
            return FactorisedBernoulli(self.logits, noise=self.noise)
        if name in ("prior", "p"):
            return FactorisedBernoulli(self.prior_logits, noise=self.noise)
        if name in ("log_likelihood", "f"):
            return self.decoder
        return {"samples": samples, "bits": self.logits.shape[-1]}[name]


@dataclass(frozen=True, eq=False)
class World:
    """Numbers of a few words, fixed once and for all.

    Attributes:
        together: whether all its words are always given as one batch.
        logits: [W, K] of each word's q.
        prior_logits: [K].
        weight: [H, K].
        shift: [W, H].
        out: [H].
        offset: of every log-likelihood, in nats.
    """

    logits: Tensor
    prior_logits: Tensor
    weight: Tensor
    shift: Tensor
    out: Tensor
    offset: float
    together: bool

    @classmethod
    def drawn(
        cls, bits: int = BITS, words: int = WORDS, offset: float = OFFSET, together: bool = False
    ) -> World:
        """Return the world of a seed; its words have rates from almost none to several nats."""
        random = torch.Generator().manual_seed(7)

        def normal(*shape: int) -> Tensor:
            return torch.randn(shape, generator=random, dtype=torch.float64)

        prior = 0.8 * normal(bits)
        spread = torch.linspace(0.2, 3.0, words, dtype=torch.float64)[:, None]
        return cls(
            logits=prior + spread * normal(words, bits),
            prior_logits=prior,
            weight=1.5 * normal(UNITS, bits),
            shift=normal(words, UNITS),
            out=3.0 * normal(UNITS),
            offset=offset,
            together=together,
        )

    @property
    def bits(self) -> int:
        """K."""
        return self.logits.shape[1]

    @property
    def words(self) -> int:
        """W."""
        return len(self.logits)

    def given(
        self, words: Tensor, noise: Noise = RANDOM, dtype: torch.dtype = torch.float64
    ) -> Given:
        """Return what a batch of these words gives, with leaves of its own to differentiate in."""

        def leaf(values: Tensor) -> Tensor:
            return values.detach().to(dtype, copy=True).requires_grad_()

        parameters = [leaf(values) for values in (self.weight, self.shift, self.out)]
        decoder = Decoder(parameters, words, self.offset)
        return Given(leaf(self.logits[words]), leaf(self.prior_logits), decoder, noise)


WHOLE = World.drawn()
"""Where words are treated each alone."""
TWO_BITS, ONE_BIT = World.drawn(bits=2), World.drawn(bits=1)
"""Where there are fewer codes, for what draws so often that its outcomes are too many in WHOLE."""
BATCH = World.drawn(bits=2, words=2, together=True)
"""Where a batch is taken together: all outcomes of two words at once are few enough."""
TINY_BATCH = World.drawn(bits=1, words=2, together=True)
"""A batch of fewer still, for more samples, in which many slips can be compared."""
