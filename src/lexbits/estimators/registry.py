"""Estimators by name: those of the table, those that other packages register, and any in a file."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.base import Estimator

ENTRY_POINT_GROUP = "lexbits.estimators"


def available() -> dict[str, type[Estimator]]:
    """Return all estimators by name: the table first, then those of installed packages.

    Raises:
        UsageError: an entry point that cannot be loaded or is no estimator.
    """
    others = {
        point.name: _checked(f"entry point {point.value}", point.load())
        for point in entry_points(group=ENTRY_POINT_GROUP)
        if point.name not in ESTIMATORS
    }
    return ESTIMATORS | others


def find(name: str) -> type[Estimator]:
    """Return the estimator `name`.

    Raises:
        UsageError: there is none; the nearest names are told.
    """
    known = available()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"unknown estimator {name!r}{guess} (known are: {', '.join(known)})")
    return known[name]


def load(name: str) -> type[Estimator]:
    """Return the estimator `name`, or NAME of a module or file given as MODULE:NAME.

    This runs the code of the module.

    Raises:
        UsageError: there is no such module, it cannot be imported, or NAME is no estimator.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon:
        return find(name)
    module = _import(place)
    if not hasattr(module, attribute):
        raise UsageError(f"{place}: has no {attribute!r}")
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
            raise UsageError(f"{place}: no such file")
        spec = importlib.util.spec_from_file_location(path.stem, path)
        if spec is None or spec.loader is None:
            raise UsageError(f"{place}: cannot be imported")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except UsageError:
        raise
    except Exception as error:  # whatever code of others raises while it is imported
        raise UsageError(f"{place}: cannot be imported ({type(error).__name__}: {error})") from None
    return module


def _checked(name: str, found: object) -> type[Estimator]:
    if not (isinstance(found, type) and issubclass(found, Estimator)):
        raise UsageError(f"{name}: expected a subclass of lexbits.estimators.Estimator")
    return found
