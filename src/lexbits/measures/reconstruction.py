"""How much of a word comes back when it is encoded and decoded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from rapidfuzz.distance import Levenshtein
from torch import Tensor

from lexbits.alphabet import END
from lexbits.bits import keyed_samples
from lexbits.data.corpus import Corpus
from lexbits.decoding import decode
from lexbits.errors import UsageError
from lexbits.likelihood.importance import Floats
from lexbits.measures.code_search import searched_codes
from lexbits.model import LatentWordModel
from lexbits.randomness import word_keys
from lexbits.results import Result

WORDS_AT_ONCE = 1024
SEED = 0


@dataclass(frozen=True)
class ReconstructionQuality(Result):
    """Means over words; what is decoded is decoded greedily.

    Attributes:
        words: number of words.
        exact: share of words that the mode of Q(z|x) decodes to, character by character.
        edit_distance: mean Levenshtein distance between a word and what the mode decodes to, in
            characters.
        sample_exact: `exact` for one sample of Q(z|x) in place of the mode.
        sample_edit_distance: `edit_distance` for that sample.
        searched_exact: `exact` for the code that a search from the mode finds; None if not asked.
        searched_edit_distance: `edit_distance` for that code.
    """

    words: int
    exact: float
    edit_distance: float
    sample_exact: float
    sample_edit_distance: float
    searched_exact: float | None = None
    searched_edit_distance: float | None = None

    def __str__(self) -> str:
        searched = "" if self.searched_exact is None else f", {self.searched_exact:.1%} by search"
        return (
            f"{self.words:,} words: {self.exact:.1%} come back from their mode{searched}, "
            f"{self.sample_exact:.1%} from a sample; edit distance {self.edit_distance:.2f}"
        )


@torch.no_grad()
def reconstruction(
    model: LatentWordModel, corpus: Corpus, search: bool = False
) -> ReconstructionQuality:
    """Encode and decode every word of `corpus`; deterministic, as the noise has a fixed seed.

    A decoding that has not ended after twice the symbols of the longest word is cut there, counted
    at that length, and never exact. No decoding holds the unknown symbol, so a word that does is
    never exact, and each of its unknown symbols costs an edit.

    Raises:
        UsageError: the model has no bits.
    """
    if model.bits == 0:
        raise UsageError("this model has no bits (bits = 0) to decode a word from")
    limit = 2 * int(corpus.lengths.max())
    searched = searched_codes(model, corpus) if search else None
    found: list[list[Floats]] = []
    keys = word_keys(corpus, SEED, "reconstruction")
    for indices in corpus.batches(WORDS_AT_ONCE):
        words = model.words(corpus, indices)
        q = model.posterior(words)
        originals = [_characters(row) for row in words.tolist()]
        codes = [q.mode, keyed_samples(q, keys[indices].to(words.device), 1)[0]]
        if searched is not None:
            codes.append(searched[torch.from_numpy(indices)].to(words.device))
        found.append([values for z in codes for values in _compare(model, originals, z, limit)])
    means = (float(np.concatenate(values).mean()) for values in zip(*found, strict=True))
    return ReconstructionQuality(len(corpus), *means)


def _compare(
    model: LatentWordModel, originals: Sequence[Sequence[int]], z: Tensor, limit: int
) -> tuple[Floats, Floats]:
    """Return whether each word comes back from z [B, K], and the distance; both [B]."""
    decoded = decode(model.decoder, z, limit, "greedy")
    rebuilt = [_characters(row) for row in decoded.symbols.tolist()]
    distances = np.array(
        [float(Levenshtein.distance(a, b)) for a, b in zip(originals, rebuilt, strict=True)]
    )
    return ((distances == 0) & decoded.ended.cpu().numpy()).astype(float), distances


def _characters(symbols: list[int]) -> list[int]:
    """Return the symbols before the end of the word."""
    return symbols[: symbols.index(END)] if END in symbols else symbols
