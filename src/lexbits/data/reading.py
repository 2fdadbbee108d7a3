"""A source of lines -> entries, with what was noticed on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from lexbits.data.entry import Entry
from lexbits.data.layouts import COLUMNS, HEADERS, SAMPLE_LINES, describe, parse_line, recognise
from lexbits.data.lines import display_name, numbered_lines
from lexbits.errors import DataError, UsageError


@dataclass(frozen=True)
class Reading:
    """What one file held.

    Attributes:
        entries: the entries in the order of the file, duplicates included; at least one.
        layout: the layout they were read in.
        blank_lines: the number of blank lines, which were skipped.
        too_long: the number of entries left out because their form was too long.
        notes: the same in plain words, for the user.
    """

    entries: list[Entry]
    layout: str
    blank_lines: int
    too_long: int
    notes: list[str]


@dataclass
class Stream:
    """What was noticed of a file while its entries were read, complete when they are all read.

    Attributes:
        layout: the layout they are read in.
        blank_lines: the number of blank lines, which are skipped.
        too_long: the number of entries left out because their form was too long.
        kept: the number of entries read.
    """

    layout: str = ""
    blank_lines: int = 0
    too_long: int = 0
    kept: int = 0


def read_entries(
    source: str, layout: str, max_length: int, stdin: BinaryIO | None = None
) -> Reading:
    """Read all entries of a file or of standard input.

    Args:
        source: a path, or `-` for standard input.
        layout: a name in `layouts.COLUMNS`, or `auto` to recognise it.
        max_length: forms of more characters than this are left out.
        stdin: what to read for `-` in place of the process's own standard input.

    Raises:
        UsageError: an unknown layout.
        DataError: the source cannot be read, a line of it is not an entry, or nothing remains.
    """
    seen = Stream()
    entries = list(stream_entries(source, layout, max_length, seen, stdin))
    return Reading(
        entries, seen.layout, seen.blank_lines, seen.too_long, notes_on(seen, max_length)
    )


def notes_on(seen: Stream, max_length: int) -> list[str]:
    """Return what was noticed of a file, in plain words."""
    notes = [f"layout: {describe(seen.layout)}"]
    if seen.blank_lines:
        notes.append(f"{_plural(seen.blank_lines, 'blank line')} skipped")
    if seen.too_long:
        notes.append(
            f"{seen.too_long:,} of {seen.kept + seen.too_long:,} forms longer than "
            f"{max_length} characters left out"
        )
    return notes


def stream_entries(
    source: str, layout: str, max_length: int, seen: Stream, stdin: BinaryIO | None = None
) -> Iterator[Entry]:
    """Yield the entries of a file one by one, in constant memory; `seen` is told what there was.

    Arguments and errors are those of `read_entries`.
    """
    if layout != "auto" and layout not in COLUMNS:
        raise UsageError(f"unknown layout {layout!r}; known are: auto, {', '.join(COLUMNS)}")
    name = display_name(source)
    with closing(numbered_lines(source, stdin)) as numbered:
        lines = _without_blank(numbered, seen)
        sample = list(islice(lines, SAMPLE_LINES))
        if not sample:
            blank = f" but {_plural(seen.blank_lines, 'blank line')}" if seen.blank_lines else ""
            raise DataError(f"{name}: expected words, found none{blank}; give a file with words")
        seen.layout = recognise(sample, name) if layout == "auto" else layout
        if HEADERS.get(sample[0][1]) == seen.layout:
            del sample[0]
        for number, line in chain(sample, lines):
            entry = parse_line(line, seen.layout, name, number)
            if len(entry.form) > max_length:
                seen.too_long += 1
            else:
                seen.kept += 1
                yield entry
    if not seen.kept:
        longer = seen.too_long
        found = f"{_plural(longer, 'longer form')} only" if longer else "a header line only"
        raise DataError(
            f"{name}: expected forms of at most {max_length} characters, found {found}; "
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
