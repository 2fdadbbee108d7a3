"""A source of lines -> entries, with what was noticed on the way."""

from __future__ import annotations

import unicodedata
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import PurePath

from lexbits.config import Settings
from lexbits.data.bad import BadWords
from lexbits.data.columns import Unread, chosen_columns, is_heading, unread_columns
from lexbits.data.entry import Entry
from lexbits.data.layouts import (
    HEADERS,
    MARK,
    WORDS,
    Layout,
    headed,
    named,
    parse_line,
    without_marks,
)
from lexbits.data.lines import display_name, numbered_lines
from lexbits.data.oddities import oddities
from lexbits.data.recognition import SAMPLE_LINES, recognise
from lexbits.errors import DataError


@dataclass(frozen=True)
class Reading:
    """What one file held, or several that are one list.

    Attributes:
        entries: the entries in the order of the file, duplicates included; at least one.
        layout: the name of the layout they were read in.
        notes: what was left out and what is odd, in plain words, for the user.
        lines: the number of the line of each entry.
        files: where the entries of each file begin, and its name.
        unread: columns of the first file that hold numbers or features and are not read.
        odd: those of the notes that say what is odd about the words.
        columns: the columns of the first file.
    """

    entries: list[Entry]
    layout: str
    notes: list[str]
    lines: Sequence[int] = ()
    files: Sequence[tuple[int, str]] = ()
    unread: Sequence[Unread] = ()
    odd: Sequence[str] = ()
    columns: Layout = WORDS

    def place(self, index: int) -> str:
        """Return where the entry of this number stands: its line; of several files, which one."""
        line = f"line {self.lines[index]}"
        if len(self.files) < 2:
            return line
        begins, names = zip(*self.files, strict=True)
        short = [PurePath(name).name for name in names]
        known_by = short if len({*short}) == len(short) else names
        return f"{known_by[bisect_right(begins, index) - 1]}, {line}"


@dataclass
class Stream:
    """What was noticed of a file while its entries were read, complete when they are all read.

    Attributes:
        layout: the layout they are read in.
        kept: the number of entries read.
        blank_lines: the number of blank lines, which are skipped.
        comments: the number of lines left out because they are comments.
        too_long: the number of entries left out because their form was too long.
        without_form: the number of rows left out because their form was empty.
        marked: the number of lines in which a word lost a byte-order mark.
        lowered: the number of entries whose form was not in lower case.
        fallen: what each form in lower case was before, with how often, if that is to be kept.
        turkish: which of I, İ and ı were met when forms were put into lower case.
        heading: what was left out because it names the column, "" if nothing was.
        unread: columns that hold numbers or features and are not read.
        line: the number of the line that was read last.
        bad: the lines left out because they are no words.
    """

    layout: Layout = WORDS
    kept: int = 0
    blank_lines: int = 0
    comments: int = 0
    too_long: int = 0
    without_form: int = 0
    marked: int = 0
    lowered: int = 0
    fallen: dict[str, Counter[str]] | None = None
    turkish: set[str] = field(default_factory=set)
    heading: str = ""
    unread: Sequence[Unread] = ()
    line: int = 0
    bad: BadWords = field(default_factory=lambda: BadWords(skip=False))


def read_entries(source: str, settings: Settings, more: Sequence[str] = ()) -> Reading:
    """Read all entries of a file or of standard input; of several, one after another as one list.

    Each file is read in its own layout, unless the settings give one.

    Args:
        source: a path, or `-` for standard input.
        settings: layout or columns, delimiter, encoding, comments, longest form, and whether forms
            are put into lower case and bad lines left out; all else is not read.
        more: the other files.

    Raises:
        UsageError: an unknown delimiter, or a layout and a column.
        DataError: a source cannot be read, it is in doubt where its words are, a line of it is
            not an entry, or nothing remains.
    """
    entries: list[Entry] = []
    lines, files, notes = array("Q"), [], []
    streams = []
    for path in (source, *more):
        seen, begin = Stream(fallen={}), len(entries)
        before: set[str] = {entry.form for entry in entries} if begin else set()
        for entry in stream_entries(path, settings, seen):
            entries.append(entry)
            lines.append(seen.line)
        found = notes_on(seen, settings.max_length)
        found += _fallen_together(seen, entries[begin:])
        if before:
            found += _repeated(entries[begin:], before)
        name = display_name(path)
        notes += [f"{name}: {note}" if more else note for note in found]
        files.append((begin, name))
        streams.append(seen)
    layouts = dict.fromkeys(seen.layout.name for seen in streams)
    listed = all(len(seen.layout.columns) == 1 for seen in streams)
    odd = oddities([entry.form for entry in entries], listed=listed)
    name = " + ".join(layouts)
    first = streams[0]
    return Reading(entries, name, notes + odd, lines, files, first.unread, odd, first.layout)


def _fallen_together(seen: Stream, entries: Sequence[Entry]) -> list[str]:
    """Return how many different forms are one in lower case."""
    if not seen.fallen:
        return []
    unchanged = Counter(entry.form for entry in entries)
    for form, before in seen.fallen.items():
        unchanged[form] -= sum(before.values())
    together = {
        form: [*before, *([form] if unchanged[form] > 0 else [])]
        for form, before in seen.fallen.items()
    }
    fewer = sum(len(before) - 1 for before in together.values())
    if not fewer:
        return []
    example = " and ".join(map(repr, next(b for b in together.values() if len(b) > 1)[:2]))
    return [f"{fewer:,} different forms became one with another, such as {example}"]


def _repeated(entries: Sequence[Entry], before: Collection[str]) -> list[str]:
    """Return how many forms of a file are in the files before it too."""
    forms = {entry.form for entry in entries}
    again = sum(form in before for form in forms)
    if not again:
        return []
    return [f"{again:,} of {_plural(len(forms), 'different form')} are in the files before it too"]


def notes_on(seen: Stream, max_length: int) -> list[str]:
    """Return what was noticed of a file, in plain words."""
    notes = [f"layout: {seen.layout}"]
    if seen.heading:
        notes.append(f"the first line names the columns ({seen.heading!r}) and is no word")
    if seen.blank_lines:
        notes.append(f"{_plural(seen.blank_lines, 'blank line')} skipped")
    if seen.comments:
        notes.append(f"{_plural(seen.comments, 'line')} of comments left out")
    if seen.without_form:
        rows = seen.kept + seen.too_long + seen.without_form
        notes.append(f"{seen.without_form:,} of {_plural(rows, 'row')} without a form left out")
    if seen.too_long:
        notes.append(
            f"{seen.too_long:,} of {seen.kept + seen.too_long:,} forms longer than "
            f"{max_length} characters left out"
        )
    if seen.lowered:
        notes.append(f"{seen.lowered:,} of {_plural(seen.kept, 'form')} put into lower case")
    if "İ" in seen.turkish or seen.turkish == {"I", "ı"}:
        notes.append(
            "lower case is that of Unicode: İ becomes i with a dot above it, and I becomes i. For "
            "Turkish and its like, write them in lower case yourself: sed 's/I/ı/g; s/İ/i/g' FILE"
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
    with closing(numbered_lines(source, seen.bad, settings.encoding)) as numbered:
        lines = _of_words(numbered, settings.comment, seen)
        sample = list(islice(lines, SAMPLE_LINES))
        if not sample:
            nothing = ((seen.blank_lines, "blank line"), (seen.comments, "comment"))
            found = " and ".join(_plural(number, what) for number, what in nothing if number)
            but = f" but {found}" if found else ""
            raise DataError(f"{name}: expected words, found none{but}; give a list of words")
        layout, has_heading = _layout(sample, settings, name)
        seen.layout = layout
        if has_heading:
            first = sample.pop(0)[1].strip()
            seen.heading = "" if first.lstrip(MARK) in HEADERS else first
        seen.unread = unread_columns([line for _, line in sample], layout, seen.heading)
        longest = settings.max_length
        for seen.line, line in chain(sample, lines):
            text = _unmarked(line, layout.delimiter, seen) if MARK in line else line
            if text.startswith("#") and text in HEADERS:  # of a split of lexbits, joined to another
                continue
            try:
                entry = parse_line(text, layout, name, seen.line)
            except DataError as error:
                seen.bad.found(error)
                continue
            if entry is not None and settings.lowercase:
                entry = _lower(entry, seen)
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
    sample: Sequence[tuple[int, str]], settings: Settings, name: str
) -> tuple[Layout, bool]:
    """Return the layout of a file, and whether its first line names the columns."""
    if settings.column or settings.weights:
        return chosen_columns(sample, settings, name)
    header = sample[0][1].lstrip(MARK)
    if header in HEADERS:
        return headed(header, weights=False), True
    if settings.layout != "auto":
        layout = named(settings.layout, settings.delimiter)
    else:
        layout = recognise(sample, name, settings.delimiter)
    return layout, _is_heading(sample, layout)


def _is_heading(sample: Sequence[tuple[int, str]], layout: Layout) -> bool:
    """Whether the first line of a table names its columns; a plain list has no such line."""
    if layout == WORDS:
        return False
    return is_heading([layout.cells(line) for _, line in sample], layout)


def _lower(entry: Entry, seen: Stream) -> Entry:
    """Return an entry in the lower case of Unicode, which keeps ß and knows the last sigma."""
    form = unicodedata.normalize("NFC", entry.form.lower())
    if form != entry.form:
        seen.lowered += 1
        if seen.fallen is not None:
            seen.fallen.setdefault(form, Counter())[entry.form] += 1
        seen.turkish |= {"I", "İ"}.intersection(entry.form)
        return entry._replace(form=form, lemma=unicodedata.normalize("NFC", entry.lemma.lower()))
    if "ı" in form:
        seen.turkish.add("ı")
    return entry


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


def _of_words(
    lines: Iterable[tuple[int, str]], comment: str | None, seen: Stream
) -> Iterator[tuple[int, str]]:
    """Yield the lines that are neither blank nor comments; a header of lexbits is no comment."""
    for number, line in lines:
        if not line.strip():
            seen.blank_lines += 1
        elif comment and line.lstrip().startswith(comment) and line not in HEADERS:
            seen.comments += 1
        else:
            yield number, line


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)
