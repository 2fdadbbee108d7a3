"""What a trained model knows: how probable words are, and what its bits say of them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lexbits.data.corpus import Corpus
from lexbits.likelihood import Cost, estimate_cost, score_words
from lexbits.likelihood.exact import LIMIT, Progress
from lexbits.likelihood.exact_scores import exact_scores
from lexbits.likelihood.lower_bound import lower_bound
from lexbits.measures import Evaluation, ExactEvaluation, evaluate, summarise
from lexbits.results import Bound, Score
from lexbits.training.randomness import seeded_torch
from lexbits.word_model.trained import Trained, at_least


class Measures(Trained):
    """What is measured of a trained model."""

    def score(self, words: Sequence[str], *, samples: int = 100, seed: int = 0) -> list[Score]:
        """Return log p(word) of each word by importance sampling, exact with zero bits."""
        at_least(1, samples, "the number of samples")
        words = self._checked(words)
        with seeded_torch(seed, "score"):
            scores = score_words(self.network, Corpus.from_words(words, self.alphabet), samples)
        nats_per_bit = torch.tensor(2.0).log().item()
        return [
            Score(
                word=word,
                log_prob=float(scores.log_prob[i]),
                standard_error=float(scores.standard_error[i])
                if scores.standard_error[i] < float("inf")
                else None,
                bits_per_symbol=-float(scores.log_prob[i]) / nats_per_bit / int(scores.symbols[i]),
                symbols=int(scores.symbols[i]),
                ess=float(scores.ess[i]),
                unseen=self.alphabet.unseen(word),
            )
            for i, word in enumerate(words)
        ]

    def evaluate(self, words: Sequence[str], *, samples: int = 100, seed: int = 0) -> Evaluation:
        """Return likelihood, rate, distortion and information of the bits, nats per word."""
        at_least(1, samples, "the number of samples")
        words = self._checked(words)
        with seeded_torch(seed, "evaluate"):
            return evaluate(self.network, Corpus.from_words(words, self.alphabet), samples)

    def exact(
        self, words: Sequence[str], *, limit: int = LIMIT, progress: Progress | None = None
    ) -> ExactEvaluation:
        """Return likelihood, ELBO and the parts of the gap between them by summing over all codes.

        Args:
            words: the words.
            limit: most bits; 2^K evaluations for each distinct prefix of the words are needed.
            progress: told (done, total) on the way.

        Raises:
            UsageError: more bits than `limit`.
        """
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        return summarise(exact_scores(self.network, corpus, limit, progress))

    def exact_cost(self, words: Sequence[str]) -> Cost:
        """Return what `exact` would take: seconds, bytes, codes and prefixes."""
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        return estimate_cost(self.network, corpus, table=True)

    def lower_bound(self, words: Sequence[str], *, codes: int = 1000) -> Bound:
        """Return a lower bound of log p(word) by each word's most probable codes, without noise."""
        at_least(1, codes, "the number of codes")
        corpus = Corpus.from_words(self._checked(words), self.alphabet)
        found = lower_bound(self.network, corpus, codes)
        return Bound(len(words), min(codes, 2**self.settings.bits), -float(found.mean()))
