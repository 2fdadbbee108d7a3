"""Training words in a file that is mapped into memory: any number of them, in constant memory.

A folder of `header.json` and `words.bin`, which holds the symbols of all words, the end symbol
included, one after another: first the shortest words, then those that are longer by one, and so on.
So the place of a word follows from its number and from how many words there are of each length. Of
one length, those of a part lie together, in the order of their symbols: so a form is found fast.
"""

from __future__ import annotations

import json
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import BatchSource, rows_of
from lexbits.data.entry import Entry
from lexbits.data.permutation import Permutation
from lexbits.data.training_words import TrainingWords
from lexbits.errors import DataError, RunError

HEADER, WORDS = "header.json", "words.bin"
FORMAT = 2
PARTS = 128
"""Of the words of one length, those of a part lie together."""

WORDS_AT_ONCE = 2**16
SYMBOLS_AT_ONCE = 2**24


class PackedWords(BatchSource, TrainingWords, Sequence[Entry]):
    """Distinct words in a folder that `lexbits data pack` has made.

    Args:
        path: the folder.
        max_length: only those of at most this many characters; None takes all.

    Attributes:
        path: the folder.
        header: what it says of itself.
        alphabet: the symbols that the words are written in.
        too_long: how many words are left out.

    Raises:
        DataError: the folder is damaged, or made by a newer version; or no word is that short.
    """

    can_fit_ngram = False

    def __init__(self, path: Path, max_length: int | None = None) -> None:
        self.path = path
        self.header = _read_header(path)
        where = str(path / HEADER)
        try:
            self._alphabet = Alphabet.from_json(json.dumps(self.header["alphabet"]), where)
            by_part = np.array(self.header["words_by_symbols_and_part"], dtype=np.int64)
            counts = by_part.sum(1)
            dtype = np.dtype(self.header["dtype"])
        except (RunError, KeyError, TypeError, ValueError):
            raise DataError(f"{where}: expected the header of packed words: damaged") from None
        lengths = np.arange(len(counts))
        self._count, self._part = by_part, np.cumsum(by_part, axis=1) - by_part
        self._first = np.concatenate([[0], np.cumsum(counts)])
        self._offset = np.concatenate([[0], np.cumsum(counts * lengths)])
        expected, file = int(self._offset[-1]) * dtype.itemsize, path / WORDS
        found = file.stat().st_size if file.is_file() else 0
        if found != expected or not expected:
            raise DataError(f"{file}: expected {expected:,} bytes, found {found:,}: pack it again")
        self._symbols = np.memmap(file, dtype, mode="r")
        self._leave_out_longer(len(counts) if max_length is None else max_length)

    def _leave_out_longer(self, max_length: int) -> None:
        """Forget the words of more characters: they are the last in the file."""
        lengths, whole = max_length + 2, len(self)  # of 0 symbols, and with the end symbol
        self._count, self._part = self._count[:lengths], self._part[:lengths]
        self._first, self._offset = self._first[: lengths + 1], self._offset[: lengths + 1]
        self.too_long = whole - len(self)
        self._max_length = max_length if self.too_long else None
        if not len(self):
            raise DataError(
                f"{self.path}: expected words of at most {max_length} characters, found longer "
                "ones only; raise --max-length"
            )

    @property
    def alphabet(self) -> Alphabet:
        """The characters that they are written in."""
        return self._alphabet

    @property
    def forms(self) -> list[str]:
        """The words as text, in their order, all in memory."""
        return [entry.form for entry in self]

    @property
    def longest(self) -> int:
        """The number of characters of the longest of them."""
        return int(np.flatnonzero(np.diff(self._first)).max()) - 1

    def corpus(self, alphabet: Alphabet, more: Sequence[str] = ()) -> BatchSource:
        """Return themselves: they are symbols already, which another alphabet numbers anew."""
        if more:
            raise ValueError("packed words take no others after them")
        return self if alphabet == self.alphabet else InOtherAlphabet(self, alphabet)

    def character_counts(self) -> Counter[str]:
        """Return how often each character occurs."""
        counts, end = np.zeros(self.alphabet.inputs, np.int64), int(self._offset[-1])
        for begin in range(0, end, SYMBOLS_AT_ONCE):
            piece = self._symbols[begin : min(begin + SYMBOLS_AT_ONCE, end)]
            counts += np.bincount(piece, minlength=len(counts))
        characters = self.alphabet.characters
        found = zip(characters, counts[2 : self.alphabet.size].tolist(), strict=True)
        return Counter({character: count for character, count in found if count})

    @staticmethod
    def is_at(path: Path) -> bool:
        """Whether packed words lie in the folder `path`."""
        return (path / HEADER).is_file()

    def reference(self) -> dict[str, Any]:
        """Return what a run keeps in place of the words."""
        limit = {} if self._max_length is None else {"max_length": self._max_length}
        return {"packed": str(self.path.resolve()), "sha256": self.header["sha256"], **limit}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PackedWords):
            return NotImplemented
        digests = self.header["sha256"], other.header["sha256"]
        return digests[0] == digests[1] and len(self) == len(other)

    def __hash__(self) -> int:
        return hash((self.header["sha256"], len(self)))

    @classmethod
    def referred_to(cls, reference: dict[str, Any], where: str = "reference") -> PackedWords:
        """Return the words of a `reference`, which is written in the file `where`.

        Raises:
            DataError: it says nothing; or they are not there, or others are.
        """
        place, digest = reference.get("packed"), reference.get("sha256")
        if not isinstance(place, str) or not isinstance(digest, str):
            raise DataError(f"{where}: expected the place and the digest of packed words")
        path = Path(place)
        words = cls(path, reference.get("max_length"))  # 0.1.0 took words of any length
        if words.header.get("sha256") != digest:
            raise DataError(f"{path}: expected the words that the run began with, found others")
        return words

    def __len__(self) -> int:
        return int(self._first[-1])

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        if isinstance(index, slice):
            return self._entries(np.arange(len(self))[index])
        return self._entries(np.array([range(len(self))[index]]))[0]

    def __iter__(self) -> Iterator[Entry]:
        for begin in range(0, len(self), WORDS_AT_ONCE):
            yield from self._entries(np.arange(begin, min(begin + WORDS_AT_ONCE, len(self))))

    def __contains__(self, entry: object) -> bool:
        return isinstance(entry, Entry) and entry == Entry(entry.form) and self.has(entry.form)

    def has(self, form: str) -> bool:
        """Whether `form` is one of the words."""
        symbols = list(self.alphabet.encode(form))
        length = len(symbols)
        if length + 1 >= len(self._first) or self.alphabet.unseen(form):
            return False
        part = part_of(form)
        begin, end = self._part[length, part], self._part[length, part] + self._count[length, part]
        rows = self._symbols[self._offset[length] : self._offset[length + 1]].reshape(-1, length)
        place = bisect_left(range(end), symbols, lo=begin, key=lambda row: rows[row].tolist())
        return bool(place < end and rows[place].tolist() == symbols)

    def sample(self, size: int) -> list[Entry]:
        """Return `size` of the words, always the same ones."""
        return self._entries(np.sort(Permutation(len(self), 0)(np.arange(size))))

    def lengths_of(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of symbols of the chosen words, the end symbol counted."""
        return np.searchsorted(self._first, indices, side="right") - 1

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the chosen words as [B, T], T no longer than the longest of them."""
        lengths = self.lengths_of(indices)
        begins = self._offset[lengths] + (indices - self._first[lengths]) * lengths
        return rows_of(self._symbols, begins, lengths, self.alphabet.pad)

    def _entries(self, indices: NDArray[np.int64]) -> list[Entry]:
        if not len(indices):
            return []
        return [Entry(self.alphabet.decode(row)) for row in self.batch(indices).tolist()]


class InOtherAlphabet(BatchSource):
    """Packed words as symbols of another alphabet than the one that they are written in."""

    def __init__(self, words: PackedWords, alphabet: Alphabet) -> None:
        self._words = words
        self._symbols = words.alphabet.symbols_in(alphabet)

    def __len__(self) -> int:
        return len(self._words)

    def lengths_of(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `BatchSource`."""
        return self._words.lengths_of(indices)

    def batch(self, indices: NDArray[np.int64]) -> NDArray[np.int32]:
        """See `BatchSource`."""
        symbols: NDArray[np.int32] = self._symbols[self._words.batch(indices)]
        return symbols


def reference_of(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """Return what a run keeps in place of `entries`; None where it keeps themselves."""
    return entries.reference() if isinstance(entries, PackedWords) else None


def part_of(form: str) -> int:
    """Return the part that a form belongs to."""
    return zlib.crc32(form.encode()) % PARTS


def _read_header(path: Path) -> dict[str, Any]:
    where = path / HEADER
    try:
        header = json.loads(where.read_text("utf-8"))
        newer, older = header["format"] > FORMAT, header["format"] < FORMAT
    except FileNotFoundError:
        raise DataError(f"{path}: expected a folder of packed words, found none there") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise DataError(f"{where}: expected the header of packed words: damaged") from None
    if newer or older:
        raise DataError(
            f"{where}: in format {header['format']}; this version reads format {FORMAT}: "
            f"{'upgrade lexbits, or ' if newer else ''}pack the words again"
        )
    return dict(header)
