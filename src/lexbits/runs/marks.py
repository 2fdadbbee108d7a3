"""The files that mark a folder as a run, a sweep or a search, and what to do with a wrong one."""

from __future__ import annotations

from pathlib import Path

from lexbits.data.packed import PackedWords
from lexbits.errors import RunError, command
from lexbits.pretrained.places import meant_by

OF_EVERY_RUN = ("config.toml", "alphabet.json")
SWEEP = "sweep.json"
TUNE, BEST = "tune.json", "best.toml"
KEYS = {SWEEP: {"plain", "points"}, TUNE: {"settings", "space", "words"}}
"""What the file that marks a study of lexbits holds at least."""


def is_sweep(path: Path) -> bool:
    """Whether a sweep is at `path`, and not a run."""
    return (path / SWEEP).is_file() and not (path / OF_EVERY_RUN[0]).is_file()


def refuse_no_run(path: Path) -> None:
    """Check that a run is at `path`.

    Raises:
        RunError: there is none, with what is there instead.
    """
    try:
        found = _what_else(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be read ({error.strerror})") from None
    if found:
        raise RunError(f"{path}: {found}")


def _what_else(path: Path) -> str | None:
    """Return what is at `path`, None if it is a run."""
    if path.is_dir():
        missing = [name for name in OF_EVERY_RUN if not (path / name).is_file()]
        if len(missing) == len(OF_EVERY_RUN):
            return _other_folder(path)
        return f"{missing[0]} is missing; restore it from a copy of the run" if missing else None
    if path.is_file():
        training = command("train", path, "--out", "RUN")
        instead = _around(path) or f"; to train on its words: {training}"
        return f"expected the folder of a run, found a file{instead}"
    training = command("train", "DATA", "--out", path)
    if model := meant_by(str(path)):
        return f"no such run folder; the model that comes with lexbits is {model}"
    return f"no such run folder; check the path, or make one with {training}"


def _other_folder(path: Path) -> str:
    if (path / TUNE).is_file():
        what = "a search for settings, which keeps no model"
        if not (path / BEST).is_file():
            return f"{what}; none is finished yet: give its {command('tune')} again"
        training = command("train", "--config", path / BEST, "--out", "RUN")
        return f"{what}; train one with the best settings: {training}"
    if PackedWords.is_at(path):
        return (
            f"packed words, not a run; train on them with {command('train', path, '--out', 'RUN')}"
        )
    what = "a sweep" if (path / SWEEP).is_file() else "not a run folder of lexbits"
    runs = sorted(inside for inside in path.glob("[!.]*") if _is_run(inside))
    if runs:
        return f"{what}, but runs lie in it: give one of them, such as {runs[0]}"
    return f"{what} ({OF_EVERY_RUN[0]} is missing){_around(path)}"


def _around(path: Path) -> str:
    """Say which run `path` lies in, if it lies in one."""
    run = next((place for place in path.parents if _is_run(place)), None)
    return f"; give the run that it lies in, {run}" if run else ""


def _is_run(path: Path) -> bool:
    return all((path / name).is_file() for name in OF_EVERY_RUN)
