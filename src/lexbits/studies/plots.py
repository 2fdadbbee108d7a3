"""Runs -> the figure of their trainings, one or several on the same axes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lexbits.errors import RunError, UsageError
from lexbits.figures.course import Course, comparable, short_names
from lexbits.figures.style import KINDS, as_file, is_ours
from lexbits.figures.training import training_figure
from lexbits.files import write_whole
from lexbits.runs.checkpoints import read_history
from lexbits.runs.floors import floors_of
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import split_files
from lexbits.runs.marks import OF_EVERY_RUN, SWEEP

DEFAULT = Path("training.png")


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes:
        runs: the folders.
        courses: their trainings.
        notes: what to know of the figure.
    """

    runs: list[RunFolder]
    courses: list[Course]
    notes: list[str]

    def file(self, kind: str) -> bytes:
        """Return the figure as a file of `kind`."""
        return as_file(training_figure(self.courses), kind)


def plot_of(paths: Sequence[Path]) -> Plot:
    """Return what is to be drawn of runs, and of sweeps, which stand for the runs in them.

    Raises:
        RunError: no run is at a path, or no epoch of it is finished.
    """
    notes: list[str] = []
    folders: dict[Path, RunFolder] = {}
    for path in paths:
        for run in _runs_at(path, notes):
            if run.path.resolve() in folders:
                notes.append(f"{run.path} is given twice and drawn once")
            folders.setdefault(run.path.resolve(), run)
    runs = list(folders.values())
    names = short_names([path.name for path in folders], [run.settings() for run in runs])
    courses = [course_of(run, name) for run, name in zip(runs, names, strict=True)]
    if not comparable(courses):
        notes.append("the runs are scored on different dev words: NLL and ELBO compare shapes only")
    if lacking := [c.name for c in courses if not any("gram" in f.name for f in c.floors)]:
        notes.append(
            f"{', '.join(lacking)}: no line for an n-gram: its words are packed, too many, or gone"
        )
    return Plot(runs, courses, notes)


def course_of(run: RunFolder, name: str = "") -> Course:
    """Return what is drawn of a run.

    Raises:
        RunError: no epoch is finished; or as `read_history`.
    """
    records, _ = read_history(run)
    if not records:
        raise RunError(f"{run.path}: no epoch is finished yet, so there is nothing to draw")
    settings, identity = run.settings(), run.identity()
    dev = [identity.sha256.get(file) for file in split_files("dev")] if identity else run.path
    words = (str(dev), records[0]["dev_words"])
    return Course(name, settings, records, floors_of(run), words)


def write_into_run(plot: Plot) -> list[str]:
    """Write the figure of one run into its folder; return the paths of the files."""
    (run,) = plot.runs
    return [str(run.path / name) for name in run.write_figure("training", plot.file)]


def write_plot(plot: Plot, out: Path | None) -> Path:
    """Write the figure of several runs to a file of its own.

    Args:
        plot: from `plot_of`.
        out: the file; its ending says of what kind. Without one it is `DEFAULT` here.

    Raises:
        UsageError: another ending; or the file is there and is no figure of lexbits.
        RunError: it cannot be written.
    """
    file = out or DEFAULT
    kind = file.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        endings = ", ".join(f".{known}" for known in KINDS)
        raise UsageError(f"--out: expected a file that ends in {endings}, found {file}")
    try:
        taken = file.exists() and not (file.is_file() and is_ours(file.read_bytes()))
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror})") from None
    if taken:
        raise UsageError(f"{file}: exists and is no figure of lexbits; choose another --out")
    write_whole(file, plot.file(kind))
    return file


def _runs_at(path: Path, notes: list[str]) -> list[RunFolder]:
    """Return the run at a path, or those of the sweep there of which an epoch is finished."""
    if not (path / SWEEP).is_file() or (path / OF_EVERY_RUN[0]).is_file():
        return [RunFolder.open(path)]
    inside = sorted((p.parent for p in path.glob(f"*/{OF_EVERY_RUN[0]}")), key=_in_order)
    runs = [RunFolder.open(run) for run in inside]
    begun = [run for run in runs if run.metrics()]
    notes += [f"{run.path}: no epoch is finished yet" for run in runs if run not in begun]
    if not begun:
        raise RunError(f"{path}: no epoch of a run is finished yet, so there is nothing to draw")
    return begun


def _in_order(path: Path) -> tuple[float, str]:
    """Sort by the number in a name: rate-10 after rate-2."""
    number = re.search(r"\d+(\.\d+)?", path.name)
    return float(number[0]) if number else -1.0, path.name
