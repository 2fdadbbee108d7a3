"""Counting n-grams: every n-gram of an order has a number, made from those of the order below.

An n-gram is the number of its first n − 1 symbols, its context, and its last symbol; the two make
one integer key, and the number of the n-gram is the place of its key among the sorted keys of its
order. So counting is sorting and looking up is bisection, for all positions of a text at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

UNSEEN = -1
"""The number of an n-gram that was not counted."""
BEYOND = np.iinfo(np.int64).max
"""A key after all others, so that the place where a key belongs can always be looked at."""


@dataclass(frozen=True)
class Text:
    """The words of a corpus in one row, each with start symbols before it.

    Attributes:
        symbols: [M] all symbols, start symbols among them.
        begins: [M] whether a symbol is the first start symbol of a word.
        predicted: [M] whether it is no start symbol, as those are given.
    """

    symbols: Ids
    begins: NDArray[np.bool_]
    predicted: NDArray[np.bool_]

    @classmethod
    def of(cls, corpus: Corpus, alphabet: Alphabet, starts: int) -> Text:
        """Write the words of `corpus`, encoded by `alphabet`, in one row.

        Args:
            corpus: the words.
            alphabet: their symbols.
            starts: start symbols before each word, at least one. With n − 1 of them, every symbol
                has n − 1 symbols before it.
        """
        first = corpus.begins + starts * np.arange(len(corpus))
        symbols = np.full(len(corpus.text) + starts * len(corpus), alphabet.start, dtype=np.int64)
        begins = np.zeros(len(symbols), dtype=bool)
        begins[first] = True
        predicted = np.ones(len(symbols), dtype=bool)
        for place in range(starts):
            predicted[first + place] = False
        symbols[predicted] = corpus.text
        return cls(symbols, begins, predicted)

    def contexts(self, ids: Ids) -> Ids:
        """Return for each symbol the number of the n-gram that ends before it, [M].

        Args:
            ids: [M] the number of the n-gram that ends with each symbol.
        """
        before = np.roll(ids, 1)
        before[self.begins] = UNSEEN  # what ends before a start symbol is another word
        return before


@dataclass(frozen=True)
class Grams:
    """The n-grams of one order that occur in a text, G of them, sorted by key.

    Attributes:
        keys: [G + 1] context · base + symbol, and `BEYOND`.
        base: more than any symbol.
        count: [G] how often it occurs; zero if it ends with a start symbol, for those are given.
        continuation: [G] how many different symbols it follows, start symbols among them; zero as
            above. None for the highest order counted.
        weight: [G] the weights of the words it occurs in, added up; None where words have none.
    """

    keys: Ids
    base: int
    count: Ids
    continuation: Ids | None = None
    weight: Floats | None = None

    @property
    def contexts(self) -> Ids:
        """The number of the first n − 1 symbols of each n-gram among those of their order, [G]."""
        return self.keys[:-1] // self.base

    def find(self, contexts: Ids, symbols: Ids) -> Ids:
        """Return the numbers of n-grams, `UNSEEN` where one or its context was not counted."""
        keys = contexts * self.base + symbols
        places = np.searchsorted(self.keys, keys)
        return np.where(self.keys[places] == keys, places, UNSEEN)

    def children(self, contexts: Ids) -> tuple[Ids, Ids]:
        """Return all n-grams that have one of the `contexts` [N]: the row of it, and their numbers.

        Those of one context follow one another, as they are sorted.
        """
        begins = np.searchsorted(self.keys, contexts * self.base)
        sizes = np.searchsorted(self.keys, (contexts + 1) * self.base) - begins
        rows = np.repeat(np.arange(len(contexts)), sizes)
        first = np.cumsum(sizes) - sizes
        return rows, np.arange(len(rows)) + (begins - first)[rows]


def count_ngrams(
    text: Text, alphabet: Alphabet, order: int, weights: Floats | None = None
) -> list[Grams]:
    """Count the n-grams of the orders 1, 2, … `order` in `text`.

    Of order 1 all symbols are there, also those that do not occur.

    Args:
        text: the words.
        alphabet: their symbols.
        order: the highest order.
        weights: how much each word counts, [N], if not all count the same.
    """
    each = None if weights is None else weights[np.cumsum(text.begins) - 1]
    base = alphabet.inputs
    ids = text.symbols
    symbols = np.arange(alphabet.start + 1)
    count, weight = _totals(ids, text.predicted, len(symbols), each)
    found = [Grams(_closed(symbols), base, count, weight=weight)]
    for _ in range(order - 1):
        contexts = text.contexts(ids)
        (there,) = np.nonzero(contexts != UNSEEN)
        keys, first, inverse = np.unique(
            contexts[there] * base + text.symbols[there], return_index=True, return_inverse=True
        )
        one_of_each = there[first]
        follows = _counted(ids[one_of_each], text.predicted[one_of_each], len(found[-1].count))
        found[-1] = replace(found[-1], continuation=follows)
        there_each = None if each is None else each[there]
        count, weight = _totals(inverse, text.predicted[there], len(keys), there_each)
        found.append(Grams(_closed(keys), base, count, weight=weight))
        ids = np.full_like(ids, UNSEEN)
        ids[there] = inverse
    return found


def _closed(keys: Ids) -> Ids:
    return np.append(keys, BEYOND)


def _counted(ids: Ids, predicted: NDArray[np.bool_], number: int) -> Ids:
    """Return how often each of this many n-grams is among `ids` where it is predicted."""
    return np.bincount(ids[predicted], minlength=number)


def _totals(
    ids: Ids, predicted: NDArray[np.bool_], number: int, each: Floats | None
) -> tuple[Ids, Floats | None]:
    """Return how often each of this many n-grams is predicted, and the weights of these places."""
    count = _counted(ids, predicted, number)
    if each is None:
        return count, None
    weight = np.bincount(ids[predicted], each[predicted], number)
    return count, weight.astype(np.float64, copy=False)
