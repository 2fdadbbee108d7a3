"""Which columns of a table hold words and weights, where a number or a name says it.

Nothing is guessed: a name has to be in the first line. Where nothing says what separates columns,
the first line that has the name says it, or the numbers that stand where the weights should be.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lexbits.config import Settings
from lexbits.data.layouts import (
    COLUMNS,
    DELIMITERS,
    HEADERS,
    MARK,
    WEIGHT,
    Layout,
    cut,
    in_quotes,
    separator,
)
from lexbits.data.recognition import (
    HEADINGS,
    choices,
    is_number,
    is_numbering,
    mostly_bundles,
    mostly_numbers,
    refuse_hidden_columns,
)
from lexbits.errors import DataError, UsageError

_MARKS = ("\t", ",", ";", "|", " ")
_DECIMAL_COMMA = re.compile(r"\d+,(\d{1,2}|\d{4,})")  # three digits may be thousands
_POINT = re.compile(r"\d\.\d")
_MOST = 0.95  # of the lines have to have the columns

Sample = Sequence[tuple[int, str]]


def chosen_columns(sample: Sample, settings: Settings, name: str) -> tuple[Layout, bool]:
    """Return the layout that `column` and `weights` describe, and whether the first line names it.

    Args:
        sample: the first non-blank lines, numbered; of a file of lexbits the header among them.
        settings: column, weights, layout and delimiter.
        name: the file, for messages.

    Raises:
        UsageError: settings that contradict one another.
        DataError: there is no such column, or it is in doubt which one holds the words.
    """
    _refuse_contradictions(settings)
    delimiter = _delimiter(sample, settings, name)
    lines = [line for _, line in sample]
    quoted = delimiter in "\t " and sum(map(in_quotes, lines)) * 2 > len(lines)
    rows = [cut(line, delimiter, quoted) for line in lines]
    heading = [cell.removeprefix("#") if i == 0 else cell for i, cell in enumerate(rows[0])]
    widths = Counter(map(len, rows[1:]))
    # R writes the names of rows without a name of their own.
    unnamed = bool(widths) and widths.most_common(1)[0][0] == len(heading) + 1
    places = {
        role: _place(
            wanted,
            [""] * unnamed + heading,
            f"{name}, line {sample[0][0]}",
            _named_below(wanted, sample, rows),
        )
        for role, wanted in (("form", settings.column), (WEIGHT, settings.weights))
        if wanted is not None
    }
    columns: list[str] = []
    ours = HEADERS.get(lines[0].lstrip(MARK))
    if settings.layout != "auto" or (ours and "form" not in places):
        columns = [*COLUMNS[ours or settings.layout]]
    elif "form" not in places:
        places["form"] = _place_of_words(rows, heading, places[WEIGHT], name)
    for role, place in places.items():
        columns += [""] * (place + 1 - len(columns))
        if columns[place]:
            raise UsageError(
                f"{name}: column {place + 1} cannot be that of the {columns[place]} and that of "
                f"the {role}: --weights names another one"
            )
        columns[place] = role
    point = _decimal_point(rows, places.get(WEIGHT))
    described = _described(settings, places)
    layout = Layout(described, tuple(columns), delimiter, True, quoted, point)
    by_name = any(isinstance(wanted, str) for wanted in (settings.column, settings.weights))
    return layout, by_name or ours is not None or is_heading(rows, layout)


@dataclass(frozen=True)
class Unread:
    """A column that is not read, though it holds something.

    Attributes:
        place: its number, from 1.
        name: its name in the first line; "" where it has none.
        kind: "numbers" or "features".
        example: what a row holds.
    """

    place: int
    name: str
    kind: str
    example: str


def unread_columns(lines: Sequence[str], layout: Layout, named: str) -> list[Unread]:
    """Return the columns of numbers and of features in `lines` that the layout does not read.

    Args:
        lines: the first lines of words.
        layout: their columns; those after its last are looked at too.
        named: the line that names the columns; "" where there is none.
    """
    if not lines or (layout.columns == ("form",) and not layout.more):
        return []
    heading = cut(named, layout.delimiter, layout.quoted) if named else []
    rows = [cut(line, layout.delimiter, layout.quoted) for line in lines]
    found = []
    for place in range(Counter(map(len, rows)).most_common(1)[0][0]):
        if place < len(layout.columns) and layout.columns[place]:
            continue
        cells = [row[place] for row in rows if place < len(row)]
        name = heading[place] if place < len(heading) else ""
        if mostly_numbers(cells) and not is_numbering(cells):
            found.append(Unread(place + 1, name, "numbers", cells[0]))
        elif mostly_bundles(cells):
            found.append(Unread(place + 1, name, "features", cells[0]))
    return found


def _refuse_contradictions(settings: Settings) -> None:
    if settings.column and settings.layout != "auto":
        raise UsageError(
            f"layout {settings.layout} says where the words are, and so does column "
            f"{settings.column}: give one of the two"
        )


def _delimiter(sample: Sample, settings: Settings, name: str) -> str:
    """Return what separates columns: as given, or what the lines leave no doubt of."""
    if settings.delimiter is not None:
        return separator(settings.delimiter)
    names = [w for w in (settings.column, settings.weights) if isinstance(w, str)]
    place = settings.weights if isinstance(settings.weights, int) else None
    for mark in _MARKS:
        rows = [cut(line, mark, quoted=True) for _, line in sample]
        if names:
            first = [cell.removeprefix("#").casefold() for cell in rows[0]]
            if len(first) > 1 and all(wanted.casefold() in first for wanted in names):
                return mark
        elif place is not None:
            cells = [row[place - 1] for row in rows[1:] or rows if len(row) >= max(place, 2)]
            if len(cells) >= _MOST * len(rows[1:] or rows) and mostly_numbers(cells):
                return mark
    if not names and not any("\t" in line for _, line in sample):
        refuse_hidden_columns(sample, name)
    return "\t"


def _named_below(
    wanted: int | str, sample: Sequence[tuple[int, str]], rows: list[list[str]]
) -> str:
    """Return what to do where a line below the first one names a column; "" where none does."""
    named = str(wanted).casefold()
    at = next((i for i, row in enumerate(rows) if named in map(str.casefold, row)), 0)
    if not at:
        return ""
    above = [line.lstrip(MARK)[:1] for _, line in sample[:at]]
    mark = above[0] if len(set(above)) == 1 and not above[0].isalnum() else ""
    said = f"; line {sample[at][0]} names it: "
    return said + (
        f"--comment {shlex.quote(mark)} leaves out what is above it"
        if mark
        else "take away what is above it"
    )


def _place(wanted: int | str, heading: list[str], where: str, named_below: str) -> int:
    """Return the place, from 0, of a column by number or name."""
    if isinstance(wanted, int):
        return wanted - 1
    places = [i for i, cell in enumerate(heading) if cell == wanted]
    places = places or [i for i, c in enumerate(heading) if c.casefold() == wanted.casefold()]
    if len(places) == 1:
        return places[0]
    named = [cell for cell in heading if cell]
    if places:
        numbers = " or ".join(str(place + 1) for place in places)
        raise DataError(f"{where}: {len(places)} columns are named {wanted!r}; say {numbers}")
    near = difflib.get_close_matches(wanted, named, n=1, cutoff=0.5)
    guess = f"; did you mean {near[0]!r}?" if near else "; give a name or a number; --delimiter "
    guess += (
        "" if near else f"says what separates columns ({', '.join(DELIMITERS)}, or a character)"
    )
    raise DataError(
        f"{where}: expected a column named {wanted!r}, found {', '.join(map(repr, named[:12]))}"
        f"{named_below or guess}"
    )


def _place_of_words(rows: list[list[str]], heading: list[str], weights: int, name: str) -> int:
    """Return the place of the words beside the weights, where there is no doubt."""
    named = [i for i, cell in enumerate(heading) if cell.casefold() in HEADINGS and i != weights]
    if len(named) == 1:
        return named[0]
    width = Counter(map(len, rows)).most_common(1)[0][0]
    table = [row for row in rows[1:] or rows if len(row) == width]
    text = [
        i for i in range(width) if i != weights and not mostly_numbers([row[i] for row in table])
    ]
    if len(text) == 1:
        return text[0]
    raise DataError(
        f"{name}: weights are in column {weights + 1}, and nothing shows which column holds the "
        f"words; say which: {choices(rows)}"
    )


def is_heading(rows: list[list[str]], layout: Layout) -> bool:
    """Whether the first row names its columns, by what a column of words or weights holds."""
    if len(rows) == 1:
        return False
    place = layout.columns.index("form")
    if place < len(rows[0]) and rows[0][place].casefold() in HEADINGS:
        return True
    if WEIGHT not in layout.columns:
        return False
    place = layout.columns.index(WEIGHT)
    weights = [row[place] for row in rows if place < len(row)]
    return place < len(rows[0]) and not is_number(weights[0]) and mostly_numbers(weights[1:])


def _decimal_point(rows: list[list[str]], place: int | None) -> str:
    """Return the decimal point of the weights: a comma where no other reading is possible."""
    cells = [row[place] for row in rows if place is not None and place < len(row)]
    commas = any(_DECIMAL_COMMA.fullmatch(cell) for cell in cells)
    return "," if commas and not any(_POINT.search(cell) for cell in cells) else "."


def _described(settings: Settings, places: dict[str, int]) -> str:
    column = f"column {settings.column or places.get('form', 0) + 1}"
    described = column if settings.layout == "auto" else str(settings.layout)
    return f"{described}, weights in column {settings.weights}" if WEIGHT in places else described
