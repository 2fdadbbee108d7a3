"""What words are wished for from Python, checked."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from numbers import Integral
from typing import get_args

from lexbits import arguments
from lexbits.data.given import clean_word
from lexbits.decoding import Constraints, Method
from lexbits.errors import UsageError
from lexbits.word_model.results import Sample
from lexbits.word_model.selection import Limits


def constraints_of(
    starts_with: object,
    ends_with: object,
    contains: object,
    length: object,
    letters: object,
    forbid: object,
) -> Constraints:
    """Return the constraints on symbols.

    Raises:
        UsageError: one of another kind, or impossible.
    """
    return Constraints(
        starts_with=_part(starts_with, "starts_with"),
        ends_with=_part(ends_with, "ends_with"),
        contains=_parts(_one_or_more(contains), "contains"),
        length=_length(length),
        letters="".join(dict.fromkeys(_part(letters, "letters"))),
        forbid=_parts(_one_or_more(forbid), "forbid"),
    )


def percentile_limits(found: object) -> Limits | None:
    """Return the least and the most percentile, None for None.

    Raises:
        UsageError: they are not two numbers from 0 to 100 in order.
    """
    if found is None:
        return None
    if not isinstance(found, tuple | list) or len(found) != 2:
        raise UsageError(
            "expected percentile to be two numbers, such as (20, 80), "
            f"found {arguments.show(found)}"
        )
    least, most = (arguments.number(value, "a percentile") for value in found)
    if not 0 <= least <= most <= 100:
        raise UsageError(
            f"expected percentiles from 0 to 100 in order, found {least:g} and {most:g}"
        )
    return least, most


def share(found: object, what: str) -> float:
    """Return a number from 0 to 1.

    Raises:
        UsageError: something else.
    """
    value = arguments.number(found, what)
    if not 0 <= value <= 1:
        raise UsageError(f"expected {what} to be from 0 to 1, found {value:g}")
    return value


def reasons_to_leave_out(
    new_only: bool, exclude: object, like: str | None
) -> dict[str, Callable[[Sample], bool]]:
    """Return for what words are left out, by what is said of them.

    Raises:
        UsageError: an excluded thing that is no word.
    """
    reasons: dict[str, Callable[[Sample], bool]] = {}
    if new_only:
        reasons["known"] = lambda sample: sample.status != "new"
        reasons["cut at the longest length"] = lambda sample: not sample.ended
    excluded = _excluded(exclude)
    if excluded:
        reasons["excluded"] = lambda sample: excluded(sample.word)
    if like is not None:
        reasons["the word itself"] = lambda sample: sample.word == like
    return reasons


def how_to_decode(decode: object, temperature: object, seed: object) -> tuple[Method, float, int]:
    """Return the arguments of decoding, checked, with a random seed where none is given.

    Raises:
        UsageError: one of another kind or out of bounds.
    """
    method: Method = arguments.choice(decode, "decode", get_args(Method))  # type: ignore[assignment]
    degree = arguments.number(temperature, "the temperature")
    return method, degree, secrets.randbits(32) if seed is None else arguments.seed(seed)


def _part(found: object, what: str) -> str:
    return clean_word(found, what) if found != "" else ""


def _one_or_more(found: object) -> object:
    """Return a single text as a list of it; an empty one, or None, as none."""
    if found is None or found == "":
        return ()
    return (found,) if isinstance(found, str) else found


def _parts(found: object, what: str) -> tuple[str, ...]:
    listed = arguments.listed(found, what)
    return tuple(clean_word(part, f"{what}[{i}]") for i, part in enumerate(listed))


def _length(found: object) -> tuple[int, int] | None:
    if found is None:
        return None
    both = found if isinstance(found, tuple | list) else (found, found)
    if len(both) != 2 or not all(isinstance(value, Integral) for value in both):
        raise UsageError(
            f"expected length to be a number or two, such as (5, 8), found {arguments.show(found)}"
        )
    least, most = (arguments.whole(value, "the length", 1) for value in both)
    if least > most:
        raise UsageError(f"expected the least length first, found {least} and {most}")
    return least, most


def _excluded(exclude: object) -> Callable[[str], bool] | None:
    """Return a function that says whether a word is excluded; None where none is."""
    if callable(exclude):
        return exclude
    words = frozenset(_parts(exclude, "exclude"))
    return words.__contains__ if words else None
