"""Where a training stands: counters that, with the tensors, are all that is needed to resume.

A training is a leg, or several: each has a number of epochs and a schedule of the learning rate of
its own. The first has the length that the settings give; the others are added by those who extend
a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from lexbits.errors import RunError
from lexbits.objective import Terms
from lexbits.training.records import Record, best_record


@dataclass
class Progress:
    """Where a training stands.

    Attributes:
        step: steps done.
        epoch: epochs done, their evaluation included.
        batch: batches done of the current epoch.
        words: words seen in the epoch under way, and the sums over them of elbo, rate, distortion.
        seconds: spent on the epoch under way.
        best_score: lowest `dev_score` of an epoch so far, None before the first.
        best_epoch: the epoch (from 1) that reached it.
        finished: whether the last epoch is done or patience has run out.
        leg_epoch: epochs done before the present leg.
        leg_step: steps done before it.
        leg_epochs: its number of epochs; 0 where the settings give it.
        leg_best_score: as `best_score`, in this leg.
        leg_best_epoch: the epoch that reached it; that before the leg, until one is done.
        later_legs: the number of epochs of each leg after this one.
    """

    step: int = 0
    epoch: int = 0
    batch: int = 0
    words: int = 0
    elbo_sum: float = 0.0
    rate_sum: float = 0.0
    distortion_sum: float = 0.0
    seconds: float = 0.0
    best_score: float | None = None
    best_epoch: int = 0
    finished: bool = False
    leg_epoch: int = 0
    leg_step: int = 0
    leg_epochs: int = 0
    leg_best_score: float | None = None
    leg_best_epoch: int = 0
    later_legs: list[int] = field(default_factory=list)

    @classmethod
    def after(cls, records: Sequence[Record]) -> Self:
        """Return where a training stands that begins a leg after the epochs of `records`."""
        if not records:
            return cls()
        best, epoch, step = best_record(records), len(records), records[-1]["step"]
        return cls(
            step=step,
            epoch=epoch,
            best_score=best["dev_score"],
            best_epoch=best["epoch"],
            leg_epoch=epoch,
            leg_step=step,
            leg_best_epoch=epoch,
        )

    @classmethod
    def from_counters(cls, counters: dict[str, Any], where: str) -> Self:
        """Return the progress of a state's counters; `where` names its file in messages.

        Raises:
            RunError: the counters of another version.
        """
        try:
            progress = cls(**counters)
        except TypeError:
            raise RunError(
                f"{where}: the state does not fit this version of lexbits (found the counters "
                f"{', '.join(counters)}): another version has trained this run"
            ) from None
        if "leg_epoch" not in counters:  # of a version that knew one leg only
            progress.leg_best_score = progress.best_score
            progress.leg_best_epoch = progress.best_epoch
        return progress

    def add(self, terms: Terms, words: int) -> None:
        """Count one step on a batch of `words`."""
        self.step += 1
        self.batch += 1
        self.words += words
        self.elbo_sum += float(terms.elbo) * words
        self.rate_sum += float(terms.rate) * words
        self.distortion_sum += float(terms.distortion) * words

    def training_means(self) -> dict[str, float]:
        """Return the training metrics of the current epoch, nats per word."""
        return {
            "train_elbo": self.elbo_sum / self.words,
            "train_rate": self.rate_sum / self.words,
            "train_distortion": self.distortion_sum / self.words,
        }

    def end_epoch(self, score: float) -> bool:
        """Count the epoch and clear what belongs to it; return whether its score is the best."""
        self.epoch += 1
        self.batch = self.words = 0
        self.elbo_sum = self.rate_sum = self.distortion_sum = self.seconds = 0.0
        if self.leg_best_score is None or score < self.leg_best_score:
            self.leg_best_score, self.leg_best_epoch = score, self.epoch
        if self.best_score is not None and score >= self.best_score:
            return False
        self.best_score, self.best_epoch = score, self.epoch
        return True

    def end_leg(self) -> None:
        """Begin the next leg; without one, the training is finished."""
        self.finished = not self.later_legs
        if self.later_legs:
            self.leg_epochs = self.later_legs.pop(0)
            self.leg_epoch, self.leg_step = self.epoch, self.step
            self.leg_best_score, self.leg_best_epoch = None, self.epoch

    def extend(self, epochs: int) -> None:
        """Add a leg of this many epochs; a training that is finished begins it at once."""
        self.later_legs.append(epochs)
        if self.finished:
            self.end_leg()
