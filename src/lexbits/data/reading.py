"""A source of lines -> entries, with what was noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice

from lexbits.config import Settings
from lexbits.data.bad import BadWords
from lexbits.data.entry import Entry
from lexbits.data.layouts import (
    HEADERS,
    MARK,
    WORDS,
    Layout,
    named,
    only_column,
    parse_line,
    without_marks,
)
from lexbits.data.lines import display_name, numbered_lines
from lexbits.data.oddities import oddities
from lexbits.data.recognition import SAMPLE_LINES, recognise, refuse_hidden_columns
from lexbits.errors import DataError, UsageError

HEADINGS = frozenset(
    ("form", "lemma", "name", "spelling", "string", "token", "type", "word", "wordform", "words")
)
"""What a column of words is called in the first line of a table."""


@dataclass(frozen=True)
class Reading:
    """What one file held.

    Attributes:
        entries: the entries in the order of the file, duplicates included; at least one.
        layout: the name of the layout they were read in.
        notes: what was left out and what is odd, in plain words, for the user.
    """

    entries: list[Entry]
    layout: str
    notes: list[str]


@dataclass
class Stream:
    """What was noticed of a file while its entries were read, complete when they are all read.

    Attributes:
        layout: the layout they are read in.
        kept: the number of entries read.
        blank_lines: the number of blank lines, which are skipped.
        too_long: the number of entries left out because their form was too long.
        without_form: the number of rows left out because their form was empty.
        marked: the number of lines in which a word lost a byte-order mark.
        heading: what was left out because it names the column, "" if nothing was.
        bad: the lines left out because they are no words.
    """

    layout: Layout = WORDS
    kept: int = 0
    blank_lines: int = 0
    too_long: int = 0
    without_form: int = 0
    marked: int = 0
    heading: str = ""
    bad: BadWords = field(default_factory=lambda: BadWords(skip=False))


def read_entries(source: str, settings: Settings) -> Reading:
    """Read all entries of a file or of standard input.

    Args:
        source: a path, or `-` for standard input.
        settings: layout or column, delimiter, longest form, and whether bad lines are left out;
            all else is not read.

    Raises:
        UsageError: an unknown delimiter, or a layout and a column.
        DataError: the source cannot be read, it is in doubt where its words are, a line of it is
            not an entry, or nothing remains.
    """
    seen = Stream()
    entries = list(stream_entries(source, settings, seen))
    notes = notes_on(seen, settings.max_length)
    notes += oddities([entry.form for entry in entries], listed=len(seen.layout.columns) == 1)
    return Reading(entries, seen.layout.name, notes)


def notes_on(seen: Stream, max_length: int) -> list[str]:
    """Return what was noticed of a file, in plain words."""
    notes = [f"layout: {seen.layout}"]
    if seen.heading:
        notes.append(f"the first line names the columns ({seen.heading!r}) and is no word")
    if seen.blank_lines:
        notes.append(f"{_plural(seen.blank_lines, 'blank line')} skipped")
    if seen.without_form:
        rows = seen.kept + seen.too_long + seen.without_form
        notes.append(f"{seen.without_form:,} of {_plural(rows, 'row')} without a form left out")
    if seen.too_long:
        notes.append(
            f"{seen.too_long:,} of {seen.kept + seen.too_long:,} forms longer than "
            f"{max_length} characters left out"
        )
    if seen.marked:
        notes.append(f"byte-order marks (U+FEFF) removed in {_plural(seen.marked, 'line')}")
    return notes + ([seen.bad.note()] if seen.bad.count else [])


def stream_entries(source: str, settings: Settings, seen: Stream) -> Iterator[Entry]:
    """Yield the entries of a file one by one, in constant memory; `seen` counts what there was.

    Arguments and errors are those of `read_entries`.
    """
    name = display_name(source)
    seen.bad = BadWords(settings.skip_bad, "--skip-bad leaves such lines out")
    with closing(numbered_lines(source, seen.bad)) as numbered:
        lines = _without_blank(numbered, seen)
        sample = list(islice(lines, SAMPLE_LINES))
        if not sample:
            blank = f" but {_plural(seen.blank_lines, 'blank line')}" if seen.blank_lines else ""
            raise DataError(f"{name}: expected words, found none{blank}; give a list of words")
        header = HEADERS.get(sample[0][1].lstrip(MARK))
        layout = seen.layout = _layout(sample, header, settings, name)
        if header:
            del sample[0]
        elif _is_heading(sample, layout):
            seen.heading = sample.pop(0)[1].strip()
        longest = settings.max_length
        for number, line in chain(sample, lines):
            text = _unmarked(line, layout.delimiter, seen) if MARK in line else line
            if text.startswith("#") and text in HEADERS:  # of a split of lexbits, joined to another
                continue
            try:
                entry = parse_line(text, layout, name, number)
            except DataError as error:
                seen.bad.found(error)
                continue
            if entry is None:
                seen.without_form += 1
            elif len(entry.form) > longest:
                seen.too_long += 1
            else:
                seen.kept += 1
                yield entry
    if not seen.kept:
        raise _nothing_left(seen, name, longest)


def _layout(
    sample: Sequence[tuple[int, str]], header: str | None, settings: Settings, name: str
) -> Layout:
    delimiter = settings.delimiter
    if settings.column and settings.layout != "auto":
        raise UsageError(
            f"layout {settings.layout} says where the words are, and so does column "
            f"{settings.column}: give one of the two"
        )
    if settings.column:
        layout = only_column(settings.column, delimiter)
        if delimiter is None and not any("\t" in line for _, line in sample):
            refuse_hidden_columns(sample, name)
        return layout
    if header:
        return named(header)
    if settings.layout != "auto":
        return named(settings.layout, delimiter)
    return recognise(sample, name, delimiter)


def _is_heading(sample: Sequence[tuple[int, str]], layout: Layout) -> bool:
    """Whether the first line of a table names its columns; a plain list has no such line."""
    if layout == WORDS or len(sample) == 1:
        return False
    cells = layout.cells(sample[0][1])
    place = layout.columns.index("form")
    return place < len(cells) and cells[place].lower() in HEADINGS


def _unmarked(line: str, delimiter: str, seen: Stream) -> str:
    unmarked = without_marks(line, delimiter)
    seen.marked += unmarked != line
    return unmarked


def _nothing_left(seen: Stream, name: str, longest: int) -> DataError:
    if seen.without_form:
        column = seen.layout.columns.index("form") + 1
        return DataError(
            f"{name}: expected a form in column {column}, found nothing in any of "
            f"{_plural(seen.without_form, 'line')}; choose another --layout or --column"
        )
    if seen.bad.count:
        return DataError(f"{name}: expected words, found none: {seen.bad.note()}")
    too_long = seen.too_long
    found = f"{_plural(too_long, 'longer form')} only" if too_long else "a header line only"
    return DataError(
        f"{name}: expected forms of at most {longest} characters, found {found}; "
        "give other words or raise --max-length"
    )


def _without_blank(lines: Iterable[tuple[int, str]], seen: Stream) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        if line.strip():
            yield number, line
        else:
            seen.blank_lines += 1


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)
