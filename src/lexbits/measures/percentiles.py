"""Where the probability of a word stands among those of held-out words of its length."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.likelihood import score_words
from lexbits.likelihood.importance import Floats
from lexbits.model import LatentWordModel

SAMPLES = 20
"""Importance samples of a held-out word: 100 would raise its log-probability by 0.03 nats."""

MOST = 200
"""Words of a length: with so many a percentile has a standard error of 3.5 at most."""

FEWEST = 50
"""Words to compare with; where a length has fewer, the nearest lengths join it."""


class Percentiles:
    """Percentiles of log P(word) among held-out words, by length.

    Words of a length are scored when they are first asked for: at most `MOST`, drawn at random.

    Args:
        model: the model.
        alphabet: its symbols.
        words: held-out words; at least one, unless some have been scored.
        scored: log P(word) of those of a length, where they have been scored before.
    """

    def __init__(
        self,
        model: LatentWordModel,
        alphabet: Alphabet,
        words: Iterable[str] = (),
        scored: Mapping[int, Floats] | None = None,
    ) -> None:
        self._model = model
        self._alphabet = alphabet
        self._by_length: dict[int, list[str]] = {length: [] for length in scored or ()}
        for word in dict.fromkeys(words):
            self._by_length.setdefault(len(word), []).append(word)
        self._scored: dict[int, Floats] = dict(scored or {})

    def of(self, length: int, log_prob: float) -> float:
        """Return the share of held-out words of a length that are less probable, in percent."""
        less, count = 0.0, 0
        for other in sorted(self._by_length, key=lambda other: (abs(other - length), other)):
            found = self._log_probs(other)
            less += int((found < log_prob).sum()) + 0.5 * int((found == log_prob).sum())
            count += len(found)
            if count >= FEWEST:
                break
        return 100 * less / count

    def scored(self) -> dict[int, Floats]:
        """Return log P(word) of the words of each length that are compared with."""
        return {length: self._log_probs(length) for length in sorted(self._by_length)}

    def _log_probs(self, length: int) -> Floats:
        if length not in self._scored:
            words = self._by_length[length]
            if len(words) > MOST:
                words = random.Random(length).sample(words, MOST)
            corpus = Corpus.from_words(words, self._alphabet)
            self._scored[length] = score_words(self._model, corpus, SAMPLES).log_prob
        return self._scored[length]
