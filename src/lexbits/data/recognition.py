"""Which layout a file has, from its first lines; where that is in doubt, it is asked for.

Words learned from the wrong column look like words, and nobody notices: so nothing is guessed. Of
three columns the first is the lemma; which of the other two holds the features is shown by what
feature bundles look like (`pos=V,mood=IND`, `V;IND;PRS`, `N`, or nothing at all), and failing that
by their repeating more than forms do. Unless bundles are unmistakable, the form has to resemble the
lemma. Numbers are no features.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from lexbits.data.layouts import COLUMNS, Layout, count, cut, named, separator
from lexbits.errors import DataError

SAMPLE_LINES = 1000

HEADINGS = frozenset(
    ("form", "lemma", "name", "spelling", "string", "token", "type", "word", "wordform", "words")
)
"""What a column of words is called in the first line of a table."""

_BUNDLE = re.compile(r"[=;,|]|\A[A-Z][A-Z0-9.+/_()-]*\Z|\A\Z")
_STRUCTURED = re.compile(r"[^\s=;]=[^\s=;]|[A-Z0-9];[A-Z0-9]")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*%?")
_NUMBER_APART = re.compile(r"\A\d[\d.,]*\s|\s\d[\d.,]*\Z")
_MARKUP = re.compile(r"\A(<|\{|\[\s*[\[{\"])|</\w+>")
_MARKS = (",", ";", "|", "/")
_TEXT = 5  # spaces in a line
_MARGIN = 0.1  # a smaller difference in the share of bundles decides nothing
_SURE = 0.5  # of rows with structured bundles: more are no chance
_REPEATS = 2  # features repeat: at least this many times fewer distinct values than forms
# Of rows whose form shares two letters in a row with the lemma: all but a few of real ones do, and
# half of a lemma and another word of the language.
_RESEMBLING = 0.75
_NUMBERED = 0.8  # of the rows have the number after that of the row before
_SHOWN = 24  # characters of an example
_OFFERED = 4  # columns


def recognise(sample: Sequence[tuple[int, str]], name: str, delimiter: str | None = None) -> Layout:
    """Return the layout of a file from its first non-blank lines.

    Args:
        sample: numbered, non-blank lines; at least one.
        name: the file, for messages.
        delimiter: what separates columns; None for tabs, where that is not in doubt.

    Raises:
        UsageError: an unknown delimiter.
        DataError: it is in doubt which column holds the words, or whether there are columns.
    """
    mark = separator(delimiter)
    whole = [cut(line, mark) for _, line in sample]
    rows = [_without_end(row) for row in whole]
    if sum(len(row) > 1 for row in rows) <= min(_few(rows), len(rows) // 2):
        if delimiter is None:
            refuse_hidden_columns(sample, name)
        return named("words", delimiter)
    of_three = [
        (*row, "", "")[:3] for row, cells in zip(rows, whole, strict=True) if _three(row, cells)
    ]
    if of_three and len(rows) - len(of_three) <= _few(rows):
        layout = _of_three_columns(of_three)
        if layout:
            return named(layout, delimiter)
    raise _in_doubt(sample, rows, name, delimiter)


def refuse_hidden_columns(sample: Sequence[tuple[int, str]], name: str) -> None:
    """Check that lines without tabs look like single words.

    Raises:
        DataError: they look like columns, running text, or markup.
    """
    lines = [line.strip() for _, line in sample]
    strays = min(_few(lines), len(lines) // 2)
    markup = [line for line in lines if _MARKUP.search(line)]
    if len(markup) > strays:
        raise DataError(
            f"{name}: expected one word a line, found what looks like markup or JSON, such as "
            f"{_shown(markup[0])}; make a list of its words, or say --layout words"
        )
    text = [line for line in lines if line.count(" ") >= _TEXT]
    if len(text) * 2 > len(lines):
        raise DataError(
            f"{name}: expected one word a line, found what looks like running text, such as "
            f"{_shown(text[0])}; make a list of its words, for instance by "
            "tr -s '[:space:]' '\\n' < FILE, or say --layout words for whole lines as words"
        )
    found = {mark: [line for line in lines if mark in line] for mark in _MARKS}
    mark = max(_MARKS, key=lambda mark: len(found[mark]))
    if len(found[mark]) > strays:
        raise _hidden(name, repr(mark), shlex.quote(mark), mark, found[mark], lines)
    spaced = [line for line in lines if " " in line]
    numbered = [line for line in spaced if _NUMBER_APART.search(line)]
    if len(numbered) > strays or len(spaced) > max(2, len(lines) // 4):
        raise _hidden(name, "spaces", "space", " ", spaced, lines)


def _hidden(
    name: str, what: str, typed: str, mark: str, marked: list[str], lines: list[str]
) -> DataError:
    flags = choices([_without_end(cut(line, mark)) for line in marked])
    return DataError(
        f"{name}: expected one word a line or columns separated by tabs, found {what} in "
        f"{len(marked):,} of {len(lines):,} lines; for columns say --delimiter {typed} with "
        f"{flags}; for whole lines as words, --layout words"
    )


def _three(row: list[str], cells: list[str]) -> bool:
    """Whether there are three columns, of which the last may be empty."""
    return len(row) == 3 or (len(row) < 3 and len(cells) == 3)


def _of_three_columns(rows: Sequence[Sequence[str]]) -> str | None:
    """Return the layout of rows of three cells, None where it is in doubt."""
    columns = [[row[i] for row in rows] for i in range(3)]
    if any(map(mostly_numbers, columns)):
        return None
    second, third = columns[1:]
    more_bundles = _share_of_bundles(second) - _share_of_bundles(third)
    if abs(more_bundles) >= _MARGIN:
        layout = "sigmorphon" if more_bundles > 0 else "unimorph"
    elif len(set(second)) * _REPEATS <= len(set(third)):
        layout = "sigmorphon"
    elif len(set(third)) * _REPEATS <= len(set(second)):
        layout = "unimorph"
    else:
        return None
    form, features = columns[COLUMNS[layout].index("form")], COLUMNS[layout].index("features")
    structured = sum(_STRUCTURED.search(cell) is not None for cell in columns[features])
    resembling = sum(map(_resemble, columns[0], form))
    sure = structured >= _SURE * len(rows) or resembling >= _RESEMBLING * len(rows)
    return layout if sure else None


def _in_doubt(
    sample: Sequence[tuple[int, str]], rows: list[list[str]], name: str, delimiter: str | None
) -> DataError:
    """Return what asks for the column of the words."""
    widths = Counter(map(len, rows))
    width, common = widths.most_common(1)[0]
    if len(widths) == 1:
        found = f"{count(width)} in all lines"
    else:
        odd = next(n for (n, _), row in zip(sample, rows, strict=True) if len(row) != width)
        found = (
            f"{count(width)} in {common:,} of {len(rows):,} lines and others elsewhere, first in "
            f"line {odd}"
        )
    flag = f" --delimiter {delimiter!r}" if delimiter and delimiter not in ("tab", "\\t") else ""
    layouts = ""
    if width == 3 and not any(map(mostly_numbers, zip(*_of_width(rows, 3), strict=True))):
        layouts = "; or the order of lemma, form and features: " + " or ".join(
            f"--layout {layout}" for layout, columns in COLUMNS.items() if len(columns) == 3
        )
    return DataError(
        f"{name}, line {sample[0][0]}: expected one word a line, or lemma, form and features in 3 "
        f"columns, found {found}, and nothing that shows which holds the words; say which:{flag} "
        f"{choices(rows)}{layouts}"
    )


def choices(rows: list[list[str]]) -> str:
    """Return the flags for each of the first columns, with an example of what it holds.

    Columns are called by their names where the first row has some; numbers may be frequencies.
    """
    typical = _of_width(rows, Counter(map(len, rows)).most_common(1)[0][0])
    row = typical[len(typical) // 2]
    named = len(rows) > 1 and any(cell.casefold() in HEADINGS for cell in rows[0])
    names = rows[0] if named and len(rows[0]) == len(row) else [*map(str, range(1, len(row) + 1))]
    flags = [
        f"--column {shlex.quote(name)} ({_shown(cell)})"
        for name, cell in zip(names[:_OFFERED], row, strict=False)
    ]
    numbers = [
        name
        for name, *cells in zip(names, *typical, strict=True)
        if len(typical) > 1 and mostly_numbers(cells) and not is_numbering(cells)
    ]
    *first, last = flags
    columns = f"{', '.join(first)} or {last}" if first else last
    if not numbers or len(numbers) == len(names):
        return columns
    return f"{columns}, and --weights {shlex.quote(numbers[0])} if that is how frequent they are"


def _of_width(rows: list[list[str]], width: int) -> list[list[str]]:
    return [row for row in rows if len(row) == width]


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= _SHOWN else f"{cell[: _SHOWN - 3]}...")


def _few(rows: Sequence[object]) -> int:
    """Return how many of the rows may be strays."""
    return max(1, len(rows) // 20)


def _without_end(cells: list[str]) -> list[str]:
    while len(cells) > 1 and not cells[-1]:
        cells = cells[:-1]
    return cells


def mostly_numbers(cells: Sequence[str]) -> bool:
    """Whether more than half of the cells are numbers."""
    return sum(map(is_number, cells)) * 2 > len(cells)


def is_numbering(cells: Sequence[str]) -> bool:
    """Whether the cells number their rows: 1, 2, 3 …, a heading or a few gaps apart."""
    numbers = [int(cell) for cell in cells if cell.isdecimal()]
    steps = sum(second == first + 1 for first, second in pairwise(numbers))
    return len(numbers) > 2 and steps > _NUMBERED * (len(numbers) - 1)


def mostly_bundles(cells: Sequence[str]) -> bool:
    """Whether more than half of the cells are bundles of features beyond doubt."""
    return sum(_STRUCTURED.search(cell) is not None for cell in cells) * 2 > len(cells)


def is_number(cell: str) -> bool:
    """Whether a cell is a number, as people write them."""
    return _NUMBER.fullmatch(cell) is not None


def _resemble(lemma: str, form: str) -> bool:
    """Whether two words share two letters in a row, or one of them is in the other."""
    pairs = {lemma[i : i + 2].lower() for i in range(len(lemma) - 1)}
    return lemma in form or any(form[i : i + 2].lower() in pairs for i in range(len(form) - 1))


def _share_of_bundles(cells: Sequence[str]) -> float:
    found = (_BUNDLE.search(cell) is not None and not is_number(cell) for cell in cells)
    return sum(found) / len(cells)
