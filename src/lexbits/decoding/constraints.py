"""Constraints on words, as people give them -> what the decoder is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lexbits.alphabet import UNKNOWN, Alphabet
from lexbits.decoding.automaton import (
    DEAD,
    Automaton,
    all_of,
    beginning,
    containing,
    ending,
    made_of,
    without,
)
from lexbits.decoding.lookahead import Pattern
from lexbits.errors import UsageError


@dataclass(frozen=True)
class Constraints:
    """What words have to be like, all of it together; characters in NFC.

    Attributes:
        starts_with: their first characters.
        ends_with: their last characters.
        contains: parts, each of which they have somewhere.
        length: the fewest and the most characters; None is any length.
        letters: the only characters they may have; "" allows all.
        forbid: parts, none of which they have anywhere.

    Examples:
        >>> words = ["sol", "sal", "luna", "lona"]
        >>> alphabet = Alphabet.from_words(words)
        >>> pattern = Constraints(starts_with="s").pattern(alphabet, longest=4)
        >>> [word for word in words if pattern.automaton.run(alphabet.encode(word)[:-1])]
        ['sol', 'sal']
    """

    starts_with: str = ""
    ends_with: str = ""
    contains: tuple[str, ...] = ()
    length: tuple[int, int] | None = None
    letters: str = ""
    forbid: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self != Constraints()

    def pattern(self, alphabet: Alphabet, longest: int) -> Pattern:
        """Return what the decoder is held to, of words of at most `longest` characters.

        Raises:
            UsageError: no word over the alphabet can meet them, and which ones contradict.
        """
        parts = self._automata(alphabet)
        shortest, most = self.length or (1, longest)
        most = min(most, longest)
        if shortest > longest:
            raise UsageError(
                f"length {shortest}: the longest words of this model have {longest} characters"
            )
        whole = Pattern(all_of([*parts.values()], alphabet.size), shortest, most)
        if not _can_be_met(whole):
            raise UsageError(self._contradiction(parts, alphabet.size, whole))
        return whole

    def met_by(self, words: Sequence[str], alphabet: Alphabet) -> dict[str, int]:
        """Return how many of some words meet each constraint, by what it is called."""
        spelled = [alphabet.encode(word)[:-1] for word in words]
        found = {
            name: sum(map(automaton.run, spelled))
            for name, automaton in self._automata(alphabet).items()
        }
        if self.length:
            least, most = self.length
            name = f"length {least}" if least == most else f"length {least} to {most}"
            found[name] = sum(least <= len(word) <= most for word in words)
        return found

    def _automata(self, alphabet: Alphabet) -> dict[str, Automaton]:
        """Return an automaton for each constraint that is given, by what it is called."""
        size = alphabet.size
        found = {}
        if self.starts_with:
            symbols = _known(self.starts_with, "starts with", alphabet)
            found[f"starts with {self.starts_with!r}"] = beginning(symbols, size)
        if self.ends_with:
            symbols = _known(self.ends_with, "ends with", alphabet)
            found[f"ends with {self.ends_with!r}"] = ending(symbols, size)
        for part in self.contains:
            symbols = _known(part, "contains", alphabet)
            found[f"contains {part!r}"] = containing(symbols, size)
        if self.letters:
            # Characters that the model does not know are allowed in vain.
            known = set(self.letters) & set(alphabet.characters)
            found[f"letters {self.letters!r}"] = made_of(alphabet.encode("".join(known))[:-1], size)
        # Parts with characters that the model does not know are never there.
        forbidden = [alphabet.encode(p)[:-1] for p in self.forbid if not alphabet.unseen(p)]
        if forbidden:
            found["forbid"] = without(forbidden, size)
        return found

    def _contradiction(self, parts: Mapping[str, Automaton], size: int, whole: Pattern) -> str:
        """Say which constraints no word can meet together: if one of them is dropped, some can."""
        needed = dict(parts)
        for name in parts:
            fewer = [automaton for other, automaton in needed.items() if other != name]
            if not _can_be_met(Pattern(all_of(fewer, size), whole.shortest, whole.longest)):
                del needed[name]
        names = list(needed)
        limits = f"of {whole.shortest} to {whole.longest} characters"
        return (
            f"no word {limits} can meet {' and '.join(names) or 'that'}"
            f"{' together' if len(names) > 1 else ''}; drop or change one of them"
        )


def _known(text: str, what: str, alphabet: Alphabet) -> list[int]:
    """Return the symbols of a part of words.

    Raises:
        UsageError: a character that the model does not know.
    """
    unseen = alphabet.unseen(text)
    if unseen:
        other = alphabet.in_known_case(text)
        remedy = f"try {other!r}" if other else f"its characters are {''.join(alphabet.characters)}"
        raise UsageError(
            f"{what} {text!r}: the model has never seen {', '.join(map(repr, unseen))}, so it "
            f"never spells it; {remedy}"
        )
    return alphabet.encode(text)[:-1]


def _can_be_met(pattern: Pattern) -> bool:
    """Return whether any word of the pattern's lengths is accepted, made of characters."""
    following, accepts = pattern.automaton.next[:, UNKNOWN + 1 :], pattern.automaton.accepts
    reached = np.zeros(len(following), bool)
    reached[0] = True
    for length in range(pattern.longest + 1):
        if length >= pattern.shortest and (reached & accepts).any():
            return True
        found = following[reached]
        reached = np.zeros_like(reached)
        reached[found[found != DEAD]] = True
    return False
