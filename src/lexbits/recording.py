"""A training in a run folder: what is kept of it, and how it goes on after a stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from lexbits import __version__
from lexbits.data import without_seen
from lexbits.run import RunFolder
from lexbits.training.checkpoint import pack, unpack
from lexbits.training.loop import Record, train
from lexbits.training.session import Progress, Session

STATE = "state/last.safetensors"
MODEL = "model.safetensors"


class Display(Protocol):
    """What is shown of a training while it runs."""

    def start(self, session: Session) -> None:
        """The session is ready, at its first or a later step."""

    def step(self, session: Session) -> None:
        """A step is done."""

    def epoch(self, session: Session, record: Record, is_best: bool) -> None:
        """An epoch and its evaluation are done."""


class Recorder:
    """Hooks that keep a training in its run folder."""

    def __init__(
        self,
        run: RunFolder,
        records: list[Record],
        display: Display,
        stop_requested: Callable[[], bool],
        save_seconds: float,
    ) -> None:
        self.run = run
        self.records = records
        self.display = display
        self._stop_requested = stop_requested
        self._save_seconds = save_seconds
        self._saved = time.monotonic()

    def step_done(self, session: Session) -> None:
        """Show the step."""
        self.display.step(session)

    def save_due(self) -> bool:
        """Whether enough time has passed since the last save."""
        return time.monotonic() - self._saved >= self._save_seconds

    def stop_requested(self) -> bool:
        """Whether someone asked to stop."""
        return self._stop_requested()

    def save(self, session: Session) -> None:
        """Write the complete state."""
        tensors, facts = session.state()
        self.run.write(STATE, pack("state", tensors, facts, __version__))
        self._saved = time.monotonic()

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Write the model if it is the best, the metrics and the samples; show the epoch.

        The state is saved after this. Killed in between, the training repeats the epoch from the
        state before and writes the same files again.
        """
        if is_best:
            facts = {"epoch": session.progress.epoch, "dev_nll": session.progress.best_nll}
            weights = session.kept.state_dict()
            self.run.write(MODEL, pack("model", weights, facts, __version__))
        self.records.append(record)
        self.run.write_metrics(self.records)
        lines = (f"{sample['word']}\t{sample['status']}\n" for sample in record["samples"])
        self.run.write(f"samples/epoch-{record['epoch']:03d}.txt", "".join(lines))
        self.display.epoch(session, record, is_best)


def train_in_folder(run: RunFolder, display: Display, stop_requested: Callable[[], bool]) -> bool:
    """Train in `run` from its saved state, or from the start; return False if it was stopped.

    The words, settings and alphabet are the folder's own, so a training goes on without the data it
    was started with.
    """
    settings = run.settings()
    train_entries = run.split("train")
    train_forms = [entry.form for entry in train_entries]
    dev_forms = [entry.form for entry in without_seen(run.split("dev"), train_entries)[0]]
    session = Session.start(settings, run.alphabet(), train_forms, dev_forms)
    if run.has(STATE):
        where = str(run.path / STATE)
        session.restore(*unpack("state", run.read(STATE), where), where)
    records = run.metrics()[: session.progress.epoch]  # later ones will be made again
    recorder = Recorder(run, records, display, stop_requested, settings.save_seconds)
    display.start(session)
    return train(session, recorder)


def read_progress(run: RunFolder) -> Progress | None:
    """Return how far the training in `run` has come, None if it has not saved a state."""
    if not run.has(STATE):
        return None
    return Progress(**unpack("state", run.read(STATE), str(run.path / STATE))[1])
