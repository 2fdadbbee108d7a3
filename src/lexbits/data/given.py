"""Words given from Python, cleaned and split as those of a file are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from lexbits import arguments
from lexbits.config import Settings
from lexbits.data.bad import BadWords
from lexbits.data.entry import Entry, forms_of
from lexbits.data.layouts import refuse_unprintable
from lexbits.data.splits import limited, refuse_few, split, without_seen
from lexbits.errors import UsageError, warn


def clean_word(found: object, where: str) -> str:
    """Return a word in NFC, without white space around it.

    Args:
        found: the word.
        where: its place in messages, such as "words[3]".

    Raises:
        UsageError: no text, or nothing but white space.
        DataError: a character that no word can have: a control character, half of a surrogate pair.
    """
    if not isinstance(found, str) or not found.strip():
        raise UsageError(f"{where}: expected a word, found {arguments.show(found)}")
    form = unicodedata.normalize("NFC", str.__str__(found).strip())
    if not form.isprintable():
        refuse_unprintable(form, "word", where)
    return form


def clean_words(words: object, skip_bad: bool = False) -> list[str]:
    """Return each of `words` as `clean_word` does; at least one.

    Args:
        words: a list of words, or anything else that holds one word after another.
        skip_bad: leave out bad words, and warn of them, rather than refuse all.

    Raises:
        UsageError: a single text, no words, or what is no word, with its index.
        DataError: a word with a character that it cannot have, with its index.
    """
    return _clean(words, "words", skip_bad, skip_blank=False)


@dataclass(frozen=True)
class Given:
    """Words to learn from and to select by.

    Attributes:
        train: those to learn from.
        dev: those to select the best epoch by, none of them in `train`.
        notes: what was left out, and what is odd, in plain words.
        source: all words given to learn from, where a limit takes a sample of them.
    """

    train: list[Entry]
    dev: list[Entry]
    notes: list[str]
    source: frozenset[str]


def words_to_learn(words: object, dev: object, settings: Settings) -> Given:
    """Clean the words of a training as the command does: limits, shares, and no dev word in train.

    Blank words are left out, as blank lines are.

    Args:
        words: a list of words, or anything else that holds one word after another.
        dev: words to select by; None splits a seeded share of `words` off.
        settings: limits and shares.

    Raises:
        UsageError, DataError: as `clean_words`; or too few words.
    """
    notes: list[str] = []
    every = _entries(words, "words", settings, notes)
    train = limited(every, settings.limit, [])
    source = frozenset(forms_of(every)) if len(train) < len(every) else frozenset()
    if dev is None:
        train, chosen, _ = split(train, settings.seed, settings.dev_share, 0, by="form")
    else:
        given = _entries(dev, "dev", settings, notes)
        chosen, seen = without_seen(given, train)
        if seen:
            notes.append(f"dev: {seen:,} of {len(given):,} words are in words too, and left out")
    notes += refuse_few(train, chosen)
    return Given(train, chosen, notes, source)


def _entries(found: object, what: str, settings: Settings, notes: list[str]) -> list[Entry]:
    forms = _clean(found, what, settings.skip_bad, skip_blank=True)
    kept = [Entry(form) for form in forms if len(form) <= settings.max_length]
    if len(kept) < len(forms):
        notes.append(
            f"{what}: {len(forms) - len(kept):,} of {len(forms):,} words longer than "
            f"{settings.max_length} characters left out; max_length takes them in"
        )
    return kept


def _clean(found: object, what: str, skip_bad: bool, skip_blank: bool) -> list[str]:
    bad = BadWords(skip_bad, "skip_bad=True leaves such words out")
    forms = []
    named = what if what == "words" else f"{what} words"
    for i, item in enumerate(arguments.listed(found, named)):
        if skip_blank and isinstance(item, str) and not item.strip():
            continue
        form = bad.take(clean_word, item, f"{what}[{i}]")
        if form is not None:
            forms.append(form)
    if bad.count:
        warn(f"{what}: {bad.note()}")
    if not forms:
        raise UsageError(f"expected {named}, found none")
    return forms
