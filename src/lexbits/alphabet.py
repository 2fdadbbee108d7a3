"""Characters <-> integer symbols.

Symbols 0 .. size-1 can be predicted: the end of the word, the unknown symbol, then one symbol for
each character. Two more symbols are only ever read: `start` begins a word, `pad` fills a row of a
batch. None of the four is a character, so no word can contain one by accident.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lexbits.errors import RunError

END = 0
UNKNOWN = 1
UNKNOWN_SIGN = "\N{REPLACEMENT CHARACTER}"


class Alphabet:
    """The characters of a model, in a fixed order.

    Attributes:
        characters: the characters, in the order of their symbols (from 2 on).
        size: V, the number of symbols that can be predicted.
        start: the symbol that precedes every word (input only).
        pad: the symbol that fills rows after the end of a word (input only).
        inputs: the number of symbols that can be read, V + 2.

    Examples:
        >>> alphabet = Alphabet.from_words(["sol", "luna"])
        >>> "".join(alphabet.characters), alphabet.size  # with the end and the unknown symbol
        ('alnosu', 8)
    """

    def __init__(self, characters: Sequence[str]) -> None:
        if len(set(characters)) != len(characters) or any(len(c) != 1 for c in characters):
            raise ValueError("an alphabet needs distinct single characters")
        self.characters = tuple(characters)
        self.size = len(self.characters) + 2
        self.start = self.size
        self.pad = self.size + 1
        self.inputs = self.size + 2
        self._symbols = {character: i + 2 for i, character in enumerate(self.characters)}

    @classmethod
    def from_words(cls, words: Iterable[str]) -> Alphabet:
        """Make the alphabet of all characters that occur in `words`, in code-point order."""
        return cls(sorted(set().union(*words)))

    def extended(self, characters: Iterable[str]) -> Alphabet:
        """Return this alphabet with those of `characters` after it that it lacks, in order.

        Examples:
            >>> Alphabet("abc").extended("bead").characters
            ('a', 'b', 'c', 'd', 'e')
        """
        return Alphabet([*self.characters, *sorted(set(self.unseen("".join(characters))))])

    def symbols_in(self, other: Alphabet) -> NDArray[np.int32]:
        """Return the symbol of `other` for each of these, [V + 2]; UNKNOWN for what it lacks."""
        characters = other.encode_characters("".join(self.characters))
        symbols = [END, UNKNOWN, *characters.tolist(), other.start, other.pad]
        return np.array(symbols, np.int32)

    def encode(self, word: str) -> list[int]:
        """Return the symbols of `word` and the end symbol; unseen characters become UNKNOWN."""
        return [self._symbols.get(character, UNKNOWN) for character in word] + [END]

    def encode_characters(self, text: str) -> NDArray[np.int32]:
        """Return the symbol of each character of `text`, of millions at once; no end symbol."""
        # A word of the API may hold half a surrogate pair, which is a character like any other.
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        symbols: NDArray[np.int32] = self._by_point[np.minimum(points, len(self._by_point) - 1)]
        return symbols

    @cached_property
    def _by_point(self) -> NDArray[np.int32]:
        """The symbol of each code point, up to the first one after those of all characters."""
        points = [ord(character) for character in self.characters]
        table = np.full(max(points, default=-1) + 2, UNKNOWN, np.int32)
        table[points] = range(2, self.size)
        return table

    def decode(self, symbols: Iterable[int]) -> str:
        """Return the word that `symbols` spell, up to the first end (or pad) symbol, in NFC.

        Characters of an alphabet may combine, as j and U+0301 do, or e and U+0301 to é: a word is
        its normal form, so it may have fewer characters than there are symbols.
        """
        word = []
        for symbol in symbols:
            if symbol in (END, self.pad):
                break
            if symbol == UNKNOWN:
                word.append(UNKNOWN_SIGN)
            elif symbol != self.start:
                word.append(self.characters[symbol - 2])
        return unicodedata.normalize("NFC", "".join(word))

    def unseen(self, word: str) -> str:
        """Return the characters of `word` that this alphabet lacks, each once, in order."""
        return "".join(dict.fromkeys(c for c in word if c not in self._symbols))

    def in_known_case(self, text: str) -> str:
        """Return `text` in the case that this alphabet has all its characters in, "" if in none.

        Examples:
            >>> Alphabet.from_words(["emma", "noah"]).in_known_case("Emma")
            'emma'
        """
        cases = (text, text.lower(), text.upper())
        return next((case for case in cases if not self.unseen(case)), "")

    def __repr__(self) -> str:
        return f"Alphabet({''.join(self.characters)!r})"

    def to_json(self) -> str:
        """Return the alphabet as a JSON document."""
        return json.dumps({"characters": list(self.characters)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str, where: str) -> Alphabet:
        """Read what `to_json` wrote; `where` names the file in the error message."""
        try:
            characters = json.loads(text)["characters"]
            "".join(characters).encode()  # no half of a surrogate pair, which nobody can print
            if any(unicodedata.category(character) == "Cc" for character in characters):
                raise ValueError("a control character")  # which a terminal would obey
            return cls(characters)
        except (ValueError, KeyError, TypeError) as error:
            raise RunError(f"{where}: not an alphabet file of lexbits ({error})") from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Alphabet) and self.characters == other.characters

    def __hash__(self) -> int:
        return hash(self.characters)
