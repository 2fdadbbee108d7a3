"""Whether a dictionary of simplemma has a word, without reading all of it.

In the file of a dictionary words stand in order, each by what it does not share with the one
before. An index keeps every so many of them and where they are in it: a word is looked for between
two of them, which takes a millisecond; to read all of a dictionary of millions of forms takes
seconds. How its files are made is not promised by simplemma, so that an index is of use with the
version that it was made from; with another one it answers that it does not know.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from itertools import islice
from typing import Any

from lexbits.data import embedded
from lexbits.errors import DataError

Membership = Callable[[str], bool]
"""Says whether a form is one of some words."""

BLOCK = 1024
"""Words from one that is kept to the next."""


@dataclass(frozen=True)
class DictionaryIndex:
    """Some words of a dictionary, and where it goes on after them.

    Attributes:
        language: its code.
        version: the version of simplemma.
        offsets: a place in the file, decompressed, for every `BLOCK` words.
        before: the word before each place, in UTF-8.
    """

    language: str
    version: str
    offsets: tuple[int, ...]
    before: tuple[bytes, ...]

    @classmethod
    def of(cls, language: str) -> DictionaryIndex:
        """Return the index of a dictionary.

        Raises:
            DataError: it is in another kind of file, or has words that are not in NFC.
        """
        file = _opened(language)
        if file is None:
            raise DataError(f"simplemma:{language}: its dictionary is in a file of another kind")
        offsets, before, last = [], [], b""
        for number, (offset, word) in enumerate(file.words(file.first, b"")):
            if number % BLOCK == 0:
                offsets.append(offset)
                before.append(last)
            if not unicodedata.is_normalized("NFC", word.decode()):
                raise DataError(f"simplemma:{language}: expected words in NFC, found {word!r}")
            last = word
        return cls(language, version("simplemma"), tuple(offsets), tuple(before))

    def membership(self) -> Membership | None:
        """Return what says whether a form is in the dictionary; None for another version of it."""
        if self.version != version("simplemma"):
            return None
        file = _opened(self.language)
        return _Search(self, file).has if file else embedded.membership(self.language)


@dataclass
class _Search:
    """A search in a dictionary, block by block; a block is read once."""

    index: DictionaryIndex
    file: _File
    blocks: dict[int, frozenset[bytes]] = field(default_factory=dict)

    def has(self, form: str) -> bool:
        word, index = form.encode(), self.index
        number = max(0, bisect_left(index.before, word) - 1)
        if number not in self.blocks:
            words = self.file.words(index.offsets[number], index.before[number])
            self.blocks[number] = frozenset(found for _, found in islice(words, BLOCK))
        return word in self.blocks[number]


@dataclass(frozen=True)
class _File:
    """The file of a dictionary, decompressed."""

    data: bytes
    first: int
    read: Any

    def words(self, offset: int, before: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield the place and the word of each record from a place on."""
        return ((start, word) for start, word, _ in self.read(self.data, offset, before))


def _opened(language: str) -> _File | None:
    """Return the file of a dictionary; None where simplemma keeps them in another way."""
    try:
        from simplemma.strategies.dictionaries import dictionary_factory, frontcode

        data = dictionary_factory._read_decompressed(language)
        backwards, _, first = frontcode._read_header(data)
        return None if backwards else _File(data, first, frontcode._iter_records)
    except (ImportError, AttributeError, ValueError):
        return None
