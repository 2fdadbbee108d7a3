"""Counting n-grams: every n-gram of an order has a number, made from those of the order below.

An n-gram is the number of its first n − 1 symbols, its context, and its last symbol; the two make
one integer key, and the number of the n-gram is the place of its key among the sorted keys of its
order. So counting is sorting and looking up is bisection, for all positions of a text at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus

Ids = NDArray[np.int64]

UNSEEN = -1
"""The number of an n-gram that was not counted."""
BEYOND = np.iinfo(np.int64).max
"""A key behind all others, so that the place where a key belongs can always be looked at."""


@dataclass(frozen=True)
class Text:
    """The words of a corpus in one row, each with the start symbol before it.

    Attributes:
        symbols: [M] all symbols, M = N + the number of symbols of the corpus.
        depth: [M] the place of a symbol in its word; zero is the start symbol.
    """

    symbols: Ids
    depth: Ids

    @classmethod
    def of(cls, corpus: Corpus, alphabet: Alphabet) -> Text:
        """Write the words of `corpus`, encoded by `alphabet`, in one row."""
        start = np.full((len(corpus), 1), alphabet.start, dtype=np.int64)
        rows = np.concatenate([start, corpus.symbols], axis=1)
        places = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
        inside = places <= corpus.lengths[:, None]
        return cls(rows[inside], places[inside])

    def contexts(self, ids: Ids) -> Ids:
        """Return for each symbol the number of the n-gram that ends before it, [M].

        Args:
            ids: [M] the number of the n-gram that ends with each symbol.
        """
        before = np.roll(ids, 1)
        before[self.depth == 0] = UNSEEN  # what ends before a start symbol is another word
        return before


@dataclass(frozen=True)
class Grams:
    """The n-grams of one order that occur in a text, G of them, sorted by key.

    Attributes:
        keys: [G + 1] context · base + symbol, and `BEYOND`.
        base: more than any symbol.
        begins: [G] whether it begins with the start symbol.
        count: [G] how often it occurs; that of the start symbol alone is zero, for it is given.
        continuation: [G] how many different symbols it follows; of those that begin with the start
            symbol, which follow none, the count. None for the highest order counted.
    """

    keys: Ids
    base: int
    begins: NDArray[np.bool_]
    count: Ids
    continuation: Ids | None = None

    @property
    def contexts(self) -> Ids:
        """The number of the first n − 1 symbols of each n-gram among those of their order, [G]."""
        return self.keys[:-1] // self.base

    def find(self, contexts: Ids, symbols: Ids) -> Ids:
        """Return the numbers of n-grams, `UNSEEN` where one or its context was not counted."""
        keys = contexts * self.base + symbols
        places = np.searchsorted(self.keys, keys)
        return np.where(self.keys[places] == keys, places, UNSEEN)


def count_ngrams(text: Text, alphabet: Alphabet, order: int) -> list[Grams]:
    """Count the n-grams of the orders 1, 2, … `order` in `text`.

    Of order 1 all symbols are there, also those that do not occur. Before a word stands one start
    symbol, so n-grams that begin with it are the contexts of a word's first symbols at each order.
    """
    base = alphabet.inputs
    ids = text.symbols
    count = np.bincount(ids, minlength=alphabet.start + 1)
    count[alphabet.start] = 0
    symbols = np.arange(alphabet.start + 1)
    found = [Grams(_closed(symbols), base, symbols == alphabet.start, count)]
    for _ in range(order - 1):
        contexts = text.contexts(ids)
        (there,) = np.nonzero(contexts != UNSEEN)
        keys, first, inverse, count = np.unique(
            contexts[there] * base + text.symbols[there],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        found[-1] = _with_continuation(found[-1], ids[there[first]])
        found.append(Grams(_closed(keys), base, found[-1].begins[keys // base], count))
        ids = np.full_like(ids, UNSEEN)
        ids[there] = inverse
    return found


def _closed(keys: Ids) -> Ids:
    return np.append(keys, BEYOND)


def _with_continuation(grams: Grams, endings: Ids) -> Grams:
    """Add the continuation counts.

    Args:
        grams: the n-grams of one order.
        endings: the number of what each different n-gram of the next order ends with.
    """
    followed = np.bincount(endings, minlength=len(grams.count))
    continuation = np.where(grams.begins, grams.count, followed)
    return Grams(grams.keys, grams.base, grams.begins, grams.count, continuation)
