"""One word of a data set."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple


class Entry(NamedTuple):
    """A word form with what the source says about it; what it does not say is empty.

    Attributes:
        form: the word itself, NFC, never empty; this is what the models learn.
        lemma: its dictionary form.
        features: its feature bundle, as the source writes it.
        weight: how much it counts in training, above 0, as its frequency; 1 where nothing is said.

    Examples:
        >>> Entry("canto", lemma="cantar", features="pos=V,per=1")
        Entry(form='canto', lemma='cantar', features='pos=V,per=1', weight=1.0)
    """

    form: str
    lemma: str = ""
    features: str = ""
    weight: float = 1.0


class FormLookup(ABC):
    """Words that can be asked for a form: so many that nobody should copy them."""

    @abstractmethod
    def has(self, form: str) -> bool:
        """Whether `form` is one of them."""


def membership(entries: Collection[Entry]) -> Callable[[str], bool]:
    """Return a function that says whether a form is among `entries`."""
    if isinstance(entries, FormLookup):
        return entries.has
    return frozenset(entry.form for entry in entries).__contains__


def forms_of(entries: Iterable[Entry]) -> list[str]:
    """Return the forms of `entries`.

    Examples:
        >>> forms_of([Entry("canto", "cantar"), Entry("canta", "cantar")])
        ['canto', 'canta']
    """
    return [entry.form for entry in entries]


def feature_values(bundle: str) -> list[str]:
    """Return the values of a feature bundle, whether semicolons separate them or commas.

    Examples:
        >>> feature_values("V;IND;PRS;3;SG")
        ['V', 'IND', 'PRS', '3', 'SG']
        >>> feature_values("pos=V,per=1")
        ['pos=V', 'per=1']
    """
    return [value.strip() for value in re.split("[;,]", bundle) if value.strip()]
