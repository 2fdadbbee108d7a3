"""Words as one integer matrix, and its batches of similar length."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import END, UNKNOWN, Alphabet


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
    """N words as symbols, one matrix in memory.

    Attributes:
        symbols: [N, T] symbols of each word and its end symbol, filled up with `alphabet.pad`.
        lengths: [N] number of symbols of each word, the end symbol counted.

    Examples:
        >>> from lexbits.alphabet import Alphabet
        >>> words = ["sol", "luna"]
        >>> corpus = Corpus.from_words(words, Alphabet.from_words(words))
        >>> len(corpus), corpus.lengths.tolist()  # ends counted
        (2, [4, 5])
    """

    symbols: NDArray[np.int32]
    lengths: NDArray[np.int64]

    @classmethod
    def from_words(cls, words: Sequence[str], alphabet: Alphabet) -> Corpus:
        """Encode `words`, in their order; there must be at least one."""
        characters = np.fromiter(map(len, words), np.int64, len(words))
        symbols = np.full((len(words), characters.max() + 1), alphabet.pad, np.int32)
        columns = np.arange(symbols.shape[1])
        symbols[columns < characters[:, None]] = alphabet.encode_characters("".join(words))
        symbols[columns == characters[:, None]] = END
        return cls(symbols, characters + 1)

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Where there is a symbol of a word or its end, and no padding, [N, T]."""
        return np.arange(self.symbols.shape[1])[None] < self.lengths[:, None]

    @property
    def unseen(self) -> NDArray[np.int64]:
        """How many characters of each word the alphabet lacks, [N]."""
        found: NDArray[np.int64] = (self.symbols == UNKNOWN).sum(1)
        return found

    def lengths_of(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of symbols of the chosen words, the end symbol counted."""
        return self.lengths[indices]

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the chosen words as [B, T], T no longer than the longest of them."""
        return self.symbols[indices, : self.lengths[indices].max()]

    def batches(self, batch_size: int) -> list[NDArray[np.int64]]:
        """Cut all words into batches of similar length, the same each time, for evaluation."""
        return _cut(np.argsort(self.lengths, kind="stable"), batch_size)


def _cut(order: NDArray[np.int64], batch_size: int) -> list[NDArray[np.int64]]:
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
