"""The layouts of word files: which columns there are, and a line -> an Entry.

A layout is an order of columns, separated by tabs unless said otherwise; or a single column of
them that holds the words.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from lexbits.data.entry import Entry
from lexbits.data.weights import parse_weight
from lexbits.errors import DataError, UsageError

COLUMNS: dict[str, tuple[str, ...]] = {
    "sigmorphon": ("lemma", "features", "form"),
    "unimorph": ("lemma", "form", "features"),
    "words": ("form",),
}
WEIGHT = "weight"
"""The name of the column of weights, the last one in files that lexbits writes."""

DELIMITERS = {"tab": "\t", "\\t": "\t", "space": " "}
"""Names of what separates columns; anything else is a single character."""

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte-order mark: at the start of a word it is left from a file that began there."""

CONTROL = {"Cc": "the control character", "Cs": "half of a surrogate pair,"}
LINE_ENDS = CONTROL | {"Zl": "the line separator", "Zp": "the paragraph separator"}

_QUOTE = '"'
_IN_QUOTES = re.compile(r'(?:\A|\s)"(?:[^"]|"")*"(?:\s|\Z)')
_QUOTED_OR_NOT = re.compile(r'"(?:[^"]|"")*"(?=\s|\Z)|\S+')


@dataclass(frozen=True)
class Layout:
    """An order of columns and what separates them.

    Attributes:
        name: its name for people and in files.
        columns: the names of the columns; of several, those without a name are not read.
        delimiter: what separates them; a space stands for any white space.
        more: whether other columns may follow.
        quoted: whether cells may stand in quotes that tabs or white space separate, as R writes
            them; between commas and the like they always may.
        point: the decimal point of weights.
    """

    name: str
    columns: tuple[str, ...]
    delimiter: str = "\t"
    more: bool = False
    quoted: bool = False
    point: str = "."

    def __str__(self) -> str:
        columns = ", ".join(self.columns) if len(self.columns) > 1 else "one word a line"
        described = self.name if self.more else f"{self.name} ({columns})"
        return described if self.delimiter == "\t" else f"{described}, {self._separated}"

    @property
    def _separated(self) -> str:
        return f"separated by {'white space' if self.delimiter == ' ' else repr(self.delimiter)}"

    @property
    def expected(self) -> str:
        """How many columns a line has, in words."""
        count, least = len(self.columns), "at least " if self.more else ""
        kind = "tab-separated columns" if self.delimiter == "\t" else f"columns {self._separated}"
        return f"{least}{count} {kind}" if count > 1 else "1 column"

    @cached_property
    def in_order(self) -> Callable[[Sequence[str]], tuple[str, str, str, str]]:
        """What takes form, lemma, features and weight from the cells of a line and an empty one."""
        columns = self.columns
        return itemgetter(*(columns.index(f) if f in columns else -1 for f in Entry._fields))

    def cells(self, line: str) -> list[str]:
        """Return the columns of a line, without white space around them.

        Empty columns at the end that are too many are no columns, but left from a program that
        ends each line in a tab.
        """
        cells, count = cut(line, self.delimiter, self.quoted), len(self.columns)
        if len(cells) > count:
            while len(cells) > count and not cells[-1]:
                cells.pop()
            if self.more:
                del cells[count:]
        return cells


WORDS = Layout("words", COLUMNS["words"])

HEADERS = {"#" + "\t".join(COLUMNS[name]): name for name in COLUMNS} | {
    "#" + "\t".join((*COLUMNS[name], WEIGHT)): name for name in COLUMNS
}
"""First lines that name the columns, with the layout; lexbits writes one into its own files."""


def headed(header: str, weights: bool) -> Layout:
    """Return the layout of a file of lexbits by its first line, one of `HEADERS`.

    Args:
        header: that line.
        weights: whether weights are read too, where there are some.
    """
    layout = HEADERS[header]
    if not header.endswith(WEIGHT):
        return named(layout)
    return Layout(layout, (*COLUMNS[layout], *((WEIGHT,) if weights else ())), more=not weights)


def named(layout: str, delimiter: str | None = None) -> Layout:
    """Return the layout of a name in `COLUMNS`.

    Raises:
        UsageError: an unknown layout or delimiter.
    """
    if layout not in COLUMNS:
        raise UsageError(f"unknown layout {layout!r}; known are: auto, {', '.join(COLUMNS)}")
    found = Layout(layout, COLUMNS[layout], separator(delimiter))
    return WORDS if found == WORDS else found


def separator(delimiter: str | None) -> str:
    """Return the character that separates columns; None stands for a tab.

    Raises:
        UsageError: neither a known name nor a single character.
    """
    found = "\t" if delimiter is None else DELIMITERS.get(delimiter, delimiter)
    if len(found) != 1 or found == _QUOTE or not (found.isprintable() or found == "\t"):
        raise UsageError(
            f"delimiter: expected {', '.join(DELIMITERS)} or a single character, "
            f"found {delimiter!r}"
        )
    return found


def cut(line: str, delimiter: str, quoted: bool = False) -> list[str]:
    """Return what `delimiter` separates in a line, without white space around it.

    Where commas and the like separate, cells may stand in quotes, as in CSV files, and bars may
    stand around a row; a rule between rows has empty cells.

    Args:
        line: the line.
        delimiter: a space stands for any white space.
        quoted: whether cells may stand in quotes between tabs and white space too.
    """
    quoted = quoted and in_quotes(line)
    if delimiter == "\t" and not quoted:
        return [cell.strip() for cell in line.split("\t")]
    if delimiter == " ":
        if not quoted:
            return line.split()
        return [
            cell[1:-1].replace(2 * _QUOTE, _QUOTE).strip() if cell[0] == _QUOTE else cell
            for cell in _QUOTED_OR_NOT.findall(line)
        ]
    if _QUOTE in line:
        cells = next(csv.reader([line.strip()], delimiter=delimiter, skipinitialspace=True), [""])
    else:
        if delimiter == "|":
            rule = not line.strip("|+-=: \t")
            line = re.sub("[^+|]", "", line).replace("+", "|") if rule else line.strip()
            line = line.removeprefix("|").removesuffix("|")
        cells = line.split(delimiter)
    return [cell.strip() for cell in cells]


def in_quotes(line: str) -> bool:
    """Whether a cell of a line stands in quotes, by tabs or white space."""
    return _IN_QUOTES.search(line) is not None


def without_marks(line: str, delimiter: str) -> str:
    """Return `line` without byte-order marks at the start of its columns."""
    start = r"\s" if delimiter == " " else re.escape(delimiter)
    return re.sub(rf"(\A|{start})\s*{MARK}+", r"\1", line)


def parse_line(
    line: str, layout: Layout, name: str, number: int, refused: dict[str, str] = LINE_ENDS
) -> Entry | None:
    """Return the entry of one non-blank line; form and lemma in NFC, white space around them cut.

    Args:
        line: the line.
        layout: its columns.
        name: the file, for messages.
        number: that of the line.
        refused: the kinds of characters that no column may hold.

    Returns:
        The entry; None where the column of the form is empty.

    Raises:
        DataError: a wrong number of columns, or a character that no word can have.
    """
    columns = layout.columns
    # Most lines are those of a plain list, of millions of words.
    cells = [line.strip()] if layout is WORDS and "\t" not in line else layout.cells(line)
    if len(cells) != len(columns):
        advice = "another --layout, or say by --column where the words are"
        if layout.more:
            advice = "another --column or --delimiter"
        raise DataError(
            f"{name}, line {number}: expected {layout.expected} for layout {layout}, "
            f"found {count(len(cells))}; correct the line or choose {advice}"
        )
    if _QUOTE in line and layout.delimiter not in "\t " and _is_open(line, layout.delimiter):
        raise DataError(
            f"{name}, line {number}: expected cells whose quotes end on the line, found one that "
            "goes on; write each row on one line"
        )
    form, lemma, features, weight = layout.in_order([*cells, ""])
    if not form:
        return None
    if not "".join(cells).isprintable():
        for column, cell in zip(columns, cells, strict=True):
            if column:
                refuse_unprintable(cell, column, f"{name}, line {number}", refused)
    form, lemma = unicodedata.normalize("NFC", form), unicodedata.normalize("NFC", lemma)
    if WEIGHT not in columns:
        return Entry(form, lemma, features)
    where = f"{name}, line {number}, column {columns.index(WEIGHT) + 1}"
    return Entry(form, lemma, features, parse_weight(weight, where, layout.point))


def _is_open(line: str, delimiter: str) -> bool:
    """Whether a cell begins with a quote that does not end on the line."""
    starts = re.search(rf'(?:\A|{re.escape(delimiter)})\s*"', line)
    return starts is not None and line.count(_QUOTE) % 2 == 1


def refuse_unprintable(
    cell: str, column: str, where: str, refused: dict[str, str] = LINE_ENDS
) -> None:
    """Check that there is no control character and no half of a surrogate pair.

    Raises:
        DataError: there is one; `where` says where.
    """
    for character in cell:
        kind = refused.get(unicodedata.category(character))
        if kind:
            raise DataError(
                f"{where}: expected printable characters in the {column}, "
                f"found {kind} U+{ord(character):04X}; remove it"
            )


def count(columns: int) -> str:
    """Return this many columns in words."""
    return f"{columns} column" + "s" * (columns != 1)
