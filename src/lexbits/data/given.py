"""Words given from Python, cleaned as those of a file are."""

from __future__ import annotations

from collections.abc import Iterable

from lexbits.config import Settings
from lexbits.data.entry import Entry
from lexbits.data.layouts import parse_line
from lexbits.data.splits import split


def clean_words(words: Iterable[str], max_length: int | None) -> list[Entry]:
    """Return the entries of `words`: in NFC, without blank ones and those over `max_length`.

    Raises:
        DataError: a word with a tab or another control character.
    """
    entries = [
        parse_line(word, "words", "words", i) for i, word in enumerate(words, 1) if word.strip()
    ]
    return [e for e in entries if max_length is None or len(e.form) <= max_length]


def split_words(entries: list[Entry], settings: Settings) -> tuple[list[Entry], list[Entry]]:
    """Split off the share `settings.dev_share` by a seeded hash; return (train, dev).

    Raises:
        DataError: too few distinct words.
    """
    train, dev, _ = split(entries, settings.seed, settings.dev_share, 0, by="form")
    return train, dev
