"""Which split a word is in, and whether their source has it, where neither is read.

Of each word of the splits a digest of five bytes is kept. Of a million words that are in none of
them, 0.03 are taken for one of 30,000 words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

from lexbits.data.dictionary_index import DictionaryIndex
from lexbits.data.origin import Origin

DIGEST_BYTES = 5


def digest(form: str) -> bytes:
    """Return what is kept of a word of a split."""
    return blake2b(form.encode(), digest_size=DIGEST_BYTES, person=b"lexbits lookup").digest()


@dataclass(frozen=True)
class WordLookup:
    """The splits of a model without their words.

    Attributes:
        splits: the split of each word, by its digest.
        index: that of the dictionary that they are a sample of.
    """

    splits: Mapping[bytes, str]
    index: DictionaryIndex

    def split_of(self, form: str) -> str | None:
        """Return the split that has a form, None if none has."""
        return self.splits.get(digest(form))

    def origin(self) -> Origin | None:
        """Return the dictionary; None if another version of it is installed."""
        has = self.index.membership()
        return Origin(f"simplemma:{self.index.language}", has) if has else None
