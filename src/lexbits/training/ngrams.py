"""The n-gram model of the words that a training learns from: it generates more, and is a floor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.data.drawing import shares
from lexbits.data.training_words import TrainingWords
from lexbits.ngram import NGram, choose_order

ORDERS = range(2, 9)
"""Orders of the n-gram model to choose from by the dev words."""


def ngram_of(
    words: TrainingWords, dev: Sequence[str], alphabet: Alphabet, settings: Settings
) -> NGram:
    """Return the n-gram model of `words`, which follows their weights, of the best order on dev."""
    counted, held_out = (Corpus.from_words(forms, alphabet) for forms in (words.forms, dev))
    return choose_order(counted, held_out, alphabet, ORDERS, shares(words.weights, settings))[0]


class NgramTargets:
    """What the words of a batch teach: real ones their symbols, synthetic ones distributions.

    Args:
        ngram: the model that generated the synthetic words.
        real: the number of real words, after which those come in the corpus of a training.
    """

    def __init__(self, ngram: NGram, real: int) -> None:
        self._ngram = ngram
        self._real = real

    def of(self, indices: NDArray[np.int64], words: NDArray[np.int32]) -> Tensor:
        """Return the distribution of each symbol, [B, T, V], for words [B, T] and their indices."""
        alphabet = self._ngram.alphabet
        inside = words != alphabet.pad
        targets = np.zeros((*words.shape, alphabet.size), np.float32)
        np.put_along_axis(targets, np.where(inside, words, 0)[..., None], inside[..., None], 2)
        (synthetic,) = np.nonzero(indices >= self._real)
        if len(synthetic):
            chosen = Corpus.from_rows(words[synthetic], inside[synthetic].sum(1))
            found = self._ngram.next_prob(chosen)
            targets[synthetic, : found.shape[1]] = found
        return torch.from_numpy(targets)
