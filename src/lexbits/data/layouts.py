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
from lexbits.errors import DataError, UsageError

COLUMNS: dict[str, tuple[str, ...]] = {
    "sigmorphon": ("lemma", "features", "form"),
    "unimorph": ("lemma", "form", "features"),
    "words": ("form",),
}
# A first line that names the columns settles the layout; lexbits writes it into its own files.
HEADERS = {"#" + "\t".join(columns): layout for layout, columns in COLUMNS.items()}

DELIMITERS = {"tab": "\t", "\\t": "\t", "space": " "}
"""Names of what separates columns; anything else is a single character."""

MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""The byte-order mark: at the start of a word it is left from a file that began there."""

CONTROL = {"Cc": "the control character", "Cs": "half of a surrogate pair,"}
LINE_ENDS = CONTROL | {"Zl": "the line separator", "Zp": "the paragraph separator"}

_QUOTE = '"'


@dataclass(frozen=True)
class Layout:
    """An order of columns and what separates them.

    Attributes:
        name: its name for people and in files.
        columns: the names of the columns; of several, those without a name are not read.
        delimiter: what separates them; a space stands for any white space.
        more: whether other columns may follow.
    """

    name: str
    columns: tuple[str, ...]
    delimiter: str = "\t"
    more: bool = False

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
    def in_order(self) -> Callable[[Sequence[str]], tuple[str, str, str]]:
        """What takes form, lemma and features from the cells of a line and one empty cell more."""
        columns = self.columns
        return itemgetter(*(columns.index(f) if f in columns else -1 for f in Entry._fields))

    def cells(self, line: str) -> list[str]:
        """Return the columns of a line, without white space around them.

        Empty columns at the end that are too many are no columns, but left from a program that
        ends each line in a tab.
        """
        cells, count = cut(line, self.delimiter), len(self.columns)
        if len(cells) > count:
            while len(cells) > count and not cells[-1]:
                cells.pop()
            if self.more:
                del cells[count:]
        return cells


WORDS = Layout("words", COLUMNS["words"])


def named(layout: str, delimiter: str | None = None) -> Layout:
    """Return the layout of a name in `COLUMNS`.

    Raises:
        UsageError: an unknown layout or delimiter.
    """
    if layout not in COLUMNS:
        raise UsageError(f"unknown layout {layout!r}; known are: auto, {', '.join(COLUMNS)}")
    found = Layout(layout, COLUMNS[layout], separator(delimiter))
    return WORDS if found == WORDS else found


def only_column(number: int, delimiter: str | None = None) -> Layout:
    """Return the layout of a file whose column `number`, from 1, holds the words.

    Raises:
        UsageError: an unknown delimiter.
    """
    unread = ("",) * (number - 1)
    return Layout(f"column {number}", (*unread, "form"), separator(delimiter), more=True)


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


def cut(line: str, delimiter: str) -> list[str]:
    """Return what `delimiter` separates in a line, without white space around it.

    Where commas and the like separate, cells may stand in quotes, as in CSV files, and bars may
    stand around a row; a rule between rows has empty cells.
    """
    if delimiter == "\t":
        return [cell.strip() for cell in line.split("\t")]
    if delimiter == " ":
        return line.split()
    if _QUOTE in line:
        cells = next(csv.reader([line.strip()], delimiter=delimiter, skipinitialspace=True), [""])
    else:
        if delimiter == "|":
            rule = not line.strip("|+-=: \t")
            line = re.sub("[^+|]", "", line).replace("+", "|") if rule else line.strip()
            line = line.removeprefix("|").removesuffix("|")
        cells = line.split(delimiter)
    return [cell.strip() for cell in cells]


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
        advice = "another --column or --delimiter" if layout.more else "another --layout"
        raise DataError(
            f"{name}, line {number}: expected {layout.expected} for layout {layout}, "
            f"found {count(len(cells))}; correct the line or choose {advice}"
        )
    form, lemma, features = layout.in_order([*cells, ""])
    if not form:
        return None
    if not "".join(cells).isprintable():
        for column, cell in zip(columns, cells, strict=True):
            if column:
                refuse_unprintable(cell, column, f"{name}, line {number}", refused)
    return Entry(unicodedata.normalize("NFC", form), unicodedata.normalize("NFC", lemma), features)


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
