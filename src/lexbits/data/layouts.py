"""The known layouts of word files: one table, their recognition, and a line -> an Entry.

A layout is an order of tab-separated columns. Of three columns the first is always the lemma; which
of the other two holds the features is recognised by what feature bundles look like
(`pos=V,mood=IND`, `V;IND;PRS`, `N`, or nothing at all), and failing that by their repeating more
than forms do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from operator import itemgetter

from lexbits.data.entry import Entry
from lexbits.errors import DataError

COLUMNS: dict[str, tuple[str, ...]] = {
    "sigmorphon": ("lemma", "features", "form"),
    "unimorph": ("lemma", "form", "features"),
    "words": ("form",),
}
# A first line that names the columns settles the layout; lexbits writes it into its own files.
HEADERS = {"#" + "\t".join(columns): layout for layout, columns in COLUMNS.items()}
SAMPLE_LINES = 1000

# Takes form, lemma and features, in this order, from the cells of a line with an empty one behind
# them, which stands for the columns that the layout lacks.
_IN_ORDER = {
    layout: itemgetter(*(columns.index(f) if f in columns else -1 for f in Entry._fields))
    for layout, columns in COLUMNS.items()
}

_BUNDLE = re.compile(r"[=;,|]|\A[A-Z][A-Z0-9.+/_()-]*\Z|\A\Z")
_MARGIN = 0.1  # a smaller difference in the share of bundles decides nothing
_REPEATS = 2  # features repeat: at least this many times fewer distinct values than forms


def describe(layout: str) -> str:
    """Return the layout's name with its columns, for people."""
    columns = COLUMNS[layout]
    return f"{layout} ({', '.join(columns) if len(columns) > 1 else 'one word a line'})"


def recognise(sample: Sequence[tuple[int, str]], name: str) -> str:
    """Return the layout of a file from its first non-blank lines.

    Args:
        sample: numbered, non-blank lines; at least one.
        name: the file, for messages.

    Raises:
        DataError: a line has neither one nor three columns, or the lines do not tell which column
            holds the features.
    """
    header = HEADERS.get(sample[0][1])
    if header:
        return header
    rows = [line.split("\t") for _, line in sample]
    if sum(len(row) > 1 for row in rows) * 2 <= len(rows):
        return "words"
    for (number, _), row in zip(sample, rows, strict=True):
        if len(row) != 3:
            raise DataError(
                f"{name}, line {number}: expected 3 tab-separated columns, as in most lines, or "
                f"one word a line, found {_count(row)}; correct the line"
            )
    second, third = ([row[i].strip() for row in rows] for i in (1, 2))
    more_bundles = _share_of_bundles(second) - _share_of_bundles(third)
    if abs(more_bundles) >= _MARGIN:
        return "sigmorphon" if more_bundles > 0 else "unimorph"
    distinct_second, distinct_third = len(set(second)), len(set(third))
    if distinct_second * _REPEATS <= distinct_third:
        return "sigmorphon"
    if distinct_third * _REPEATS <= distinct_second:
        return "unimorph"
    raise DataError(
        f"{name}, line {sample[0][0]}: expected features in column 2 or in column 3, found nothing "
        "that tells which; say it with --layout sigmorphon or --layout unimorph"
    )


def parse_line(line: str, layout: str, name: str, number: int) -> Entry:
    """Return the entry of one non-blank line; form and lemma in NFC, white space around them cut.

    Raises:
        DataError: a wrong number of columns, an empty form, or a control character.
    """
    columns = COLUMNS[layout]
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) != len(columns):
        expected = f"{len(columns)} tab-separated columns" if len(columns) > 1 else "1 column"
        raise DataError(
            f"{name}, line {number}: expected {expected} for layout {describe(layout)}, "
            f"found {_count(cells)}; correct the line or choose another --layout"
        )
    form, lemma, features = _IN_ORDER[layout]([*cells, ""])
    if not form:
        raise DataError(
            f"{name}, line {number}: expected a form in column {columns.index('form') + 1}, "
            f"found nothing; fill it in, drop the line, or choose another --layout"
        )
    if not "".join(cells).isprintable():
        for column, cell in zip(columns, cells, strict=True):
            refuse_unprintable(cell, column, f"{name}, line {number}")
    return Entry(unicodedata.normalize("NFC", form), unicodedata.normalize("NFC", lemma), features)


def _count(cells: list[str]) -> str:
    return f"{len(cells)} column" + "s" * (len(cells) > 1)


def _share_of_bundles(cells: Sequence[str]) -> float:
    return sum(_BUNDLE.search(cell) is not None for cell in cells) / len(cells)


def refuse_unprintable(cell: str, column: str, where: str) -> None:
    """Check that there is no control character and no half of a surrogate pair.

    Raises:
        DataError: there is one; `where` says where.
    """
    kinds = {"Cc": "the control character", "Cs": "half of a surrogate pair,"}
    for character in cell:
        kind = kinds.get(unicodedata.category(character))
        if kind:
            raise DataError(
                f"{where}: expected printable characters in the {column}, "
                f"found {kind} U+{ord(character):04X}; remove it"
            )
