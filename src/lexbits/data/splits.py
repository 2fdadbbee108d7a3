"""Which words are sampled and which split they go to: decided by hashes of the words themselves.

A hash of the text (BLAKE2b, never Python's own `hash`, which changes from process to process) makes
both choices independent of the order of the words and of the machine. Sampling and splitting hash
under different personalisations: otherwise a sample, being the words of smallest hash, would fall
into a single split.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Literal, TypeVar

from lexbits.data.entry import Entry, membership
from lexbits.errors import DataError, UsageError

MIN_WORDS = 10

FEWEST = 10
"""Fewest different words to learn from, or to select the best epoch by."""

FEW = 50
"""Below this many a note says that they are few."""

_SAMPLE = b"lexbits sample"
_SPLIT = b"lexbits split"
T = TypeVar("T")


def stable_hash(text: str, seed: int) -> float:
    """Return a number in [0, 1) that depends on `text` and `seed` alone, uniform over texts."""
    digest = blake2b(text.encode(), digest_size=8, key=_key_of(seed), person=_SPLIT).digest()
    # 53 bits fit a float exactly; all 64 could round up to 1.
    return (int.from_bytes(digest, "big") >> 11) / 2**53


@cache
def _key_of(seed: int) -> bytes:
    return blake2b(str(seed).encode(), digest_size=16).digest()


def sample(items: Sequence[T], size: int, text: Callable[[T], str]) -> list[T]:
    """Return the `size` items whose texts have the smallest hashes, in their given order.

    A smaller sample is part of every larger one, and no seed moves it.
    """
    hashes = [
        blake2b(text(item).encode(), digest_size=8, person=_SAMPLE).digest() for item in items
    ]
    chosen = heapq.nsmallest(size, range(len(items)), key=hashes.__getitem__)
    return [items[i] for i in sorted(chosen)]


def split(
    entries: Sequence[Entry],
    seed: int,
    dev_share: float,
    test_share: float,
    by: Literal["form", "lemma"],
) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Split entries into train, dev and test, each in the given order.

    A key (the form, or the lemma) goes to dev if its hash is below `dev_share`, to test if it is at
    least `1 - test_share`; so the test words do not depend on `dev_share`, nor the dev words on
    `test_share`. Where chance would leave a split empty, the nearest key fills it; and the nearest
    keys fill dev up to `FEWEST`, or to a third of all keys if these are fewer.

    Args:
        entries: the words; with `by="lemma"`, those without a lemma count as their own lemma.
        seed: another seed gives another split.
        dev_share: share of keys for dev; 0 makes no dev split.
        test_share: share of keys for test; 0 makes no test split.
        by: what stays together: equal forms or equal lemmas.

    Raises:
        UsageError: `by="lemma"` and no entry has a lemma.
        DataError: fewer than `MIN_WORDS` distinct keys.
    """
    if by == "lemma" and not any(entry.lemma for entry in entries):
        raise UsageError(
            "split_by lemma: expected words with lemmas, found none; use --split-by form"
        )
    keys = [_key(entry, by) for entry in entries]
    hashes = {key: stable_hash(key, seed) for key in keys}
    if len(hashes) < MIN_WORDS:
        raise DataError(
            f"expected at least {MIN_WORDS} distinct {by}s to split into train, dev and test, "
            f"found {len(hashes)}; give more words, or files with --dev and --test"
        )
    ordered = sorted(hashes, key=hashes.__getitem__)
    values = [hashes[key] for key in ordered]
    last = len(ordered) - (test_share > 0)
    least = min(FEWEST, len(ordered) // 3) if dev_share > 0 else 0
    dev_end = min(max(bisect_left(values, dev_share), least), last - 1)
    test_start = max(min(bisect_left(values, 1 - test_share), last), dev_end + 1)
    if test_share <= 0:
        test_start = len(ordered)
    part = dict.fromkeys(ordered[:dev_end], 1) | dict.fromkeys(ordered[test_start:], 2)
    parts: tuple[list[Entry], list[Entry], list[Entry]] = ([], [], [])
    for key, entry in zip(keys, entries, strict=True):
        parts[part.get(key, 0)].append(entry)
    return parts


def without_seen(dev: Sequence[Entry], train: Collection[Entry]) -> tuple[list[Entry], int]:
    """Return the rows of `dev` whose form is not in `train`, and how many were removed.

    Examples:
        >>> without_seen([Entry("a"), Entry("b")], [Entry("b"), Entry("c")])
        ([Entry(form='a', lemma='', features='', weight=1.0)], 1)
    """
    seen = membership(train)
    kept = [entry for entry in dev if not seen(entry.form)]
    return kept, len(dev) - len(kept)


def refuse_few(train: Iterable[Entry], dev: Iterable[Entry]) -> list[str]:
    """Check that there are words to learn from and to select by; return notes where they are few.

    Args:
        train: the words to learn from.
        dev: the words to select the best epoch by that are not in `train`.

    Raises:
        DataError: fewer than `FEWEST` different ones.
    """
    notes = []
    more = "give more words"
    # By the same seed, all words of a dev file go to dev again.
    other = "another seed where they are themselves a split of other words"
    own = "dev words of your own (--dev FILE, dev=[...])"
    for name, entries, words, purpose, remedy in (
        (
            *("train", train, "words", "to learn from"),
            f"lower --dev-share (dev_share), {more}, or {other}",
        ),
        (
            *("dev", dev, "words that are not in train", "to choose the best epoch by"),
            f"raise --dev-share (dev_share), {more}, or {own}",
        ),
    ):
        found = _distinct(entries, FEW)
        if found < FEWEST:
            raise DataError(
                f"{name}: expected at least {FEWEST} different {words} {purpose}, "
                f"found {found}; {remedy}"
            )
        if found < FEW:
            notes.append(f"{name}: {found} different {words} are few {purpose}; {remedy}")
    return notes


def _distinct(entries: Iterable[Entry], enough: int) -> int:
    """Return the number of different forms, counted no further than to `enough`."""
    seen: set[str] = set()
    for entry in entries:
        seen.add(entry.form)
        if len(seen) >= enough:
            break
    return len(seen)


def limited(
    entries: list[Entry], limit: int | Literal["auto", "all"], notes: list[str]
) -> list[Entry]:
    """Return the sample of `entries` that `limit` asks for; `notes` gets a line about it."""
    if isinstance(limit, str) or limit >= len(entries):
        return entries
    notes.append(f"a sample of {limit:,} of {len(entries):,} entries")
    return sample(entries, limit, lambda entry: entry.form)


def _key(entry: Entry, by: Literal["form", "lemma"]) -> str:
    return (entry.lemma or entry.form) if by == "lemma" else entry.form
