"""What everybody may ask of a generative network P(x|z): a bit vector and a prefix -> next symbol.

A decoder is one file: a subclass that says how it reads words (`_logits_of_pairs`), how it takes
a step (`start`, `step`), what a prefix takes (`bytes_per_prefix`), what it can take over from a
plain language model (`take_over`), and where it has a row for each character (`_add_rows`); and a
line in the table of `latent`.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol, Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lexbits.alphabet import Alphabet
from lexbits.bits import distinct_pairs
from lexbits.config import Precision
from lexbits.errors import UsageError

ROWS_AT_ONCE = 512
"""Pairs of a word and a code for one call of `Decoder.log_prob` where many are to be evaluated:
what it computes of them at a step stays in the cache of a processor, and memory is bounded."""

ENTRIES_AT_ONCE = 2**21
"""Rows times symbols of the alphabet in one step: fewer rows where an alphabet is large."""

USUAL_SYMBOLS = 16
"""Of a word; batches of longer ones have fewer words."""


class DecoderState(Protocol):
    """What a decoder remembers of N prefixes."""

    def take(self, rows: Tensor) -> Self:
        """Keep the chosen prefixes, in the given order; one may be chosen several times."""


class Prefixes(Protocol):
    """Prefixes of codes z [C, K]: at first the C empty ones, before their start symbols.

    What a decoder computes is a function of a code and a prefix, so a prefix is known by its row:
    each step reads one symbol more after chosen rows of the step before.
    """

    def step(self, symbols: Tensor, parents: Tensor) -> Tensor:
        """Read symbols [N], each after the prefix in row `parents` [N] of the step before.

        Return logits of the next symbol, [N, V]. The N prefixes take the place of those before.
        """


class Decoder(nn.Module, ABC):
    """P(x|z), symbol by symbol. With zero bits it is a plain language model.

    Attributes:
        start_symbol: the symbol that is read before the first.
        pad: the symbol that fills rows after the end of a word.
        symbols: V, the number of symbols that can be predicted.
        precision: in which arithmetic a trained decoder computes; log-probabilities and sums of
            them are in fp32 or better. That of a training step is the training's own.
    """

    precision: Precision = "fp32"

    def __init__(self, alphabet: Alphabet) -> None:
        super().__init__()
        self.start_symbol = alphabet.start
        self.pad = alphabet.pad
        self.symbols = alphabet.size

    def log_prob(self, words: Tensor, z: Tensor) -> Tensor:
        """Return log p(x|z) in nats, [S, B], for words [B, T] and bits z [S, B, K].

        In training mode the dropout mask of a word is shared by its S samples, so that f(z) is one
        function of z and differences between samples are differences between codes. So a code that
        a word has twice is read once.
        """
        if len(z) == 1 or not _is_hard(z):
            return self.symbol_log_prob(words, z).sum(0)
        pairs = distinct_pairs(z)
        with self.arithmetic():
            log_prob = self._log_prob_of_pairs(words, pairs.codes[pairs.code], pairs.word).sum(0)
        return log_prob[pairs.which].view(z.shape[:2])

    def symbol_log_prob(self, words: Tensor, z: Tensor) -> Tensor:
        """Return log p(x_i|x_<i, z) in nats, [T, S, B], zero after the end of a word."""
        samples, batch, _ = z.shape
        rows = torch.arange(batch, device=z.device).repeat(samples) if samples > 1 else None
        with self.arithmetic():
            log_prob = self._log_prob_of_pairs(words, z.flatten(0, 1), rows)
        return log_prob.view(-1, samples, batch)

    def expected_log_prob(self, words: Tensor, targets: Tensor) -> Tensor:
        """Return Σ_i Σ_v t_iv log p(v|x_<i) in nats, [B]; for decoders without bits.

        Where another model knows how likely each next symbol v is, a word that it has generated
        teaches more by this than by its symbols alone, of which this is the expectation.

        Args:
            words: [B, T].
            targets: [B, T, V] t, the distribution of each symbol; zero after the end of a word.
        """
        z = targets.new_zeros(len(words), 0)
        log_prob = self._logits_of_pairs(words, z, None).float().log_softmax(-1)
        return (log_prob * targets.transpose(0, 1)).sum((0, 2))

    def _log_prob_of_pairs(self, words: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        """Return log p(x_i|x_<i, z), [T, N], of N codes and the words [B, T] in `rows`."""
        logits = self._logits_of_pairs(words, z, rows)
        targets = words.T if rows is None else words.T.index_select(1, rows)
        losses = F.cross_entropy(
            logits.flatten(0, 1).float(),
            targets.flatten(),
            ignore_index=self.pad,
            reduction="none",
        )
        return -losses.view(targets.shape)

    @abstractmethod
    def _logits_of_pairs(self, words: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        """Return logits of x_i given x_<i and z, [T, N, V], for N codes z [N, K] and words [B, T].

        `rows` [N] are the rows of `words` that the codes belong to; None is all of them in order.
        """

    @abstractmethod
    def start(self, z: Tensor) -> tuple[Tensor, DecoderState]:
        """Return the start symbols [N] and the state before the first step, for z [N, K]."""

    @abstractmethod
    def step(self, symbols: Tensor, state: Any) -> tuple[Tensor, DecoderState]:  # noqa: ANN401
        """Read one symbol for each prefix, [N]; return logits of the next, [N, V], and state.

        What a state holds is the business of the decoder that made it.
        """

    def prefixes(self, z: Tensor) -> Prefixes:
        """Return prefixes of the codes z [C, K], to be advanced together without gradients."""
        return PrefixesByStep(self, z)

    @property
    @abstractmethod
    def bytes_per_prefix(self) -> int:
        """Memory of a prefix while a step is taken, roughly."""

    @abstractmethod
    def take_over(self, plain: Decoder) -> None:
        """Take over what a decoder of the same sizes and symbols has learned without bits.

        Raises:
            UsageError: it is of another kind.
        """

    def add_characters(self, count: int) -> None:
        """Make room for `count` characters after the known ones.

        The probability of the unknown symbol is shared out among it and them: all others stay.
        """
        self._add_rows(count)
        self.symbols += count
        self.start_symbol += count
        self.pad += count

    @abstractmethod
    def _add_rows(self, count: int) -> None:
        """Give all that has a row for each symbol `count` rows more, as `new_characters` does."""

    def symbol_vectors(self) -> Tensor:
        """Return what stands for each symbol that can be read, [V + 2, E], for an encoder to use.

        Raises:
            UsageError: there is no such thing in this kind of decoder.
        """
        raise UsageError(
            f"{type(self).__name__} has no embedding to lend: give --encoder-embedding own"
        )

    @contextmanager
    def computing_in(self, precision: Precision) -> Iterator[None]:
        """Compute in `precision` for a while."""
        before, self.precision = self.precision, precision
        try:
            yield
        finally:
            self.precision = before

    def arithmetic(self) -> AbstractContextManager[object]:
        """Return a context in which modules compute in `precision`."""
        if self.precision == "fp32":
            return nullcontext()
        return torch.autocast(next(self.parameters()).device.type, torch.bfloat16)

    def rows_at_once(self, most: int) -> int:
        """Return how many prefixes to advance together: `most`, or fewer of a large alphabet."""
        return max(1, min(most, ENTRIES_AT_ONCE // self.symbols))

    def pairs_at_once(self, most: int) -> int:
        """Return how many pairs of a word and a code to give `log_prob`: `most`, or fewer."""
        return max(1, min(most, self.rows_at_once(ENTRIES_AT_ONCE) // USUAL_SYMBOLS))


class PrefixesByStep:
    """Prefixes by `Decoder.step`, for all kinds of decoders."""

    @torch.no_grad()
    def __init__(self, decoder: Decoder, z: Tensor) -> None:
        self.decoder = decoder
        if decoder.precision == "bf16":
            # A copy of its own: autocast would cast all weights at each step, for cuDNN to fp16.
            self.decoder, z = copy.deepcopy(decoder).bfloat16(), z.bfloat16()
        _, self.state = self.decoder.start(z)

    @torch.no_grad()
    def step(self, symbols: Tensor, parents: Tensor) -> Tensor:
        """See `Prefixes`."""
        logits, self.state = self.decoder.step(symbols, self.state.take(parents))
        return logits


def _is_hard(z: Tensor) -> bool:
    """Whether z is made of zeros and ones, and no gradient runs through it."""
    return not z.requires_grad and bool(((z == 0) | (z == 1)).all())
