"""Sizes, teachers and the objective for a list of words and a time: what --minutes chooses.

What a time is worth is counted in reads: words that a plain model of `HIDDEN` units reads and
learns from in it, on this machine and of this list. How the time is divided follows from the
settings chosen here, by `pace`, which measures how long their steps take.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lexbits.config import PRESETS

HIDDEN = 512
"""Units of the networks, where there is time for them."""

FEW_READS = 120_000
"""Fewer reads than these teach a smaller network more."""


@dataclass(frozen=True)
class Row:
    """What is chosen from a number of reads on."""

    reads: float
    teachers: int
    steps: int
    settings: dict[str, Any]


SMALL = {"hidden_size": 256, "learning_rate": 1e-2, "dropout": 0.1}
"""The networks where there is little time, and the one that they are regularised by."""

LARGE = {
    "embedding_size": 64,
    "hidden_size": HIDDEN,
    "input_dropout": 0.1,
    "dropout": 0.2,
    "variational_dropout": True,
    "real_passes": 3,
    "learning_rate": 6e-3,
    "average_decay": 0.998,
}
"""Those where there is more."""

FOUR_NATS = {"free_nats": 4.4}
"""The objective of short trainings: bits that are independent are learned soonest."""

FIVE_NATS = {"free_nats": 0.0, "prior": "made", "rate_target": 5.0}
"""That of longer ones."""

ROWS = (
    Row(0, 0, 4000, SMALL | FOUR_NATS),
    Row(FEW_READS, 1, 3500, LARGE | FOUR_NATS),
    Row(2_000_000, 2, 7000, LARGE | FIVE_NATS),
    Row(4_500_000, 4, 14_000, LARGE | FIVE_NATS | {"samples": 4}),
    Row(12_000_000, 8, 28_000, LARGE | FIVE_NATS | {"samples": 4}),
)
"""From few reads to many. Steps say, beside those of a teacher, who gets which part of the time."""


def recipe(reads: float, bits: int) -> dict[str, Any]:
    """Return settings for a training in a time that is worth so many `reads`.

    Without bits they are those of the preset `plain`, whatever the time.
    """
    if not bits:
        return PRESETS["plain"]
    row = next(row for row in reversed(ROWS) if reads >= row.reads)
    return row.settings | {"teachers": row.teachers, "steps": row.steps}
