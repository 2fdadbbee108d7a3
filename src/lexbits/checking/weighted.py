"""Random outcomes with weights, so that rare ones are seen.

With a bit at φ = 12 plain draws meet its zero six times in a million; an estimator that is wrong
there would pass, and a right one look wrong by chance. Here half of the draws are made as if all
outcomes were alike, and each draw is weighted by what it should have been drawn with.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits.noise import RANDOM, Noise
from lexbits.checking.outcomes import (
    NotEnumerableError,
    Outcomes,
    antithetic_outcomes,
    independent_outcomes,
    index_outcomes,
)


class WeightedNoise(Noise):
    """Draws N rows of noise, all for the same logits, from torch's global generator.

    Attributes:
        log_weight: [N] log of the probability of a row's noise over that with which it was drawn.
    """

    def __init__(self, rows: int) -> None:
        self.log_weight = torch.zeros(rows, dtype=torch.float64)

    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """S independent bit vectors, [S, N, K]."""
        try:
            return self._draw(independent_outcomes(logits[0], samples))
        except NotEnumerableError:  # too many to weigh: drawn as they are, with weight one
            return RANDOM.independent(logits, samples)

    def antithetic(self, logits: Tensor, samples: int) -> Tensor:
        """S bit vectors of the Dirichlet copula, [S, N, K]."""
        try:
            return self._draw(antithetic_outcomes(logits[0], samples))
        except NotEnumerableError:
            return RANDOM.antithetic(logits, samples)

    def index(self, logits: Tensor, samples: int) -> Tensor:
        """S numbers of bits, [S, N]."""
        try:
            return self._draw(index_outcomes(logits.shape[-1], samples))
        except NotEnumerableError:
            return RANDOM.index(logits, samples)

    def uniform(self, logits: Tensor, samples: int) -> Tensor:
        """Uniform numbers [S, N, K], drawn more evenly on both sides of 1 − π, the bit's border."""
        border = torch.sigmoid(-logits)
        even = 1 / (samples * logits.shape[-1])  # more numbers, less each: weights multiply
        below = (1 - even) * border + even * 0.5
        side, place = torch.rand((2, samples, *logits.shape), dtype=logits.dtype)
        is_below = side < below
        ratio = torch.where(is_below, border / below, (1 - border) / (1 - below))
        self.log_weight = self.log_weight + ratio.log().sum((0, -1))
        drawn = torch.where(is_below, place * border, border + place * (1 - border))
        return drawn.clamp_min(torch.finfo(logits.dtype).tiny)

    def _draw(self, outcomes: Outcomes) -> Tensor:
        probability = outcomes.log_prob.exp()
        mixed = 0.5 * probability + 0.5 / len(probability)
        pick = torch.multinomial(mixed, len(self.log_weight), replacement=True)
        self.log_weight = self.log_weight + outcomes.log_prob[pick] - mixed[pick].log()
        return outcomes.values[:, pick]
