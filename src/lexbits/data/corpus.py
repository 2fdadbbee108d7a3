"""Words as symbols, and their batches of similar length."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import END, UNKNOWN, Alphabet

Indices = NDArray[np.int64]

MOST_SYMBOLS = 64
"""Of a usual word: a batch with longer ones has fewer words, for each takes as much as they do."""


class BatchSource(ABC):
    """Words as symbols, read in batches."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of words."""

    @abstractmethod
    def lengths_of(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of symbols of the chosen words, the end symbol counted."""

    @abstractmethod
    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the chosen words as [B, T], T no longer than the longest of them."""

    def shuffled_batches(
        self,
        batch_size: int,
        seed: int,
        epoch: int,
        chosen: NDArray[np.int64] | None = None,
    ) -> list[NDArray[np.int64]]:
        """Cut the `chosen` words, or all, into batches of similar length.

        What comes out depends on them, on seed and epoch alone. Words are shuffled, sorted by
        length with a stable sort, cut, and the batches shuffled: most batches hold one length and
        need no padding.
        """
        random = np.random.Generator(np.random.Philox(key=[seed, epoch]))
        order = random.permutation(len(self) if chosen is None else chosen)
        order = order[np.argsort(self.lengths_of(order), kind="stable")]
        batches = _cut(order, batch_size)
        return [batches[i] for i in random.permutation(len(batches))]


@dataclass(frozen=True)
class Corpus(BatchSource):
    """N words as symbols, one after another: as much memory as they have symbols.

    Attributes:
        text: [M] the symbols of all words, each followed by its end symbol.
        lengths: [N] number of symbols of each word, the end symbol counted.
        pad: what rows are filled up with.

    Examples:
        >>> from lexbits.alphabet import Alphabet
        >>> words = ["sol", "luna"]
        >>> corpus = Corpus.from_words(words, Alphabet.from_words(words))
        >>> len(corpus), corpus.lengths.tolist()  # ends counted
        (2, [4, 5])
    """

    text: NDArray[np.int32]
    lengths: NDArray[np.int64]
    pad: int

    @classmethod
    def from_words(cls, words: Sequence[str], alphabet: Alphabet) -> Corpus:
        """Encode `words`, in their order; there must be at least one."""
        lengths = np.fromiter(map(len, words), np.int64, len(words)) + 1
        ends = np.cumsum(lengths) - 1
        text = np.full(int(ends[-1]) + 1, END, np.int32)
        inside = np.ones(len(text), dtype=bool)
        inside[ends] = False
        text[inside] = alphabet.encode_characters("".join(words))
        return cls(text, lengths, alphabet.pad)

    @classmethod
    def from_rows(cls, rows: NDArray[np.int32], lengths: NDArray[np.int64]) -> Corpus:
        """Take words [N, T] that are filled up after their `lengths`."""
        inside = np.arange(rows.shape[1]) < lengths[:, None]
        behind = rows[~inside]
        return cls(rows[inside], lengths, int(behind[0]) if len(behind) else END)

    @cached_property
    def begins(self) -> NDArray[np.int64]:
        """Where each word begins in the text, [N]."""
        begins: NDArray[np.int64] = np.cumsum(self.lengths) - self.lengths
        return begins

    @cached_property
    def symbols(self) -> NDArray[np.int32]:
        """All words as one matrix [N, T], as wide as the longest of them."""
        return rows_of(self.text, self.begins, self.lengths, self.pad)

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Where there is a symbol of a word or its end, and no padding, [N, T]."""
        return np.arange(self.lengths.max())[None] < self.lengths[:, None]

    @property
    def unseen(self) -> NDArray[np.int64]:
        """How many characters of each word the alphabet lacks, [N]."""
        found: NDArray[np.int64] = np.add.reduceat(
            self.text == UNKNOWN, self.begins, dtype=np.int64
        )
        return found

    def lengths_of(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of symbols of the chosen words, the end symbol counted."""
        return self.lengths[indices]

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the chosen words as [B, T], T no longer than the longest of them."""
        return rows_of(self.text, self.begins[indices], self.lengths[indices], self.pad)

    def part(self, indices: NDArray[np.int64]) -> Corpus:
        """Return the chosen words as a corpus of their own."""
        return Corpus.from_rows(self.batch(indices), self.lengths[indices])

    def batches(self, batch_size: int) -> list[NDArray[np.int64]]:
        """Cut all words into batches of similar length, the same each time, for evaluation.

        Those of very long words are smaller.
        """
        return self.cut(np.argsort(self.lengths, kind="stable"), batch_size)

    def cut(self, order: Indices, size: int) -> list[Indices]:
        """Cut words in an order into batches of `size`; those of very long words are smaller."""
        batches = _cut(order, size)
        return [part for b in batches for part in _halved(b, self.lengths, MOST_SYMBOLS * size)]


def rows_of(
    text: NDArray[np.integer], begins: NDArray[np.int64], lengths: NDArray[np.int64], pad: int
) -> NDArray[np.int32]:
    """Return words of a text as [B, T], filled up with `pad`, T the longest of their lengths.

    Args:
        text: [M] symbols.
        begins: [B] where each word begins there.
        lengths: [B] numbers of symbols.
        pad: the symbol after the end of a word.
    """
    positions = np.arange(lengths.max(initial=0))
    places = begins[:, None] + positions
    inside = positions < lengths[:, None]
    if inside.all():  # most batches hold one length
        return text[places].astype(np.int32, copy=False)
    rows = np.full(inside.shape, pad, np.int32)
    rows[inside] = text[places[inside]]
    return rows


def _halved(indices: Indices, lengths: Indices, most: int) -> list[Indices]:
    """Return parts of `indices` whose number times their longest length is at most `most`."""
    if len(indices) < 2 or len(indices) * lengths[indices].max() <= most:
        return [indices]
    half = len(indices) // 2
    return [*_halved(indices[:half], lengths, most), *_halved(indices[half:], lengths, most)]


def _cut(order: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
