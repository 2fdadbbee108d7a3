"""The words that a model learns from: one kind of object, whether listed or packed.

A list is held in memory; packed words (`data/packed.py`) lie in a file, so many that nobody should
copy them. Who trains, counts or looks words up asks the abstract class and need not know which.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import BatchSource, Corpus
from lexbits.data.drawing import Floats, weights_of
from lexbits.data.entry import Entry, FormLookup, forms_of


class TrainingWords(FormLookup):
    """Words to learn from."""

    can_fit_ngram: bool
    """Whether they are few enough for an n-gram model, which keeps all its counts in memory."""

    weights: Floats | None = None
    """How often each of them occurs, [N], or whatever else it weighs; None where that is not known.

    Settings say what a weight counts for in training (`data.drawing.shares`)."""

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of words."""

    @property
    @abstractmethod
    def forms(self) -> Sequence[str]:
        """The words as text, in their order, all in memory."""

    @property
    @abstractmethod
    def alphabet(self) -> Alphabet:
        """The characters that they are written in."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """The number of characters of the longest of them."""

    @abstractmethod
    def corpus(self, alphabet: Alphabet, more: Sequence[str] = ()) -> BatchSource:
        """Return them as symbols of `alphabet`, with `more` words after them.

        Raises:
            ValueError: `more` words, beside words that are not held in memory.
        """

    @abstractmethod
    def character_counts(self) -> Counter[str]:
        """Return how often each character occurs."""


class ListedWords(list[str], TrainingWords):
    """Words in memory, with their weights if they have any."""

    can_fit_ngram = True

    def __init__(self, words: Iterable[str] = (), weights: Floats | None = None) -> None:
        super().__init__(words)
        self.weights = weights

    @property
    def forms(self) -> Sequence[str]:
        """The words themselves."""
        return self

    @cached_property
    def alphabet(self) -> Alphabet:
        """The characters that they are written in."""
        return Alphabet.from_words(self)

    @property
    def longest(self) -> int:
        """The number of characters of the longest of them."""
        return max(map(len, self), default=0)

    @cached_property
    def _lookup(self) -> frozenset[str]:
        return frozenset(self)

    def has(self, form: str) -> bool:
        """Whether `form` is one of the words."""
        return form in self._lookup

    def corpus(self, alphabet: Alphabet, more: Sequence[str] = ()) -> Corpus:
        """Return them as symbols of `alphabet`, with `more` words after them."""
        return Corpus.from_words([*self, *more], alphabet)

    def character_counts(self) -> Counter[str]:
        """Return how often each character occurs."""
        return Counter("".join(self))


def to_learn_from(entries: Sequence[Entry]) -> TrainingWords:
    """Return the words of `entries`: forms and weights, or the packed words that they are."""
    if isinstance(entries, TrainingWords):
        return entries
    return ListedWords(forms_of(entries), weights_of(entries))


def as_training_words(words: Sequence[str] | TrainingWords) -> TrainingWords:
    """Return `words` as what can be learned from."""
    return words if isinstance(words, TrainingWords) else ListedWords(words)
