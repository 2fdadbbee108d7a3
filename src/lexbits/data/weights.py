"""Frequencies of words as weights: read from a cell, added up, turned into what counts in training.

A weight is kept as the source says it; what it counts for, a setting says when it is used.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from operator import attrgetter

from lexbits.config import Settings
from lexbits.data.entry import Entry
from lexbits.errors import DataError


def parse_weight(cell: str, where: str, point: str = ".") -> float:
    """Return the weight that a cell holds; `where` says where it is, `point` is a decimal point.

    Raises:
        DataError: it is no number above 0.
    """
    try:
        weight = float(cell.replace(point, "."))
    except ValueError:
        weight = math.nan
    if 0 < weight < math.inf:
        return weight
    found = repr(cell) if cell else "nothing"
    hint = "; write it with a point and without signs between thousands" if "," in cell else ""
    raise DataError(f"{where}: expected a weight, a number above 0, found {found}{hint}")


def weight_text(weight: float) -> str:
    """Return a weight as text from which the same number is read."""
    return str(int(weight)) if weight.is_integer() and weight < 2**53 else repr(weight)


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with each form once, at its first place: its weights added up."""
    first: dict[str, Entry] = {}
    for entry in entries:
        known = first.get(entry.form)
        first[entry.form] = (
            entry if known is None else known._replace(weight=known.weight + entry.weight)
        )
    return list(first.values())


def without_weights(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries with a weight of 1 each."""
    return [e if e.weight == 1 else e._replace(weight=1.0) for e in entries]


def counted(weight: float, settings: Settings) -> float:
    """Return what a frequency counts for in training, as `weighting` says: f, log(1 + f), or 1."""
    if settings.weighting == "types":
        return 1.0
    return weight if settings.weighting == "tokens" else math.log1p(weight)


def _number(weight: float) -> str:
    return f"{weight:,.0f}" if weight == round(weight) and weight < 1e15 else f"{weight:g}"


def weights_note(entries: Collection[Entry], settings: Settings) -> str:
    """Say what the weights of training words are and do; "" where there are none."""
    weights = [entry.weight for entry in entries]
    if all(weight == 1 for weight in weights):
        return ""
    said = f"weights from {_number(min(weights))} to {_number(max(weights))}"
    if settings.weighting == "types":
        return f"{said}, without effect (weighting types): each word counts the same"
    top = max(entries, key=attrgetter("weight"))
    largest = counted(top.weight, settings)
    relative = [counted(weight, settings) / largest for weight in weights]
    total = math.fsum(relative)
    effective = total**2 / math.fsum(share**2 for share in relative)
    rule = "them" if settings.weighting == "tokens" else "log(1 + weight)"
    return (
        f"{said}: training words are drawn in proportion to {rule}; {top.form!r} is "
        f"{100 / total:.2g} % of what is drawn, and all together count as {effective:,.0f} words "
        "of equal weight would; dev and test figures stay by type: each word counts once"
    )
