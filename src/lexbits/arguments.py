"""Checks of what callers give to the public methods: each says in one line what it found instead.

Every method checks its arguments here, before it computes anything.
"""

from __future__ import annotations

import math
import os
import reprlib
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from lexbits.errors import UsageError

MOST = 10_000_000
"""Most words, samples or steps that can be asked for at once: more is a slip of the keyboard."""

LARGEST_SEED = 2**63 - 1


def show(found: object) -> str:
    """Return a value with its type, short enough for a message: 2.5 (float)."""
    if isinstance(found, str):
        return f"the text {reprlib.repr(found)}"
    if found is None:
        return "None"
    return f"{reprlib.repr(found)} ({type(found).__name__})"


def listed(found: object, what: str) -> list[Any]:
    """Return the items of a list, or of anything else that holds one item after another.

    A set has no order that lasts; its items come sorted.

    Args:
        found: a list, tuple, set, generator, array or column.
        what: its name in messages, such as "words".

    Raises:
        UsageError: a single text, which is a row of letters; a table; or nothing to go through.
    """
    if isinstance(found, str | bytes | bytearray):
        several = isinstance(found, str) and len(found.split()) > 1
        remedy = "split it at white space, text.split()" if several else "write [...] around it"
        # Unlike a Path, it takes a text too long for a name.
        if isinstance(found, str) and os.path.isfile(found):  # noqa: PTH113
            remedy = "to read that file: open(FILE, encoding='utf-8').read().split()"
        raise UsageError(f"expected a list of {what}, found {show(found)}; {remedy}")
    if isinstance(found, dict):
        raise UsageError(f"expected a list of {what}, found a dict; give list(...) of its keys")
    dimensions = getattr(found, "ndim", 1)
    if dimensions != 1:
        raise UsageError(
            f"expected a list of {what}, found {dimensions} dimensions "
            f"({type(found).__name__}); give one column"
        )
    if not isinstance(found, Iterable):
        raise UsageError(f"expected a list of {what}, found {show(found)}")
    items = list(found)
    if isinstance(found, set | frozenset):
        items.sort(key=lambda item: (type(item).__name__, repr(item)))
    return items


def text(found: object, what: str) -> str:
    """Return a text as a plain `str`; those of numpy are taken.

    Raises:
        UsageError: something else.
    """
    if not isinstance(found, str):
        raise UsageError(f"expected {what} to be text, found {show(found)}")
    return str.__str__(found)


def whole(found: object, what: str, least: int = 0, most: int = MOST) -> int:
    """Return a whole number as a plain `int`; those of numpy are taken.

    Raises:
        UsageError: another kind of number, or one out of bounds.
    """
    if isinstance(found, bool) or not isinstance(found, Integral):
        raise UsageError(f"expected {what} to be a whole number, found {show(found)}")
    value = int(found)
    if value < least:
        raise UsageError(f"expected {what} to be at least {least:,}, found {value}")
    if value > most:
        raise UsageError(f"expected {what} to be at most {most:,}, found {show(value)}")
    return value


def number(found: object, what: str) -> float:
    """Return a finite number as a plain `float`.

    Raises:
        UsageError: something else.
    """
    if isinstance(found, bool) or not isinstance(found, Real) or not math.isfinite(found):
        raise UsageError(f"expected {what} to be a finite number, found {show(found)}")
    return float(found)


def seed(found: object) -> int:
    """Return a seed, a whole number from 0 to 2^63 − 1.

    Raises:
        UsageError: something else.
    """
    return whole(found, "the seed", 0, LARGEST_SEED)


def flag(found: object, what: str) -> bool:
    """Return True or False; those of numpy are taken.

    Raises:
        UsageError: something else, also what merely counts as true.
    """
    if isinstance(found, bool) or type(found).__name__ in ("bool_", "bool"):
        return bool(found)
    raise UsageError(f"expected {what} to be True or False, found {show(found)}")


def flag_or_function(
    found: object, what: str
) -> tuple[bool, Callable[[dict[str, Any]], object] | None]:
    """Return True or False and no function, or False and the function that was given in its place.

    Raises:
        UsageError: something else.
    """
    if isinstance(found, Callable):  # type: ignore[arg-type]
        return False, found  # type: ignore[return-value]
    try:
        return flag(found, what), None
    except UsageError:
        raise UsageError(
            f"expected {what} to be True, False or a function of a dict, found {show(found)}"
        ) from None


def choice(found: object, what: str, known: Sequence[str]) -> str:
    """Return one of the `known` words.

    Raises:
        UsageError: another one.
    """
    if isinstance(found, str) and found in known:
        return str.__str__(found)
    raise UsageError(f"expected {what} to be one of {', '.join(known)}, found {show(found)}")


def path(found: object, what: str = "the path") -> Path:
    """Return a path on this machine.

    Raises:
        UsageError: no path, an empty one, or one that no file can have.
    """
    if not isinstance(found, str | os.PathLike):
        raise UsageError(f"expected {what} to be text or a path, found {show(found)}")
    name = os.fspath(found)
    if not isinstance(name, str) or not name or "\0" in name:
        raise UsageError(f"expected {what} to be the name of a file or folder, found {show(name)}")
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        raise UsageError(
            f"expected {what} to be a name that files can have, found "
            f"the character U+{ord(name[error.start]):04X} in {name!r}"
        ) from None
    return Path(name)


def function(found: object, what: str) -> None:
    """Check that `found` can be called, or is None.

    Raises:
        UsageError: neither.
    """
    if found is not None and not isinstance(found, Callable):  # type: ignore[arg-type]
        raise UsageError(f"expected {what} to be a function, found {show(found)}")
