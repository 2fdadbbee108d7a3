"""Runs -> files of a figure: how they were trained, or what their models know."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lexbits.data import Say
from lexbits.errors import RunError, UsageError
from lexbits.figures.course import Course, comparable, short_names
from lexbits.figures.kinds import FORMATS, Format, Kind
from lexbits.figures.style import as_file, is_ours
from lexbits.figures.training import training_figure
from lexbits.files import is_foreign, write_whole
from lexbits.pretrained.places import is_packaged
from lexbits.runs import base
from lexbits.runs.checkpoints import read_history
from lexbits.runs.floors import floors_of
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import split_files
from lexbits.runs.marks import OF_EVERY_RUN, is_sweep

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot(
    paths: Sequence[Path],
    say: Say,
    kind: Kind = "training",
    formats: Sequence[Format] = (),
    out: Path | None = None,
    device: str = "cpu",
) -> list[str]:
    """Draw runs, and sweeps, which stand for the runs in them; return the paths of the files.

    Args:
        paths: the folders.
        say: told what there is to know of the figure.
        kind: what is drawn: trainings as they are recorded, or models, which are measured.
        formats: of the files; else PNG, and into a run SVG too.
        out: the file, whose ending says the format; or its name without one, and there is a file
            for each of `formats`. Else the figure of one run goes into its folder, and the name of
            another one, such as that of a model that comes with lexbits, is its kind.
        device: where models are measured.

    Raises:
        RunError: no run is at a path, or no epoch of it is finished; or a file cannot be written.
        UsageError: runs that have no such figure; files that do not go with `formats`; or something
            else than a figure of lexbits is there.
    """
    runs = _with_figure(_runs_of(paths, say), kind, say)
    inside = out is None and len(runs) == 1 and not is_packaged(runs[0].path)
    files = {} if inside else _files(out, kind, formats)
    figure = _trainings(runs, say) if kind == "training" else _models(runs, kind, device, say)
    draw = partial(as_file, figure)
    if inside:
        (run,) = runs
        written = run.write_figure(kind, draw, formats or base.FORMATS)
        return [str(run.path / name) for name in written]
    for file, format_ in files.items():
        write_whole(file, draw(format_))
    return [str(file) for file in files]


def _trainings(runs: Sequence[RunFolder], say: Say) -> Figure:
    """Return the figure of the trainings of runs, and say what is not in it."""
    names = short_names([run.path.resolve().name for run in runs], [r.settings() for r in runs])
    courses = [course_of(run, name) for run, name in zip(runs, names, strict=True)]
    if not comparable(courses):
        say("Note: the runs are scored on different dev words: NLL and ELBO compare shapes only")
    if lacking := [c.name for c in courses if not any("gram" in f.name for f in c.floors)]:
        say(
            f"Note: {', '.join(lacking)}: no line for an n-gram: its words are packed, too many, "
            "or gone"
        )
    return training_figure(courses)


def course_of(run: RunFolder, name: str) -> Course:
    """Return what is drawn of the training of a run.

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


def _models(runs: Sequence[RunFolder], kind: Kind, device: str, say: Say) -> Figure:
    """Return a figure of the models of runs, for which they are measured."""
    from lexbits.word_model import WordModel

    first, *others = [WordModel.load(run.path, device) for run in runs]
    say(f"Measuring on held-out words: {', '.join(run.shown for run in runs)}")
    return first.figure(*others, kind=kind)


def _with_figure(runs: list[RunFolder], kind: Kind, say: Say) -> list[RunFolder]:
    """Return the runs that a figure of a kind can be drawn of, and say which are left out."""
    if kind not in ("gain", "bits"):
        return runs
    kept = [run for run in runs if run.settings().bits]
    left_out = [run.shown for run in runs if run not in kept]
    if not kept:
        raise UsageError(
            f"--kind {kind}: {', '.join(left_out)}: a model without bits (bits = 0) has no such "
            "figure; --kind training and accounting draw it"
        )
    if kind == "bits" and len(kept) > 1:
        raise UsageError(f"--kind bits: expected one run, found {len(kept)}; give one of them")
    if left_out:
        say(f"Note: left out, as there are no bits: {', '.join(left_out)}")
    return kept


def _files(out: Path | None, kind: Kind, formats: Sequence[Format]) -> dict[Path, Format]:
    """Return the files to write outside of a run, each with its format."""
    if out is None:
        files = {Path(f"{kind}.{format_}"): format_ for format_ in formats or FORMATS[:1]}
    else:
        files = _asked_for(out, formats)
    for file in files:
        if is_foreign(file, is_ours):
            raise UsageError(f"{file}: exists and is no figure of lexbits; choose another --out")
    return files


def _asked_for(out: Path, formats: Sequence[Format]) -> dict[Path, Format]:
    """Return the files that --out means, each with its format."""
    ending = out.suffix.lower().removeprefix(".")
    for format_ in FORMATS:
        if format_ == ending:
            if others := [other for other in formats if other != format_]:
                raise UsageError(
                    f"--format {' '.join(others)}: --out {out} says {ending}; leave one of them "
                    "out, or the ending"
                )
            return {out: format_}
    if formats and not ending and not out.is_dir():
        return {out.with_name(f"{out.name}.{format_}"): format_ for format_ in formats}
    endings = ", ".join(f".{known}" for known in FORMATS)
    raise UsageError(f"--out: expected a file that ends in {endings}, found {out}")


def _runs_of(paths: Sequence[Path], say: Say) -> list[RunFolder]:
    """Return the runs at paths, each once."""
    folders: dict[Path, RunFolder] = {}
    for path in paths:
        for run in _runs_at(path, say):
            if run.path.resolve() in folders:
                say(f"Note: {run.shown} is given twice and drawn once")
            folders.setdefault(run.path.resolve(), run)
    return [*folders.values()]


def _runs_at(path: Path, say: Say) -> list[RunFolder]:
    """Return the run at a path, or those of the sweep there of which an epoch is finished."""
    if not is_sweep(path):
        return [RunFolder.open(path)]
    inside = sorted((p.parent for p in path.glob(f"*/{OF_EVERY_RUN[0]}")), key=_in_order)
    runs = [RunFolder.open(run) for run in inside]
    begun = [run for run in runs if run.metrics()]
    for run in runs:
        if run not in begun:
            say(f"Note: {run.path}: no epoch is finished yet")
    if not begun:
        raise RunError(f"{path}: no epoch of a run is finished yet, so there is nothing to draw")
    return begun


def _in_order(path: Path) -> tuple[float, str]:
    """Sort by the number in a name: rate-10 after rate-2."""
    number = re.search(r"\d+(\.\d+)?", path.name)
    return float(number[0]) if number else -1.0, path.name
