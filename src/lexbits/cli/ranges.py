"""Ranges as arguments: 6, 5-8, 5-."""

from __future__ import annotations

import math
from typing import TypeVar

from lexbits.errors import UsageError

Number = TypeVar("Number", int, float)


def range_of(
    text: str | None,
    flag: str,
    kind: type[Number],
    least: Number,
    most: Number,
) -> tuple[Number, Number] | None:
    """Return the two ends of a range, None for None.

    Args:
        text: two numbers with a hyphen between them; an end may be left out. One whole number
            stands for both.
        flag: its name in messages.
        kind: `int` or `float`.
        least: the lower end where it is left out.
        most: the upper end where it is left out.

    Raises:
        UsageError: something else.
    """
    if text is None:
        return None
    expected = "a number or a range, such as 5-8" if kind is int else "a range, such as 20-80"
    low, hyphen, high = text.partition("-")
    try:
        first = kind(low) if low.strip() or not hyphen else least
        last = first if not hyphen else kind(high) if high.strip() else most
        if text.strip() == "-" or "-" in high or not (math.isfinite(first) and math.isfinite(last)):
            raise ValueError
        if not hyphen and kind is float:
            raise ValueError  # hardly anything is one real number exactly
    except ValueError:
        raise UsageError(f"{flag}: expected {expected}, found {text!r}") from None
    return first, last
