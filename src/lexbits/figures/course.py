"""What is drawn of a training, and names that tell several of them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lexbits.config import MAY_CHANGE, Settings
from lexbits.training.floors import Floor
from lexbits.training.records import Record, best_record

SHOWN_SETTINGS = 3
UNTOLD = {*MAY_CHANGE, "data"}


@dataclass(frozen=True, eq=False)
class Course:
    """A training that is drawn.

    Attributes:
        name: what it is called in the legend.
        settings: those of the training.
        records: the metrics of its epochs, at least one.
        floors: what it is measured by.
        words: marks the dev words that it is scored on; None where they are unknown.
    """

    name: str
    settings: Settings
    records: Sequence[Record]
    floors: Sequence[Floor] = ()
    words: object = None

    @property
    def best(self) -> Record:
        """The record of the epoch that was chosen."""
        return best_record(self.records)

    def values(self, name: str) -> list[Any]:
        """Return a metric by epoch."""
        return [record[name] for record in self.records]


def comparable(courses: Sequence[Course]) -> bool:
    """Whether trainings are scored on the same dev words, so that their heights compare."""
    return len({course.words for course in courses}) == 1


def short_names(names: Sequence[str], settings: Sequence[Settings]) -> list[str]:
    """Return names that tell trainings apart: equal ones say in which settings they differ.

    Where settings do not either, they are numbered.
    """
    shared = Counter(names)
    found = []
    for name, of_name in zip(names, settings, strict=True):
        alike = [s for n, s in zip(names, settings, strict=True) if n == name]
        found.append(f"{name} {_differing(of_name, alike)}" if shared[name] > 1 else name)
    numbers: Counter[str] = Counter()
    totals = Counter(found)
    for i, name in enumerate(found):
        if totals[name] > 1:
            numbers[name] += 1
            found[i] = f"{name.strip()} ({numbers[name]})"
    return found


def _differing(settings: Settings, alike: Sequence[Settings]) -> str:
    """Return the settings in which not all are alike, with the values of one."""
    differing = [
        f"{name} {value}"
        for name, value in settings
        if name not in UNTOLD and any(getattr(other, name) != value for other in alike)
    ]
    return ", ".join(differing[:SHOWN_SETTINGS])
