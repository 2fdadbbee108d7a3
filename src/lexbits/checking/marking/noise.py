"""Noise that is known: all outcomes side by side, one after another, or the same again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

import torch
from torch import Tensor

from lexbits.bits.noise import Noise
from lexbits.checking.outcomes import (
    MOST_OUTCOMES,
    NotEnumerableError,
    Outcomes,
    antithetic_outcomes,
    independent_outcomes,
    index_outcomes,
)

MOST_CALLS = 1100
"""Outcomes that are put in one after another."""

Draw = tuple[str, Tensor, int]
"""How was drawn, from which logits [B, K], and how many samples."""


class NotSideBySideError(Exception):
    """The noise of one distribution belongs to all words: outcomes cannot stand in their places."""


class KnownNoise(Noise):
    """Notes each draw, and answers it as `_answer` says; continuous noise is refused."""

    def __init__(self) -> None:
        self.noted: list[Draw] = []

    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """Independent bit vectors, [S, ..., K]."""
        return self._note("independent", logits, samples)

    def antithetic(self, logits: Tensor, samples: int) -> Tensor:
        """Bit vectors of the Dirichlet copula, [S, ..., K]."""
        return self._note("antithetic", logits, samples)

    def index(self, logits: Tensor, samples: int) -> Tensor:
        """Numbers of bits, [S, ...]."""
        return self._note("index", logits, samples)

    def uniform(self, logits: Tensor, samples: int) -> Tensor:
        """Refuse: continuous noise has no table of outcomes."""
        raise NotEnumerableError

    def _note(self, kind: str, logits: Tensor, samples: int) -> Tensor:
        self.noted.append((kind, logits.detach(), samples))
        return self._answer(len(self.noted) - 1)

    def _answer(self, number: int) -> Tensor:
        kind, logits, samples = self.noted[number]
        first = _outcomes(kind, logits.reshape(-1, logits.shape[-1])[0], samples).values[:, :1]
        return (
            first.expand(samples, max(1, len(logits)), *first.shape[2:])
            if (logits.dim() > 1)
            else first[:, 0]
        )


class SideBySide(KnownNoise):
    """After a first run on W words, every combination of outcomes in a row of its own.

    Attributes:
        replay: [S, W · N, ...] what each draw of the second run gives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.replay: list[Tensor] = []

    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """As of KnownNoise; a distribution without words is refused."""
        if logits.dim() == 1:
            raise NotSideBySideError
        return super().independent(logits, samples)

    def _answer(self, number: int) -> Tensor:
        return self.replay[number] if self.replay else super()._answer(number)

    def prepare(self) -> Tensor:
        """Turn to the second run; return the probability [W, N] of each word's outcomes.

        Raises:
            NotEnumerableError: there are too many, or the draws of a word do not stand in its row.
        """
        if not self.noted:
            return torch.ones(1, 1, dtype=torch.float64)
        words = len(self.noted[0][1])
        found = [
            [_outcomes(kind, row, samples) for row in logits]
            for kind, logits, samples in self.noted
        ]
        counts = [len(outcomes[0].log_prob) for outcomes in found]
        if math.prod(counts) * words > MOST_OUTCOMES:
            raise NotEnumerableError
        grids = torch.meshgrid(*(torch.arange(n) for n in counts), indexing="ij")
        log_prob = torch.zeros(words, math.prod(counts), dtype=torch.float64)
        for outcomes, grid in zip(found, grids, strict=True):
            pick = grid.flatten()
            self.replay.append(torch.cat([o.values[:, pick] for o in outcomes], 1))
            log_prob = log_prob + torch.stack([o.log_prob[pick] for o in outcomes])
        self.noted.clear()
        return log_prob.exp()


class OneByOne(KnownNoise):
    """After a first run, one combination of outcomes for each further run."""

    def __init__(self) -> None:
        super().__init__()
        self._now: list[Tensor] = []

    def _answer(self, number: int) -> Tensor:
        return self._now[number] if self._now else super()._answer(number)

    def runs(self) -> Iterator[float]:
        """Yield the probability of each combination once it is what the draws will give.

        Raises:
            NotEnumerableError: there are too many.
        """
        rows = []
        for kind, logits, samples in self.noted:
            flat = logits.reshape(-1, logits.shape[-1])
            rows += [(_outcomes(kind, row, samples)) for row in flat]
        if math.prod(len(row.log_prob) for row in rows) > MOST_CALLS:
            raise NotEnumerableError
        drawn, self.noted = self.noted, []
        for picks in itertools.product(*(range(len(row.log_prob)) for row in rows)):
            values = [row.values[:, pick] for row, pick in zip(rows, picks, strict=True)]
            self._now = []
            for _, logits, _ in drawn:
                mine = [values.pop(0) for _ in range(logits[..., 0].numel())]
                self._now.append(torch.stack(mine, 1) if logits.dim() > 1 else mine[0])
            yield math.exp(sum(float(r.log_prob[p]) for r, p in zip(rows, picks, strict=True)))
            self.noted.clear()


class SameAgain(KnownNoise):
    """Draws that are a function of the word and of the number of the draw."""

    def __init__(self, words: Tensor) -> None:
        super().__init__()
        self.words = words

    def _answer(self, number: int) -> Tensor:
        kind, logits, samples = self.noted[number]
        if logits.dim() == 1:
            return self._row(kind, logits, samples, 1000 + number)
        seeds = [100 * number + int(word) for word in self.words]
        return torch.stack(
            [self._row(kind, row, samples, s) for row, s in zip(logits, seeds, strict=True)], 1
        )

    @staticmethod
    def _row(kind: str, logits: Tensor, samples: int, seed: int) -> Tensor:
        outcomes = _outcomes(kind, logits, samples)
        random = torch.Generator().manual_seed(seed)
        probability = outcomes.log_prob.exp()
        pick = torch.multinomial(probability.float(), 1, generator=random)
        return outcomes.values[:, pick[0]]


def _outcomes(kind: str, logits: Tensor, samples: int) -> Outcomes:
    if kind == "index":
        return index_outcomes(len(logits), samples)
    make = independent_outcomes if kind == "independent" else antithetic_outcomes
    return make(logits, samples)
