"""The estimator of a run where it is code of the user's own: its source is kept, and never run.

To use a model takes no estimator. To train it further does: the user names it again, and its source
has to be the one that was kept.
"""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from lexbits.config import Settings
from lexbits.errors import RunError, UsageError, command_line, warn
from lexbits.estimators.own import is_own, take, taken
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import ESTIMATOR, sha256

SHOWN_DIGITS = 12


def take_estimator(
    settings: Settings, config: Path | None = None, flags: Container[str] = ()
) -> None:
    """Run the code of an estimator of the user's own that settings name, if bits are trained.

    Args:
        settings: those that the user has given, and not those of a run.
        config: the file that some of them come from, if they do.
        flags: the names of those that do not.

    Raises:
        UsageError: as `own.take`; or it is named by nothing but the settings file of a run.
    """
    if not settings.bits:
        return
    if config and is_own(settings.estimator) and "estimator" not in flags:
        run = RunFolder(config.parent)
        if RunFolder.is_at(run.path):
            place, _, attribute = settings.estimator.rpartition(":")
            place = str(run.path / ESTIMATOR) if run.keeps_estimator() else place
            raise UsageError(
                f"{config}: the settings of a run, whose estimator {settings.estimator} is code "
                "of your own, which is run only where you name it: give --estimator "
                f"{place}:{attribute}"
            )
    take(settings.estimator)


def source_to_keep(settings: Settings) -> str | None:
    """Return the source of an estimator of the user's own; a warning says if there is none."""
    own = taken(settings.estimator) if settings.bits else None
    if own and own.source is None:
        warn_of_no_source(settings)
    return own.source if own else None


def warn_of_no_source(settings: Settings) -> None:
    """Warn that an estimator is not kept with a run or a saved model."""
    warn(
        f"the source of the estimator {settings.estimator} is not available, so it is not kept; "
        "keep it yourself, or write it to a file and give FILE.py:NAME"
    )


def take_again(run: RunFolder, given: str) -> None:
    """Take `given`, which the user names, as the estimator to train `run` further with.

    Raises:
        UsageError: the run was trained with another; or as `own.take`.
        RunError: its source is not the one that was kept.
    """
    name = run.settings().estimator
    if not is_own(name) or not run.settings().bits:
        if given != name:
            raise UsageError(
                f"{run.path}: trained with the estimator {name}, found {given}: a training is "
                "resumed with its own; train another run with --out"
            )
        return
    found, expected = given.rpartition(":")[2], name.rpartition(":")[2]
    if found != expected:
        raise UsageError(
            f"{run.path}: trained with the estimator {name}, found {given}: {_how_to_name(run)}"
        )
    take(given, name)
    refuse_other_estimator(run)


def refuse_other_estimator(run: RunFolder) -> None:
    """Check that the estimator of `run`, if it is of the user's own, was taken, and is the same.

    Raises:
        RunError: it was not named in this process, or its source is another than was kept.
    """
    settings = run.settings()
    if not settings.bits or not is_own(settings.estimator):
        return
    own, kept = taken(settings.estimator), run.estimator_source()
    if own is None:
        raise RunError(
            f"{run.path}: trained with the estimator {settings.estimator}, code of your own, which "
            f"is run only where you name it: {_how_to_name(run)}"
        )
    if kept is not None and own.source != kept:
        now = _digest(own.source) if own.source is not None else "none"
        raise RunError(
            f"{run.path}: trained with another {settings.estimator}: expected the source of "
            f"SHA-256 {_digest(kept)}, found {now}; {_how_to_name(run)}, or train another run"
        )


def to_resume(run: RunFolder) -> str:
    """Return the command that resumes the training of `run`, its estimator named if need be."""
    settings = run.settings()
    words: list[object] = ["train", "--resume", run.path]
    if settings.bits and is_own(settings.estimator):
        place, _, attribute = settings.estimator.rpartition(":")
        if run.keeps_estimator():
            place = str(run.path / ESTIMATOR)
        elif not place.endswith(".py"):
            place = "FILE.py"
        words += ["--estimator", f"{place}:{attribute}"]
    return command_line(*words)


def _how_to_name(run: RunFolder) -> str:
    """Say how the estimator of `run` is named again."""
    if not run.keeps_estimator():  # a run of an earlier version, or nothing was there to keep
        return f"give `{to_resume(run)}`, with the code it was trained with (no copy is kept)"
    return f"give `{to_resume(run)}`, which is the source that the run has kept"


def _digest(source: str) -> str:
    return f"{sha256(source.encode())[:SHOWN_DIGITS]}…"
