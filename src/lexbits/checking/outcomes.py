"""All outcomes of an estimator's noise in the place of random ones.

An estimator draws through its distribution's noise. It is run once to see what it draws, and a
second time on one row for each combination of outcomes: the mean over the rows, weighted by their
probabilities, is then an expectation without Monte Carlo.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import all_codes
from lexbits.bits.noise import Noise

MOST_OUTCOMES = 150_000


class NotEnumerableError(Exception):
    """The noise is continuous, or has too many outcomes."""


@dataclass(frozen=True)
class Outcomes:
    """All outcomes of one draw.

    Attributes:
        values: [S, N, ...] what is drawn.
        log_prob: [N] in nats.
    """

    values: Tensor
    log_prob: Tensor


class EnumeratedNoise(Noise):
    """Notes the draws of a first run, then replays every combination of their outcomes.

    Attributes:
        replay: [S, N, ...] what each draw of the next run will give, in their order.
    """

    def __init__(self) -> None:
        self._noted: list[Outcomes] = []
        self.replay: list[Tensor] = []

    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """Every tuple of S bit vectors."""
        return self._draw(lambda: independent_outcomes(logits[0], samples))

    def antithetic(self, logits: Tensor, samples: int) -> Tensor:
        """Every tuple of S bit vectors, with the probabilities of the Dirichlet copula."""
        return self._draw(lambda: antithetic_outcomes(logits[0], samples))

    def index(self, logits: Tensor, samples: int) -> Tensor:
        """Every tuple of S numbers of bits."""
        return self._draw(lambda: index_outcomes(logits.shape[-1], samples))

    def uniform(self, logits: Tensor, samples: int) -> Tensor:
        """Refuse: continuous noise has no table of outcomes."""
        raise NotEnumerableError

    def _draw(self, outcomes: Callable[[], Outcomes]) -> Tensor:
        if self.replay:
            return self.replay.pop(0)
        self._noted.append(outcomes())
        return self._noted[-1].values[:, :1]

    def rewind(self) -> Tensor:
        """Prepare the replay; return the log-probability [N] of each combination of outcomes.

        Raises:
            NotEnumerableError: there are too many.
        """
        counts = [len(noted.log_prob) for noted in self._noted]
        if not counts:
            return torch.zeros(1, dtype=torch.float64)
        _refuse_more_than(math.prod(counts))
        grids = torch.meshgrid(*(torch.arange(n) for n in counts), indexing="ij")
        picks = [grid.flatten() for grid in grids]
        self.replay = [o.values[:, pick] for o, pick in zip(self._noted, picks, strict=True)]
        chosen = [o.log_prob[pick] for o, pick in zip(self._noted, picks, strict=True)]
        return torch.stack(chosen).sum(0)


def independent_outcomes(logits: Tensor, samples: int) -> Outcomes:
    """Return all (2^K)^S tuples of bit vectors for logits [K]."""
    _refuse_more_than(2 ** (len(logits) * samples))
    codes = all_codes(len(logits)).to(logits)
    log_prob = (codes * F.logsigmoid(logits) + (1 - codes) * F.logsigmoid(-logits)).sum(-1)
    rows = torch.tensor(list(itertools.product(range(len(codes)), repeat=samples)))
    return Outcomes(codes[rows.T], log_prob[rows].sum(1))


def antithetic_outcomes(logits: Tensor, samples: int) -> Outcomes:
    """Return all (2^S)^K patterns of S samples of the Dirichlet copula for logits [K].

    m given samples hold a bit's rarer value (of probability r) with probability
    (1 − m + m r^{1/(S−1)})₊^{S−1}; which of the others do not follows by inclusion and exclusion.
    """
    _refuse_more_than(2 ** (len(logits) * samples))
    patterns = all_codes(samples).to(logits)  # which samples hold the rarer value
    held = patterns.sum(-1).long()
    root = torch.sigmoid(-logits.abs()) ** (1 / (samples - 1))
    counts = torch.arange(samples + 1).to(logits)[:, None]
    at_least = (1 - counts + counts * root).clamp_min(0.0) ** (samples - 1)  # [S + 1, K]
    exactly = torch.stack(
        [
            sum(
                (
                    (-1.0) ** j * math.comb(samples - m, j) * at_least[m + j]
                    for j in range(samples - m + 1)
                ),
                torch.zeros_like(logits),
            )
            for m in range(samples + 1)
        ]
    ).clamp_min(0.0)
    rows = torch.tensor(list(itertools.product(range(len(patterns)), repeat=len(logits))))
    rare = patterns[rows].permute(2, 0, 1)  # [S, N, K]
    values = torch.where(logits <= 0, rare, 1 - rare)
    probability = exactly[held[rows], torch.arange(len(logits))].prod(-1)
    return Outcomes(values, probability.log())


def index_outcomes(bits: int, samples: int) -> Outcomes:
    """Return all K^S tuples of numbers of bits, equally probable."""
    _refuse_more_than(bits**samples)
    rows = torch.tensor(list(itertools.product(range(bits), repeat=samples)))
    log_prob = torch.full((len(rows),), -samples * math.log(bits), dtype=torch.float64)
    return Outcomes(rows.T, log_prob)


def _refuse_more_than(outcomes: int) -> None:
    if outcomes > MOST_OUTCOMES:
        raise NotEnumerableError
