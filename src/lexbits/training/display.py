"""What is shown of a training while it runs: a bar, on a terminal or in a notebook."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from lexbits.training.records import Record
from lexbits.training.session import Session

NOTEBOOK_SECONDS = 0.25
"""Between two changes of a bar in a notebook: each is a message to the browser."""


class Display(Protocol):
    """What is shown of a training while it runs."""

    def teacher(self, number: int, teachers: int) -> None:
        """What follows is the training of teacher `number`, from 0, of this many."""

    def synthetic(self, words: int, total: int) -> None:
        """This many of all synthetic words that are wanted are there."""

    def start(self, session: Session) -> None:
        """The session is ready, at its first or a later step."""

    def step(self, session: Session) -> None:
        """A step is done."""

    def epoch(self, session: Session, record: Record, is_best: bool) -> None:
        """An epoch and its evaluation are done."""


def errors_console() -> Console:
    """Return a console on stderr as it is now, or in the cell of a notebook."""
    return Console(stderr=True, force_terminal=sys.stderr is not None and sys.stderr.isatty())


class Bar:
    """A bar of steps, shown while the block of a `with` runs.

    It is shown on a terminal, where it vanishes at its end, and in a notebook, where it stays;
    nowhere else.

    Args:
        console: where to.
        unit: what is counted.
    """

    def __init__(self, console: Console, unit: str = "steps") -> None:
        self._notebook = _Notebook() if console.is_jupyter else None
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}, left"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal or console.is_jupyter,
        )
        self._unit = unit
        self._task = self._bar.add_task("", total=None, unit=unit)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()
        if self._notebook:
            self._notebook.show(self._bar, last=True)

    def begin(
        self, description: str, total: int | None = None, done: int = 0, unit: str = ""
    ) -> None:
        """Begin to count anew, perhaps something else, so that the time left is what follows'."""
        self._bar.reset(
            self._task,
            total=total,
            completed=done,
            description=description,
            unit=unit or self._unit,
        )
        self._bar.start()

    def move(self, description: str, done: int) -> None:
        """Show how many are done."""
        self._bar.update(self._task, completed=done, description=description)
        if self._notebook:
            self._notebook.show(self._bar)


class _Notebook:
    """The place of a bar in the cell of a notebook.

    rich itself shows bars in notebooks by ipywidgets only, which not everybody has, and which keep
    nothing in a notebook that is saved.
    """

    def __init__(self) -> None:
        self._place: Any = None
        self._shown = 0.0

    def show(self, bar: Progress, last: bool = False) -> None:
        """Draw the bar, unless it was drawn a moment ago; the `last` time, if there is one."""
        now = time.monotonic()
        if self._place is None if last else now - self._shown < NOTEBOOK_SECONDS:
            return
        self._shown = now
        if self._place is not None:
            self._place.update(bar)
            return
        from IPython.display import display  # it is there: this is a notebook

        self._place = display(bar, display_id=True)


@contextmanager
def showing(wanted: bool) -> Iterator[Display]:
    """Show a training by a bar on stderr or in a notebook while the block runs, if it is wanted."""
    if not wanted:
        yield SILENT
        return
    with Bar(errors_console()) as bar:
        yield TrainingBar(bar)


class TrainingBar:
    """Shows a training, its teachers and its synthetic words by a bar."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._teacher = self._stage = self._dev = ""

    def teacher(self, number: int, teachers: int) -> None:
        """Name the teacher before its epochs."""
        self._teacher = f"teacher {number + 1} of {teachers}, "

    def synthetic(self, words: int, total: int) -> None:
        """Count the synthetic words."""
        if self._stage != "synthetic words":
            self._stage = "synthetic words"
            self._bar.begin(self._stage, total, unit="words")
        self._bar.move(self._stage, words)

    def start(self, session: Session) -> None:
        """Count the steps of this session."""
        self._stage, self._teacher, self._dev = self._teacher, "", ""
        self._bar.begin(self._epoch(session), session.steps, session.progress.step)

    def step(self, session: Session) -> None:
        """Move the bar; say what is known of how good the model is."""
        progress = session.progress
        known = self._dev or f"training ELBO {progress.elbo_sum / progress.words:.2f}"
        self._bar.move(f"{self._epoch(session)}, {known}", progress.step)

    def epoch(self, session: Session, record: Record, is_best: bool) -> None:
        """Show the dev NLL from here on."""
        self._dev = f"dev NLL {record['dev_nll']:.2f}"

    def _epoch(self, session: Session) -> str:
        return f"{self._stage}epoch {session.progress.epoch + 1}/{session.epochs}"


class Silence:
    """Shows nothing."""

    def teacher(self, number: int, teachers: int) -> None:
        """Nothing."""

    def synthetic(self, words: int, total: int) -> None:
        """Nothing."""

    def start(self, session: Session) -> None:
        """Nothing."""

    def step(self, session: Session) -> None:
        """Nothing."""

    def epoch(self, session: Session, record: Record, is_best: bool) -> None:
        """Nothing."""


SILENT = Silence()
