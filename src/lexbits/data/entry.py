"""One word of a data set."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A word form with what the source says about it; what it does not say is empty.

    Attributes:
        form: the word itself, NFC, never empty; this is what the models learn.
        lemma: its dictionary form.
        features: its feature bundle, as the source writes it.
    """

    form: str
    lemma: str = ""
    features: str = ""
