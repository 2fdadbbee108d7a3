"""What every job of a trained model starts from: its networks, its alphabet, its words."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.bits import Posterior, parse_code
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_words
from lexbits.data.known import KnownWords
from lexbits.errors import UsageError
from lexbits.model import LatentWordModel
from lexbits.training.loop import Record

WORDS_AT_ONCE = 1024
"""Words that are encoded together: bounds the memory."""


class Trained:
    """A trained model; what it can be asked is added by the classes that inherit from this one.

    Attributes:
        settings: the settings it was trained with.
        alphabet: its characters.
        network: the torch module with prior, posterior and decoder.
        words: the split ("train", "dev" or "test") of each word of its data, where known.
        history: one record for each epoch of training, where known.
    """

    def __init__(
        self,
        settings: Settings,
        alphabet: Alphabet,
        network: LatentWordModel,
        words: KnownWords,
        history: Sequence[Record] = (),
    ) -> None:
        self.settings = settings
        self.alphabet = alphabet
        self.network = network.eval()
        self.words = words
        self.history = list(history)

    def _checked(self, words: Sequence[str]) -> list[str]:
        if isinstance(words, str):
            raise UsageError(f"expected a list of words, found the string {words!r}")
        cleaned = [entry.form for entry in clean_words(words, None)]
        if len(cleaned) != len(words):
            raise UsageError("expected words, found an empty one")
        if not cleaned:
            raise UsageError("expected words, found none")
        return cleaned

    def _require_bits(self) -> None:
        if self.settings.bits == 0:
            raise UsageError("this model has no bits (bits = 0): it is a plain language model")

    def _parse(self, code: str) -> Tensor:
        self._require_bits()
        return parse_code(code, self.settings.bits).to(self.network.device)

    @torch.no_grad()
    def _posterior(self, words: Sequence[str]) -> Posterior:
        corpus = Corpus.from_words(words, self.alphabet)
        order, found = [], []
        for indices in corpus.batches(WORDS_AT_ONCE):
            batch = self.network.words(corpus, indices)
            order.append(torch.from_numpy(indices))
            found.append(self.network.posterior(batch).parameters)
        parameters = torch.cat(found)[torch.cat(order).argsort()]
        return self.network.posterior_like(parameters)


def at_least(least: int, found: int, what: str) -> None:
    """Raise UsageError if `found` is below `least`."""
    if found < least:
        raise UsageError(f"expected {what} to be at least {least}, found {found}")
