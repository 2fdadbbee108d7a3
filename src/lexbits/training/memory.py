"""A training that is kept in memory only."""

from __future__ import annotations

import copy
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.training_words import TrainingWords
from lexbits.errors import warn
from lexbits.model import LatentWordModel
from lexbits.randomness import derive_seed
from lexbits.training.display import SILENT, Display
from lexbits.training.length import synthetic_in_all
from lexbits.training.loop import evaluate_dev, train
from lexbits.training.progress import Progress
from lexbits.training.records import Record, best_record
from lexbits.training.session import Session
from lexbits.training.teachers import draw, teacher_settings

ONE_AT_A_TIME = threading.RLock()
"""Threads that train wait for one another: the noise of steps comes from torch's one generator.

A training inside another, as in what is called after its epochs, need not wait for it: each step
seeds the generator.
"""

OnEpoch = Callable[[Record], object]
"""What is called with the metrics of each epoch."""


@dataclass(frozen=True)
class Before:
    """What a training continues from.

    Attributes:
        network: the networks whose weights it starts from.
        records: the metrics of the epochs that made them, of the same words and scores: the new
            ones are numbered and compared with these, and the networks stay what they are if no
            epoch is better. None where words or scores are others.
    """

    network: LatentWordModel
    records: Sequence[Record] = ()


def train_in_memory(
    settings: Settings,
    alphabet: Alphabet,
    words: Sequence[str] | TrainingWords,
    dev: Sequence[str],
    display: Display = SILENT,
    on_epoch: OnEpoch | None = None,
    before: Before | None = None,
) -> tuple[LatentWordModel, list[Record]]:
    """Train on `words`, after the teachers if there are any.

    Ctrl-C ends the training: what it has come to by then is returned, with a warning.

    Args:
        settings: those of the training.
        alphabet: the symbols.
        words: the words to learn from.
        dev: the words to select by.
        display: shows what is happening.
        on_epoch: called after each epoch, but for those of teachers, with a record of its own.
        before: what it starts from, in place of chance and of the first teacher.

    Returns:
        The networks of the best epoch, and the metrics of every epoch, those before it first.

    Raises:
        UsageError: settings that do not fit one another.
        DivergenceError: as `train`.
        KeyboardInterrupt: Ctrl-C before the first epoch was done.
    """
    hooks, session = BestInMemory(display, on_epoch), None
    try:
        with ONE_AT_A_TIME:
            session = _prepared(settings, alphabet, words, dev, display, before)
            if before:
                hooks.continue_from(session, before)
            compare = bool(before and not before.records)
            nll = evaluate_dev(session).nll if compare else math.inf
            _train(session, hooks)
    except KeyboardInterrupt:
        if session is None or not hooks.records:
            raise KeyboardInterrupt(
                "the training was stopped before its first epoch was done: there is no model yet"
            ) from None
        best = best_record(hooks.records)["epoch"]
        warn(
            f"the training was stopped after {len(hooks.records)} of {session.epochs} epochs: "
            f"the model is that of the best one so far, {best}"
        )
    if before:
        _say_if_worse(best_record(hooks.records), nll, len(before.records))
    return hooks.network_of(session), hooks.records


def _say_if_worse(best: Record, nll: float, epochs: int) -> None:
    """Warn where a training that started from trained networks has made nothing better of them.

    Args:
        best: the record of the best epoch.
        nll: their dev NLL, if no record says it.
        epochs: the number of epochs before.
    """
    if best["epoch"] <= epochs:
        warn(
            f"no new epoch is better than epoch {best['epoch']} before them (dev NLL "
            f"{best['dev_nll']:.2f}): the model is still that one"
        )
    elif best["dev_nll"] > nll:
        warn(
            f"the dev NLL of the best epoch is {best['dev_nll']:.2f}, and was {nll:.2f} before the "
            "training: try more epochs, or a smaller learning_rate"
        )


def _prepared(
    settings: Settings,
    alphabet: Alphabet,
    words: Sequence[str] | TrainingWords,
    dev: Sequence[str],
    display: Display,
    before: Before | None = None,
) -> Session:
    """Train the teachers, draw words from them, and return the session that learns from both."""
    teachers = []
    for number in range(settings.teachers):
        display.teacher(number, settings.teachers)
        taught = _prepared(teacher_settings(settings, number), alphabet, words, dev, display)
        hooks = BestInMemory(display)
        _train(taught, hooks)
        teachers.append(hooks.network_of(taught).to(taught.fabric.device))
    drawing = settings
    if before and before.records:  # other words than those of the epochs before
        seed = derive_seed(settings.seed, "synthetic words after", len(before.records))
        drawing = settings.model_copy(update={"seed": seed})
    synthetic: list[str] = []
    for piece in draw(teachers, words, dev, alphabet, drawing):
        synthetic += piece
        display.synthetic(len(synthetic), synthetic_in_all(settings, len(words)))
    first = teachers[0] if teachers else None
    weights = before.network if before else None
    return Session.start(settings, alphabet, words, dev, synthetic, first, weights=weights)


def _train(session: Session, hooks: BestInMemory) -> None:
    hooks.display.start(session)
    train(session, hooks)


class BestInMemory:
    """Hooks of a training without a run folder.

    Attributes:
        display: shows what is happening.
        records: the metrics of every epoch so far.
        best: the model's weights at the best of them.
    """

    def __init__(self, display: Display = SILENT, on_epoch: OnEpoch | None = None) -> None:
        self.display = display
        self._on_epoch = on_epoch
        self.records: list[Record] = []
        self.best: dict[str, Tensor] = {}

    def continue_from(self, session: Session, before: Before) -> None:
        """Begin after the epochs of `before`, of which its networks are the best so far."""
        session.progress = Progress.after(before.records)
        best = {name: t.clone() for name, t in session.evaluated.state_dict().items()}
        self.records, self.best = [*before.records], best

    def network_of(self, session: Session) -> LatentWordModel:
        """Return the networks of the session's best epoch, on the CPU."""
        session.model.load_state_dict(self.best)
        return session.model.cpu().eval()

    def step_done(self, session: Session) -> None:
        """Show the step."""
        self.display.step(session)

    def save_due(self) -> bool:
        """There is nowhere to save to."""
        return False

    def stop_requested(self) -> bool:
        """Ctrl-C reaches the caller as usual."""
        return False

    def save(self, session: Session) -> None:
        """Do nothing."""

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Keep the record, and the weights if they are the best; then tell who asked for it."""
        best = self.best
        if is_best:
            best = {name: t.clone() for name, t in session.evaluated.state_dict().items()}
        # Together: Ctrl-C may come between any two calls.
        self.records, self.best = [*self.records, record], best
        self.display.epoch(session, record, is_best)
        if self._on_epoch:
            self._on_epoch(copy.deepcopy(record))
