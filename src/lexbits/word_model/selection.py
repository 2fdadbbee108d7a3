"""Which of the words that a model generates are kept, and why the others are not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from lexbits.word_model.results import Sample

Limits = tuple[float, float]
"""The least and the most percentile."""


@dataclass
class Selection:
    """Leaves words out, and counts them.

    Attributes:
        reasons: for what words are left out, by what is then said of them, such as "excluded".
        unique: whether repetitions are left out.
        limits: of the percentiles of the words that are kept.
        scored: adds the percentiles.
        seen: how many words there have been.
        left_out: how many of them were left out, by the reason.
    """

    reasons: Mapping[str, Callable[[Sample], bool]]
    unique: bool
    limits: Limits | None
    scored: Callable[[list[Sample]], list[Sample]]
    seen: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    _taken: set[str] = field(default_factory=set)

    def keep(self, samples: Iterable[Sample]) -> list[Sample]:
        """Return those of the samples that are kept, in their order."""
        kept = []
        for sample in samples:
            self.seen += 1
            reason = self._reason(sample)
            if reason:
                self.left_out[reason] += 1
            else:
                kept.append(sample)
                self._taken.add(sample.word)
        return self._within_limits(kept) if self.limits else kept

    def report(self) -> str:
        """Say how many words there were, and for what most of them were left out."""
        parts = [f"{count:,} were {reason}" for reason, count in self.left_out.most_common()]
        return f"of {self.seen:,} generated {', '.join(parts)}" if parts else ""

    def _reason(self, sample: Sample) -> str:
        if self.unique and sample.word in self._taken:
            return "repeated"
        return next((name for name, applies in self.reasons.items() if applies(sample)), "")

    def _within_limits(self, samples: list[Sample]) -> list[Sample]:
        assert self.limits is not None
        least, most = self.limits
        found = self.scored(samples)
        kept = [s for s in found if s.percentile is not None and least <= s.percentile <= most]
        outside = (
            f"not at percentile {least:g}"
            if least == most
            else (f"outside percentiles {least:g} to {most:g}")
        )
        self.left_out[outside] += len(found) - len(kept)
        return kept
