"""Entries <-> text: how the words of a split are saved with a run.

The first line names the columns, so that reading back recognises nothing and guesses nothing. The
ordinary reader knows that line too: a saved split is a legal data file.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from lexbits.data.entry import Entry
from lexbits.data.layouts import COLUMNS, CONTROL, HEADERS, WEIGHT, headed, parse_line
from lexbits.data.weights import weight_text
from lexbits.errors import DataError


def to_text(entries: Sequence[Entry]) -> str:
    r"""Return `entries` as text: a word list, or lemma, form, features if any has more than a form.

    A column of weights follows if any differs from 1.

    Entries as the readers return them survive the way back through `parse_text` unchanged.

    Examples:
        >>> to_text([Entry("canto"), Entry("canta")])
        '#form\ncanto\ncanta\n'
    """
    columns = COLUMNS[
        "unimorph" if any(entry.lemma or entry.features for entry in entries) else "words"
    ]
    cells = attrgetter(*columns) if len(columns) > 1 else lambda entry: (entry.form,)
    rows = ("\t".join(cells(entry)) for entry in entries)
    if any(entry.weight != 1 for entry in entries):
        columns = (*columns, WEIGHT)
        weights = (weight_text(entry.weight) for entry in entries)
        rows = ("\t".join(row) for row in zip(rows, weights, strict=True))
    return "".join(f"{row}\n" for row in ("#" + "\t".join(columns), *rows))


def parse_text(text: str, where: str) -> list[Entry]:
    r"""Read what `to_text` wrote; `where` names the file in messages.

    Raises:
        DataError: the first line is none of the headers, or a line is not an entry.

    Examples:
        >>> parse_text("#form\ncanto\n", "words.tsv")
        [Entry(form='canto', lemma='', features='', weight=1.0)]
    """
    header, *lines = text.removesuffix("\n").split("\n")
    if header not in HEADERS:
        raise DataError(
            f"{where}, line 1: expected one of the headers {', '.join(map(repr, HEADERS))}, "
            f"found {header[:40]!r}; this is no file of words that lexbits wrote"
        )
    columns, entries = headed(header, weights=True), []
    for number, line in enumerate(lines, 2):
        entry = parse_line(line, columns, where, number, CONTROL)
        if entry is None:
            raise DataError(f"{where}, line {number}: expected a form, found nothing: damaged")
        entries.append(entry)
    return entries
