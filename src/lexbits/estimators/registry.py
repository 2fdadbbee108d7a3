"""Estimators by name: those of the table, those that other packages register, and any in a file."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from lexbits.errors import UsageError, warn
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.base import Estimator

ENTRY_POINT_GROUP = "lexbits.estimators"


def available() -> dict[str, type[Estimator]]:
    """Return all estimators by name: the table first, then those of installed packages.

    One that cannot be loaded, or is no estimator, is skipped with a warning.

    Examples:
        >>> "rloo" in available()
        True
    """
    others = {}
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name in ESTIMATORS:
            continue
        try:
            others[point.name] = _checked(f"entry point {point.value}", point.load())
        except Exception as error:  # whatever code of others raises while it is imported
            reason = str(error) if isinstance(error, UsageError) else described(error)
            warn(f"the estimator {point.name} of another package is skipped: {reason}")
    return ESTIMATORS | others


def find(name: str) -> type[Estimator]:
    """Return the estimator `name`, or NAME of a module or file given as MODULE:NAME.

    The latter runs the code of the module.

    Raises:
        UsageError: there is none, with the nearest names; the module is missing or cannot be
            imported, or NAME is no estimator.

    Examples:
        >>> find("rloo").least_samples
        2
    """
    if name.endswith(".py") or ":" in name:
        return _load(name)
    if name in ESTIMATORS:
        return ESTIMATORS[name]
    known = available()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"unknown estimator {name!r}{guess} (known are: {', '.join(known)})")
    return known[name]


def described(error: BaseException, file: str | None = None) -> str:
    """Return in one line what was raised and where, in `file` if the error has come through it."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename == file] or frames
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, SyntaxError):  # it names its place itself, and no frame is of it
        return text
    return f"{text} ({inside[-1].filename}, line {inside[-1].lineno})" if inside else text


def _load(name: str) -> type[Estimator]:
    place, _, attribute = name.rpartition(":")
    if not place or not attribute:
        raise UsageError(
            f"{name}: expected a file and the name of an estimator in it, FILE.py:NAME"
        )
    module = _import(place)
    if not hasattr(module, attribute):
        near = difflib.get_close_matches(attribute, vars(module), n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"{place}: has no {attribute!r}{guess}")
    return _checked(name, getattr(module, attribute))


def _import(place: str) -> ModuleType:
    path = Path(place)
    try:
        if path.suffix != ".py":
            sys.path.insert(0, "")  # as `python -m` does: modules of the folder one stands in
            try:
                return importlib.import_module(place)
            finally:
                sys.path.remove("")
        if not path.is_file():
            raise UsageError(f"{place}: expected a file with an estimator, found none there")
        spec = importlib.util.spec_from_file_location(path.stem, path.absolute())
        if spec is None or spec.loader is None:
            raise UsageError(f"{place}: cannot be imported")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:  # whatever code of others raises while it is imported
        raise UsageError(
            f"{place}: cannot be imported: {described(error, str(path.absolute()))}"
        ) from None
    return module


def _checked(name: str, found: object) -> type[Estimator]:
    if not (isinstance(found, type) and issubclass(found, Estimator)):
        raise UsageError(f"{name}: expected a subclass of lexbits.estimators.Estimator")
    return found
