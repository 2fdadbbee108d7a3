"""A page of what is odd in a list of words, before an hour is spent on it.

Duplicates, words nearly the same, capitals, digits, other scripts, wrong encodings, columns left
unread, the least word-like words and the lengths: each with how many, some examples and what can be
done. Nothing is changed.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lexbits.data.entry import Entry
from lexbits.data.layouts import WEIGHT
from lexbits.data.likenesses import among_words, lengths
from lexbits.data.oddities import Finding, in_words
from lexbits.data.packed import PackedWords
from lexbits.data.reading import Reading
from lexbits.data.recognition import HEADINGS
from lexbits.data.scripts import of_scripts
from lexbits.data.source import Splits
from lexbits.data.splits import sample
from lexbits.ngram.least_likely import least_likely

MOST = 100_000
"""Most rows that are looked at: of more, a sample."""

EXAMPLES = 5


@dataclass(frozen=True)
class Example:
    """A form, where it stands, and what is to be said of it; "" where that is not known."""

    form: str
    place: str = ""
    detail: str = ""

    def __str__(self) -> str:
        said = ", ".join(filter(None, (self.place, self.detail)))
        return f"{self.form} ({said})" if said else self.form


@dataclass(frozen=True)
class Oddity:
    """Something odd about a list.

    Attributes:
        kind: its name for programs.
        what: what it is, in words, to stand after the count.
        count: how many forms, rows or characters it is true of.
        of: what is counted: "forms", "rows", "characters" or "columns".
        examples: up to five.
        advice: what can be done about it; "" where nothing need be.
    """

    kind: str
    what: str
    count: int
    of: str
    examples: list[Example]
    advice: str


@dataclass(frozen=True)
class Unlikely:
    """A word that is little like the others.

    Attributes:
        form: the word.
        nats_per_symbol: −log P(word) by an n-gram model of other words, over its symbols.
        place: where it stands, if that is known.
    """

    form: str
    nats_per_symbol: float
    place: str


@dataclass(frozen=True)
class ListPage:
    """What a list holds that its owner may not know of.

    Attributes:
        rows: the number of rows looked at, all of them or a sample.
        forms: the number of different forms among them.
        sampled: how many rows there are, where a sample was looked at; else None.
        oddities: what is odd, in the order of how grave it is.
        least_word_like: the words least like the others, at most twenty.
        lengths: how many forms have each number of characters.
    """

    rows: int
    forms: int
    sampled: int | None
    oddities: list[Oddity]
    least_word_like: list[Unlikely]
    lengths: dict[int, int]


def list_page(words: Splits) -> ListPage:
    """Look at the list that `words` were read from; without one, at the words themselves."""
    reading, whole = words.reading, _size(words)
    entries = reading.entries if reading else _entries(words)
    numbered = list(enumerate(entries))
    if len(numbered) > MOST:
        numbered = sample(numbered, MOST, lambda item: item[1].form)
    forms = [entry.form for _, entry in numbered]
    first: dict[str, int] = {}
    for index, entry in numbered:
        first.setdefault(entry.form, index)

    def place(form: str) -> str:
        return reading.place(first[form]) if reading else ""

    looked_at = [entry for _, entry in numbered]
    repetition = (
        "their weights are added"
        if any(entry.weight != 1 for entry in looked_at)
        else "each row counts in training; lemma or features may differ"
        if any(entry.lemma or entry.features for entry in looked_at)
        else "each row counts in training; sort -u FILE leaves one of each"
    )
    findings = [*in_words(first), *of_scripts(first), *among_words(forms, first, repetition)]
    oddities = _of_columns(reading) + [_shown(finding, place) for finding in findings]
    heading = forms[0].casefold() in HEADINGS and reading and not reading.unread
    if heading:
        what = f"first word that is what columns are called: {forms[0]!r}"
        advice = f"is it a heading? --column {forms[0]} takes it for one"
        oddities.insert(0, Oddity("heading", what, 1, "rows", [_example(forms[0], place)], advice))
    return ListPage(
        rows=len(forms),
        forms=len(first),
        sampled=whole if whole > len(forms) else None,
        oddities=oddities,
        least_word_like=[Unlikely(f, nats, place(f)) for f, nats in least_likely([*first])],
        lengths=lengths(first),
    )


def _size(words: Splits) -> int:
    if words.reading:
        return len(words.reading.entries)
    return len(words.train) + len(words.dev) + len(words.test)


def _entries(words: Splits) -> Sequence[Entry]:
    train = words.train
    if isinstance(train, PackedWords):
        train = train.sample(min(MOST, len(train)))
    return [*train, *words.dev, *words.test]


def _example(form: str, place: Callable[[str], str], detail: str = "") -> Example:
    return Example(form, place(form), detail)


def _shown(finding: Finding, place: Callable[[str], str]) -> Oddity:
    examples = [_example(f, place, finding.details.get(f, "")) for f in finding.forms[:EXAMPLES]]
    return Oddity(
        finding.kind,
        f"{finding.of} {finding.what}",
        finding.count,
        finding.of,
        examples,
        finding.advice,
    )


def _of_columns(reading: Reading | None) -> list[Oddity]:
    """Return what the columns that are not read could be used for; one of weights is enough."""
    found = []
    for column in reading.unread if reading else ():
        if column.kind == "numbers" and reading and WEIGHT in reading.columns.columns:
            continue
        name = shlex.quote(column.name or str(column.place))
        called = str(column.place) + (f", {column.name}" if column.name else "")
        if column.kind == "numbers":
            advice = f"are they frequencies? --weights {name} learns in proportion to them"
        else:
            advice = "--layout sigmorphon or unimorph reads lemmas and features too"
        what = f"column of {column.kind} that is not read: {called}"
        found.append(Oddity(column.kind, what, 1, "columns", [Example(column.example)], advice))
    return found
