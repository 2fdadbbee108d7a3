"""A training in a run folder: what is kept of it, and how it resumes after a stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from lexbits.data import forms_of, without_seen
from lexbits.data.training_words import TrainingWords, to_learn_from
from lexbits.errors import RunError, command
from lexbits.files import is_empty
from lexbits.objective import make_estimator
from lexbits.runs.checkpoints import (
    MODEL,
    STATE,
    pack_model,
    pack_state,
    read_model,
    read_progress,
    read_state,
)
from lexbits.runs.estimator import refuse_other_estimator
from lexbits.runs.folder import RunFolder
from lexbits.runs.start import starting_network, without_start
from lexbits.training.devices import make_fabric, precision_of, processes_of
from lexbits.training.display import Display
from lexbits.training.length import synthetic_in_all
from lexbits.training.loop import train
from lexbits.training.records import Record
from lexbits.training.session import Session
from lexbits.training.teachers import draw, teacher_settings

if TYPE_CHECKING:
    import torch

    from lexbits.config import Settings
    from lexbits.training.devices import Fabric


class Recorder:
    """Hooks that keep a training in its run folder; of several processes the first one writes."""

    def __init__(
        self,
        run: RunFolder,
        records: list[Record],
        display: Display,
        stop_requested: Callable[[], bool],
        save_seconds: float,
        writes: bool,
    ) -> None:
        self.run = run
        self.records = records
        self.display = display
        self.writes = writes
        self._stop_requested = stop_requested
        self._save_seconds = save_seconds
        self._saved = time.monotonic()
        self._mark = run.digest()

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
        if not self.writes:
            return
        self.run.write(STATE, pack_state(session, self._mark, self.records))
        self._saved = time.monotonic()

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Write the model if it is the best, the metrics and the samples; show the epoch.

        The state is saved after this. Killed in between, the training repeats the epoch from the
        state before and writes the same files again.
        """
        if not self.writes:
            return
        self.records.append(record)
        if is_best:
            progress = session.progress
            facts = {"epoch": progress.epoch, "dev_score": progress.best_score}
            content = pack_model(session.evaluated, facts, self._mark, self.records)
            self.run.write(MODEL, content)
        self.run.write_metrics(self.records)
        lines = (f"{sample['word']}\t{sample['status']}\n" for sample in record["samples"])
        self.run.write(f"samples/epoch-{record['epoch']:03d}.txt", "".join(lines))
        self.display.epoch(session, record, is_best)


def train_in_folder(
    run: RunFolder,
    display: Display,
    stop_requested: Callable[[], bool],
    fabric: Fabric | None = None,
    more: int = 0,
) -> bool:
    """Train in `run` from its saved state, or from the start; return False if it was stopped.

    The words, settings and alphabet are the folder's own, so a training resumes without the data it
    was started with. Its teachers, if there are any, are trained before it in folders inside. The
    processes of `fabric`, if there are several, all call this, and see the same folder.

    Args:
        run: the folder.
        display: shows what is happening.
        stop_requested: whether to save the state and return.
        fabric: the devices and processes; this process on the device of the run unless said.
        more: epochs to train after those that are planned, in a leg of their own. They are saved
            with the state before the first of them, so that whoever resumes knows of them.

    Raises:
        RunError: the run has no state that could be continued; or its files do not fit together.
    """
    settings, alphabet = run.settings(), run.alphabet()
    fabric = fabric or make_fabric(settings)
    settings = settings.model_copy(update={"precision": precision_of(fabric)})
    processes = processes_of(fabric)
    processes.run_on_main(lambda: _refuse_without_state(run))
    refuse_other_estimator(run)
    make_estimator(settings, features=1)  # one that does not fit is refused before any teacher
    words = train_forms, dev_forms = _words(run)
    state = read_state(run)
    if more and state is None:
        raise RunError(
            f"{run.path}: expected a training to extend, found one that has not begun: resume it "
            f"with {command('train', '--resume', run.path)}, and add epochs later"
        )
    has_synthetic = processes.run_on_main(run.has_synthetic)
    if not (state and has_synthetic):  # a state holds what the weights of the first teacher became
        for number in range(settings.teachers):
            if not _train_teacher(run, number, display, stop_requested, fabric):
                return False
    wanted = settings.teachers or settings.synthetic_words
    if wanted and not (
        has_synthetic
        or processes.run_on_main(
            lambda: _draw(run, settings, words, display, stop_requested, fabric.device)
        )
    ):
        return False
    synthetic = run.synthetic() if run.has_synthetic() else []
    weights = None if state else starting_network(run)
    taught = settings.teachers and not state and weights is None
    first = read_model(RunFolder.open(run.teacher(0)))[0] if taught else None
    session = Session.start(
        settings, alphabet, train_forms, dev_forms, synthetic, first, fabric, weights
    )
    records: list[Record] = []  # of later epochs than the state's: they will be made again
    if state:
        session.restore(state.tensors, state.counters, str(run.path / STATE))
        records = state.records
    seconds = settings.save_seconds
    recorder = Recorder(run, records, display, stop_requested, seconds, processes.first)
    if more:
        session.progress.extend(more)
    if state is None or more:
        recorder.save(session)  # from here on a model without a state is no training
    display.start(session)
    finished = train(session, recorder)
    processes.wait()  # until all is written
    return finished


def _refuse_without_state(run: RunFolder) -> None:
    if run.has(MODEL) and not run.has(STATE):
        raise RunError(
            f"{run.path}: expected a training to resume, found a model without one ({STATE} is "
            "missing): it can be used but not trained further; train another from its weights with "
            f"{command('train', '--start-from', run.path, '--out', 'NEW')}"
        )


def _words(run: RunFolder) -> tuple[TrainingWords, list[str]]:
    """Return the words to learn from and the dev words that are not among them.

    Their entries, which millions of words make large, are gone before the training.
    """
    train = run.split("train")
    dev, _ = without_seen(run.split("dev"), train)
    return to_learn_from(train), forms_of(dev)


def _train_teacher(
    run: RunFolder,
    number: int,
    display: Display,
    stop_requested: Callable[[], bool],
    fabric: Fabric,
) -> bool:
    """Train teacher `number` of `run`, if it is not; return False if it was stopped."""
    processes = processes_of(fabric)
    teacher = processes.run_on_main(lambda: _open_teacher(run, number))
    progress = read_progress(teacher)
    if progress is not None and progress.finished:
        return True
    display.teacher(number, run.settings().teachers)
    with ExitStack() as stack:  # a teacher is a run: somebody might resume it alone
        processes.run_on_main(lambda: stack.enter_context(teacher.locked()))
        return train_in_folder(teacher, display, stop_requested, fabric)


def _draw(
    run: RunFolder,
    settings: Settings,
    words: tuple[TrainingWords, list[str]],
    display: Display,
    stop_requested: Callable[[], bool],
    device: torch.device,
) -> bool:
    """Keep words drawn from the teachers of `run` on `device`; return False if it was stopped."""
    train_forms, dev_forms = words
    if not train_forms.can_fit_ngram:  # so many that no more are needed
        run.write_synthetic([])
        return True
    runs = (RunFolder.open(run.teacher(n)) for n in range(settings.teachers))
    teachers = [read_model(teacher)[0].to(device) for teacher in runs]
    synthetic: list[str] = []
    for piece in draw(teachers, train_forms, dev_forms, run.alphabet(), settings):
        synthetic += piece
        display.synthetic(len(synthetic), synthetic_in_all(settings, len(train_forms)))
        if stop_requested():
            return False
    run.write_synthetic(synthetic)
    return True


def _open_teacher(run: RunFolder, number: int) -> RunFolder:
    path = run.teacher(number)
    if not is_empty(path):
        return RunFolder.open(path)
    settings = teacher_settings(run.settings(), number)
    return RunFolder.create(
        path, settings, run.alphabet(), run.splits(), without_start(run.facts())
    )
