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
    if layout != "auto" and layout not in COLUMNS:
        raise UsageError(f"unknown layout {layout!r}; known are: auto, {', '.join(COLUMNS)}")
    name = display_name(source)
    blank_numbers: list[int] = []
    with closing(numbered_lines(source, stdin)) as numbered:
        lines = _without_blank(numbered, blank_numbers)
        sample = list(islice(lines, SAMPLE_LINES))
        if not sample:
            blank = f" but {_plural(len(blank_numbers), 'blank line')}" if blank_numbers else ""
            raise DataError(f"{name}: expected words, found none{blank}; give a file with words")
        chosen = recognise(sample, name) if layout == "auto" else layout
        if HEADERS.get(sample[0][1]) == chosen:
            del sample[0]
        entries, too_long = _parse(chain(sample, lines), chosen, max_length, name)
    if not entries:
        found = f"{_plural(too_long, 'longer form')} only" if too_long else "a header line only"
        raise DataError(
            f"{name}: expected forms of at most {max_length} characters, found {found}; "
            "give other words or raise --max-length"
        )
    notes = [f"layout: {describe(chosen)}"]
    if blank_numbers:
        notes.append(f"{_plural(len(blank_numbers), 'blank line')} skipped")
    if too_long:
        notes.append(
            f"{too_long:,} of {len(entries) + too_long:,} forms longer than "
            f"{max_length} characters left out"
        )
    return Reading(entries, chosen, len(blank_numbers), too_long, notes)


def _without_blank(
    lines: Iterable[tuple[int, str]], blank_numbers: list[int]
) -> Iterator[tuple[int, str]]:
    for number, line in lines:
        if line.strip():
            yield number, line
        else:
            blank_numbers.append(number)


def _parse(
    lines: Iterable[tuple[int, str]], layout: str, max_length: int, name: str
) -> tuple[list[Entry], int]:
    entries, too_long = [], 0
    for number, line in lines:
        entry = parse_line(line, layout, name, number)
        if len(entry.form) > max_length:
            too_long += 1
        else:
            entries.append(entry)
    return entries, too_long


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)
