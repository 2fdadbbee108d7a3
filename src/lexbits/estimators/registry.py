"""Estimators by name: of the table, of other packages, and what the user has taken of their own."""

from __future__ import annotations

import difflib
from importlib.metadata import entry_points

from lexbits.errors import UsageError, warn
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.base import Estimator
from lexbits.estimators.own import checked, described, is_own, take, taken

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
            others[point.name] = checked(f"entry point {point.value}", point.load())
        except Exception as error:  # whatever code of others raises while it is imported
            reason = str(error) if isinstance(error, UsageError) else described(error)
            warn(f"the estimator {point.name} of another package is skipped: {reason}")
    return ESTIMATORS | others


def find(name: str) -> type[Estimator]:
    """Return the estimator that a setting names; no code of the user's own is run for it.

    Raises:
        UsageError: there is none, with the nearest names; or it is code of the user's own that was
            not named in this process (`own.take`).

    Examples:
        >>> find("rloo").least_samples
        2
    """
    if own := taken(name):
        return own.kind
    if is_own(name):
        raise UsageError(
            f"the estimator {name} is code of your own, which is run only where you name it: give "
            "it again, --estimator FILE.py:NAME, or from Python estimator=CLASS"
        )
    if name in ESTIMATORS:
        return ESTIMATORS[name]
    known = available()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise UsageError(f"unknown estimator {name!r}{guess} (known are: {', '.join(known)})")
    return known[name]


def estimator_class(given: str | type[Estimator]) -> type[Estimator]:
    """Return the class of what the user names: a name, FILE.py:NAME, MODULE:NAME, or the class.

    Raises:
        UsageError: as `find` and `own.take`.

    Examples:
        >>> estimator_class("rloo").__name__
        'Rloo'
    """
    return find(take(given))
