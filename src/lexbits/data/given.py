"""Words given from Python, cleaned and split as those of a file are."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

from lexbits import arguments
from lexbits.config import Settings
from lexbits.data.bad import BadWords
from lexbits.data.entry import Entry, forms_of
from lexbits.data.layouts import refuse_unprintable
from lexbits.data.splits import limited, refuse_few, split, without_seen
from lexbits.data.weights import merged, weights_note, without_weights
from lexbits.errors import LexbitsError, UsageError, warn


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
    items = arguments.listed(words, "words")
    return [form for _, form in _clean(items, "words", skip_bad, skip_blank=False)]


@dataclass(frozen=True)
class Given:
    """Words to learn from and to select by.

    Attributes:
        train: those to learn from.
        dev: those to select the best epoch by, none of them in `train`.
        notes: what was left out, and what is odd, in plain words.
        source: all words given to learn from, where a limit takes a sample of them.
    """

    train: Sequence[Entry]
    dev: list[Entry]
    notes: list[str]
    source: frozenset[str]


def words_to_learn(words: object, dev: object, settings: Settings, weights: object = None) -> Given:
    """Clean the words of a training as the command does: limits, shares, and no dev word in train.

    Blank words are left out, as blank lines are.

    Args:
        words: a list of words, or anything else that holds one word after another; or a dictionary
            of words with their weights.
        dev: words to select by; None splits a seeded share of `words` off.
        settings: limits and shares.
        weights: one for each word, if not all count the same. Those of equal words are added up.

    Raises:
        UsageError, DataError: as `clean_words`; or too few words; or a weight that is none.
    """
    notes: list[str] = []
    if isinstance(words, dict):
        weights = list(words.values())
        words = list(words)
    every = _entries(words, "words", settings, notes, weights)
    if weights is not None:
        every = merged(every)
    train = limited(every, settings.limit, [])
    source = frozenset(forms_of(every)) if len(train) < len(every) else frozenset()
    if dev is None:
        train, chosen, _ = split(train, settings.seed, settings.dev_share, 0, by="form")
    else:
        given = _entries(dev, "dev", settings, notes)
        chosen, seen = without_seen(given, train)
        if seen:
            notes.append(f"dev: {seen:,} of {len(given):,} words are in words too, and left out")
    chosen = without_weights(chosen)
    notes += refuse_few(train, chosen)
    notes += filter(None, [weights_note(train, settings)])
    return Given(train, chosen, notes, source)


def refuse_two_weights(words: object, weights: object) -> bool:
    """Return whether words have weights, by a dictionary or a list.

    Raises:
        UsageError: both.
    """
    if isinstance(words, dict) and weights is not None:
        raise UsageError("the words have weights in their dictionary: expected no others")
    return isinstance(words, dict) or weights is not None


def _entries(
    found: object, what: str, settings: Settings, notes: list[str], weights: object = None
) -> list[Entry]:
    items = arguments.listed(found, what if what == "words" else f"{what} words")
    each = None if weights is None else _weights(weights, len(items))
    cleaned = _clean(items, what, settings.skip_bad, True, each)
    if settings.lowercase:
        cleaned = [(i, unicodedata.normalize("NFC", form.lower())) for i, form in cleaned]
    kept = [
        Entry(form) if each is None else Entry(form, weight=float(each[i]))
        for i, form in cleaned
        if len(form) <= settings.max_length
    ]
    if len(kept) < len(cleaned):
        notes.append(
            f"{what}: {len(cleaned) - len(kept):,} of {len(cleaned):,} words longer than "
            f"{settings.max_length} characters left out; max_length takes them in"
        )
    return kept


def _weights(found: object, words: int) -> list[Any]:
    weights = arguments.listed(found, "weights")
    if len(weights) != words:
        raise UsageError(
            f"expected a weight for each of {words:,} words, found {len(weights):,} weights"
        )
    return weights


def _refuse_no_weight(found: object, where: str) -> None:
    number = float(found) if isinstance(found, Real) and not isinstance(found, bool) else math.nan
    if not 0 < number < math.inf:
        raise UsageError(f"{where}: expected a number above 0, found {arguments.show(found)}")


def _clean(
    items: Sequence[object],
    what: str,
    skip_bad: bool,
    skip_blank: bool,
    weights: Sequence[object] | None = None,
) -> list[tuple[int, str]]:
    """Return the words in `items` with their numbers there; one without a weight is a bad word."""
    bad = BadWords(skip_bad, "skip_bad=True leaves such words out")
    forms: list[tuple[int, str]] = []
    named = what if what == "words" else f"{what} words"
    for i, item in enumerate(items):
        if skip_blank and isinstance(item, str) and not item.strip():
            continue
        try:
            form = clean_word(item, f"{what}[{i}]")
            if weights is not None:
                _refuse_no_weight(weights[i], f"the weight of {form!r}, weights[{i}]")
        except LexbitsError as error:
            bad.found(error)
        else:
            forms.append((i, form))
    if bad.count:
        warn(f"{what}: {bad.note()}")
    if not forms:
        raise UsageError(f"expected {named}, found none")
    return forms
