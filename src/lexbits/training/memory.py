"""A training that is kept in memory only."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.model import LatentWordModel
from lexbits.training.loop import Record, train
from lexbits.training.session import Session
from lexbits.training.teachers import draw, teacher_settings


def train_in_memory(
    settings: Settings, alphabet: Alphabet, words: Sequence[str], dev: Sequence[str]
) -> tuple[LatentWordModel, list[Record]]:
    """Train on `words`, after the teachers if there are any.

    Returns:
        The networks of the best epoch, and the figures of every epoch.

    Raises:
        UsageError: settings that do not fit one another.
        DivergenceError: the loss stopped being finite.
    """
    teachers = [
        train_in_memory(teacher_settings(settings, number), alphabet, words, dev)[0]
        for number in range(settings.teachers)
    ]
    pieces = draw(teachers, words, dev, alphabet, settings)
    drawn = [word for piece in pieces for word in piece]
    first = teachers[0] if teachers else None
    session = Session.start(settings, alphabet, words, dev, drawn, first)
    hooks = BestInMemory()
    with torch.random.fork_rng(devices=[]):
        train(session, hooks)
    session.model.load_state_dict(hooks.best)
    return session.model.cpu().eval(), hooks.records


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
            self.best = {name: t.clone() for name, t in session.evaluated.state_dict().items()}
