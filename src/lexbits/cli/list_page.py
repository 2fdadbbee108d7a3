"""How `lexbits data show` prints the page of what is odd in a list."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING, Any

from lexbits.cli.columns import Column
from lexbits.cli.output import print_line, print_table
from lexbits.cli.streams import spelled

if TYPE_CHECKING:
    from lexbits.studies.list_page import ListPage

ODD = (
    Column("count"),
    Column("what", "what is odd", wrapped=True),
    Column("examples", wrapped=True),
    Column("advice", "what to do", wrapped=True),
)
UNLIKELY = (Column("nats_per_symbol", "nats per symbol"), Column("form", "word"), Column("place"))
WIDTH = 40


def as_json(page: ListPage) -> dict[str, Any]:
    """Return the page as a JSON object."""
    return dataclasses.asdict(page)


def as_rows(page: ListPage) -> list[tuple[str, Any]]:
    """Return the page as rows of a name and a value."""
    rows: list[tuple[str, Any]] = [("rows", page.rows), ("forms", page.forms)]
    if page.sampled:
        rows.append(("rows_in_all", page.sampled))
    for odd in page.oddities:
        rows.append((f"odd_{odd.kind}", odd.count))
        rows.append((f"odd_{odd.kind}_examples", [example.form for example in odd.examples]))
    rows += [
        (f"least_word_like_{i}", [word.form, word.nats_per_symbol, word.place])
        for i, word in enumerate(page.least_word_like, 1)
    ]
    return rows + [(f"forms_of_length_{length}", n) for length, n in page.lengths.items()]


def print_page(page: ListPage) -> None:
    """Print the page for people."""
    looked = f"{page.rows:,} rows, {page.forms:,} different forms"
    if page.sampled:
        looked = f"a sample of {page.rows:,} of {page.sampled:,} rows, {page.forms:,} forms"
    if page.oddities:
        print_line(f"\nWhat is odd in {looked}:\n")
        print_table(
            ODD,
            [[odd.count, odd.what, [*map(str, odd.examples)], odd.advice] for odd in page.oddities],
        )
    else:
        print_line(f"\nNothing is odd in {looked}.")
    if page.least_word_like:
        print_line("\nThe least word-like words, by an n-gram model of the others:\n")
        shown = len(UNLIKELY) if page.least_word_like[0].place else len(UNLIKELY) - 1
        rows = [[w.nats_per_symbol, w.form, w.place][:shown] for w in page.least_word_like]
        print_table(UNLIKELY[:shown], rows)
    print_line("\nLengths of the forms, in characters:\n")
    _print_bars(page.lengths)


def _print_bars(lengths: dict[int, int]) -> None:
    bar = spelled("█", sys.stdout)
    most, wide = max(lengths.values()), len(f"{max(lengths.values()):,}")
    before = 0
    for length, count in lengths.items():
        if count:
            if before and length > before + 1:
                print_line(f"   {spelled('…', sys.stdout)}")
            print_line(f"{length:4} {count:{wide},} {bar * round(WIDTH * count / most)}".rstrip())
            before = length
