"""A training that is kept in memory only."""

from __future__ import annotations

from torch import Tensor

from lexbits.training.loop import Record
from lexbits.training.session import Session


class BestInMemory:
    """Hooks of a training without a run folder.

    Attributes:
        records: the figures of every epoch so far.
        best: the model's weights at the best of them.
    """

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.best: dict[str, Tensor] = {}

    def step_done(self, session: Session) -> None:
        """Do nothing."""

    def save_due(self) -> bool:
        """There is nowhere to save to."""
        return False

    def stop_requested(self) -> bool:
        """Ctrl-C reaches the caller as usual."""
        return False

    def save(self, session: Session) -> None:
        """Do nothing."""

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Keep the record, and the weights if they are the best."""
        self.records.append(record)
        if is_best:
            self.best = {name: t.clone() for name, t in session.kept.state_dict().items()}
