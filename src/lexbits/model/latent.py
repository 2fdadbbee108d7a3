"""The whole model: prior P(z), posterior Q(z|x) and decoder P(x|z) in one module."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from lexbits.alphabet import Alphabet
from lexbits.bits import Autoregressive, BitDistribution, Boltzmann, FactorisedBernoulli, Posterior
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.model.conditioners import BitGru, Made
from lexbits.model.decoder import Decoder
from lexbits.model.encoder import Encoder
from lexbits.model.recurrent import RecurrentDecoder

CONDITIONER_SIZE = 64
"""Hidden units of a network over bits: bits are few, and it is asked about many of them."""


DECODERS: dict[str, Callable[[Settings, Alphabet], Decoder]] = {
    "lstm": RecurrentDecoder,
    "gru": RecurrentDecoder,
}
"""The decoders, by the cell that settings name."""


class LatentWordModel(nn.Module):
    """P(z) P(x|z) and Q(z|x) for words x and bit vectors z ∈ {0,1}^K.

    With zero bits there is no encoder, z is empty and P(x|z) is the plain language model.

    Args:
        settings: sizes and choices of both networks.
        alphabet: the symbols.
    """

    prior_logits: Tensor
    """Logits of the prior's bits, or what they are before other bits are looked at, [K]."""

    def __init__(self, settings: Settings, alphabet: Alphabet) -> None:
        super().__init__()
        s = settings
        self.bits = s.bits
        self.decoder: Decoder = DECODERS[s.cell](s, alphabet)
        self.encoder = Encoder(s, alphabet) if s.bits else None
        alpha = torch.tensor(
            s.alpha if len(s.alpha) == s.bits else s.alpha * s.bits, dtype=torch.float64
        )
        # In double: a probability that float32 rounds to 1 would get an infinite logit.
        prior_logits = torch.logit(alpha).float()
        if s.prior == "fixed":
            self.register_buffer("prior_logits", prior_logits)
        else:
            self.prior_logits = nn.Parameter(prior_logits)
        self.prior_made = (
            Made(s.bits, 0, _made_size(s.bits)) if s.bits and s.prior == "made" else None
        )
        with_couplings = s.bits and s.prior == "boltzmann"
        self.couplings = nn.Parameter(torch.zeros(s.bits, s.bits)) if with_couplings else None
        self.conditioner: Made | BitGru | None = None
        if s.bits and s.posterior == "made":
            self.conditioner = Made(s.bits, s.encoder_hidden_size, _made_size(s.bits))
        elif s.bits and s.posterior == "gru":
            self.conditioner = BitGru(s.bits, s.encoder_hidden_size, CONDITIONER_SIZE)
        self.features = s.encoder_hidden_size if s.bits else 0

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return self.prior_logits.device

    def with_characters(self, count: int) -> LatentWordModel:
        """Return a copy that has `count` characters after the known ones.

        What it says of words without them is the same, up to rounding: see `new_characters`.
        """
        network = copy.deepcopy(self)
        if count:
            network.decoder.add_characters(count)
            if network.encoder is not None:
                network.encoder.add_characters(count)
        return network

    def words(self, corpus: Corpus, indices: NDArray[np.int64]) -> Tensor:
        """Return the chosen words as symbols [B, T], on the device of the model."""
        return torch.from_numpy(corpus.batch(indices)).long().to(self.device)

    def prior(self) -> BitDistribution:
        """Return P(z), one distribution over [K]."""
        if self.prior_made is not None:
            return Autoregressive(
                self.prior_made, self.prior_logits, self.prior_logits.new_zeros(0)
            )
        if self.couplings is not None:
            return Boltzmann(self.prior_logits, self.couplings)
        return FactorisedBernoulli(self.prior_logits)

    def posterior(self, words: Tensor) -> Posterior:
        """Return Q(z|x), B distributions, for words [B, T]; the features are those of the words."""
        if self.encoder is None:
            return FactorisedBernoulli(self.prior_logits.new_zeros((len(words), 0)))
        borrowed = None if self.encoder.embedding else self.decoder.symbol_vectors().detach()
        summary = self.encoder.summary(words, borrowed)
        logits = self.encoder.logits(summary).float()
        if self.conditioner is not None:
            return Autoregressive(self.conditioner, logits, summary.float())
        return FactorisedBernoulli(logits, features=summary.float())

    def posterior_like(self, parameters: Tensor) -> Posterior:
        """Return the posteriors that have these `parameters` [B, P]."""
        if self.conditioner is None:
            return FactorisedBernoulli(parameters)
        base, context = parameters[:, : self.bits], parameters[:, self.bits :]
        return Autoregressive(self.conditioner, base, context)


def _made_size(bits: int) -> int:
    """Return how many hidden units a MADE over K bits has: enough for every dependency."""
    return max(CONDITIONER_SIZE, bits - 1)
