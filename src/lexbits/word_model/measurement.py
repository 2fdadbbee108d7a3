"""What a trained model knows: how probable words are, and what its bits say of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

import numpy as np
import torch

from lexbits import arguments
from lexbits.bits.precision import in_double
from lexbits.data import Entry, forms_of
from lexbits.data.drawing import Floats, shares
from lexbits.data.training_words import TrainingWords, to_learn_from
from lexbits.errors import UsageError
from lexbits.likelihood import Cost, estimate_cost, score_words
from lexbits.likelihood.exact import LIMIT, Progress
from lexbits.likelihood.exact_scores import exact_scores
from lexbits.likelihood.importance import noise_keys
from lexbits.likelihood.lower_bound import lower_bound
from lexbits.measures import Evaluation, ExactEvaluation, evaluate, summarise
from lexbits.measures.evaluation import information_in
from lexbits.measures.information import ACTIVE_BIT_NATS, Information
from lexbits.measures.position_gain import WORDS, PositionGain, position_gain
from lexbits.measures.reconstruction import ReconstructionQuality, reconstruction
from lexbits.measures.sample_quality import SAMPLES, SampleQuality, sample_quality
from lexbits.word_model.records import Records
from lexbits.word_model.results import BitUsage, Bound, Score
from lexbits.word_model.trained import Trained, own_modes

HELD_OUT = 1000
"""Words on which bits are looked at where none are given."""

MOST_BITS = 62
"""Most bits whose codes can be numbered, and so summed over."""


class Measures(Trained):
    """What is measured of a trained model. Methods that take words all take them alike.

    Words are a list, or anything else that holds one word after another; `score` says what is
    raised if they cannot be taken.
    """

    @own_modes()
    def score(
        self, words: Iterable[str], *, samples: int = 100, seed: int = 0, skip_bad: bool = False
    ) -> Records[Score]:
        """Return log P(word) of each word in nats, by importance sampling; with zero bits, exactly.

        The estimate is log 1/S Σ_s P(x, z_s) / Q(z_s|x) with S codes from the posterior (Burda et
        al. 2016), which is too low on average, the less so the larger S. Up to rounding, it is a
        function of the word and the seed: the words beside it change nothing.

        Args:
            words: the words.
            samples: S, importance samples for each word.
            seed: of the samples.
            skip_bad: leave out what is not a word, with a warning, instead of refusing all.

        Raises:
            UsageError: no words, or something that is not a word, with its index; or another
                argument of the wrong kind or out of bounds.
            DataError: a word with a character that no word can have, with its index.

        Example:
            >>> for score in model.score(["casa", "kxqz"]):
            ...     print(score.word, score.log_prob, score.bits_per_symbol)
        """
        samples, seed = _samples(samples), arguments.seed(seed)
        forms, corpus = self._corpus(words, skip_bad)
        scores = score_words(self.network, corpus, samples, seed)
        nats_per_bit = torch.tensor(2.0).log().item()
        return Records(
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
            for i, word in enumerate(forms)
        )

    @own_modes()
    def evaluate(
        self, words: Iterable[str], *, samples: int = 100, seed: int = 0, skip_bad: bool = False
    ) -> Evaluation:
        """Return likelihood, rate, distortion and information of the bits, in nats per word.

        Arguments are those of `score`.

        Raises:
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.evaluate(["casa", "perro"], samples=10).nll)
        """
        samples, seed = _samples(samples), arguments.seed(seed)
        _, corpus = self._corpus(words, skip_bad)
        return evaluate(self.network, corpus, samples, seed)

    @own_modes()
    def exact(
        self,
        words: Iterable[str],
        *,
        limit: int = LIMIT,
        progress: Progress | None = None,
        skip_bad: bool = False,
    ) -> ExactEvaluation:
        """Return likelihood, ELBO and the parts of the gap between them, by a sum over all codes.

        All in nats per word: log P(x) = log Σ_z P(z) P(x|z), and the gap as a mean-field and an
        amortisation part (Cremer et al. 2018).

        Args:
            words: the words.
            limit: the most bits; the sum takes 2^K evaluations for each distinct prefix of the
                words.
            progress: called with (done, total) on the way.
            skip_bad: as in `score`.

        Raises:
            UsageError: more bits than `limit`.
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.exact(["casa", "perro"]).exact_nll)
        """
        limit = arguments.whole(limit, "limit", 0, MOST_BITS)
        arguments.function(progress, "progress")
        _, corpus = self._corpus(words, skip_bad)
        return summarise(exact_scores(self.network, corpus, limit, progress))

    @own_modes()
    def exact_cost(self, words: Iterable[str], *, skip_bad: bool = False) -> Cost:
        """Return what `exact` would cost: seconds, bytes of memory, codes and prefixes.

        Raises:
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.exact_cost(["casa", "perro"]).seconds)
        """
        _, corpus = self._corpus(words, skip_bad)
        return estimate_cost(self.network, corpus, table=True)

    @own_modes()
    def lower_bound(
        self, words: Iterable[str], *, codes: int = 1000, skip_bad: bool = False
    ) -> Bound:
        """Return a lower bound of log P(word), in nats, from each word's most probable codes.

        It is the sum over these codes alone, log Σ_z P(z) P(x|z), so it has no noise.

        Args:
            words: the words.
            codes: how many codes of each word are summed over.
            skip_bad: as in `score`.

        Raises:
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.lower_bound(["casa", "perro"], codes=10).nll_upper_bound)
        """
        codes = arguments.whole(codes, "the number of codes", 1)
        forms, corpus = self._corpus(words, skip_bad)
        found = lower_bound(self.network, corpus, codes)
        return Bound(len(forms), min(codes, 2**self.settings.bits), -float(found.mean()))

    @own_modes()
    def information(self, words: Iterable[str], *, skip_bad: bool = False) -> Information:
        """Return what the bits know about the words, and about one another, in nats.

        The mutual information is E_x[KL(Q(z|x) ‖ Q(z))], with the mean Q(z) of the posteriors of
        all words given (Hoffman and Johnson 2016); it is at most the logarithm of their number.

        Raises:
            UsageError: a model without bits.
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.information(["casa", "perro"]).mutual_information)
        """
        self._require_bits()
        _, corpus = self._corpus(words, skip_bad)
        parameters = in_double(self._posterior(corpus).parameters)
        return information_in(self.network, parameters, noise_keys(corpus, 0))

    @own_modes()
    def bit_usage(
        self, words: Iterable[str] | None = None, *, skip_bad: bool = False
    ) -> Records[BitUsage]:
        """Return for each bit how often it is on, and how many nats it knows about the words.

        Args:
            words: the words; if not given, at most 1,000 of the model's own test words, or of its
                dev words if it has no test words.
            skip_bad: as in `score`.

        Raises:
            UsageError: a model without bits; or no words are given and the model has none.
            UsageError, DataError: as `score`.

        Example:
            >>> for use in model.bit_usage():
            ...     print(use.bit, use.ones, use.nats, use.active)
        """
        self._require_bits()
        found = self.information(self._held_out() if words is None else words, skip_bad=skip_bad)
        return Records(
            BitUsage(number, ones, max(0.0, nats), nats > ACTIVE_BIT_NATS)
            for number, (ones, nats) in enumerate(zip(found.ones, found.per_bit, strict=True), 1)
        )

    def _held_out(self) -> list[str]:
        """Return at most `HELD_OUT` test words, drawn at random; dev words where there are none."""
        found = forms_of(self._held_out_entries())
        if not found:
            raise UsageError("this model has no dev or test words of its own: give words")
        return found

    def _held_out_entries(self) -> Sequence[Entry]:
        """Return the same with what is said of them; none where the model has none."""
        found = self.words.splits.get("test") or self.words.unseen_dev[0]
        return random.Random(0).sample(found, HELD_OUT) if len(found) > HELD_OUT else found

    @own_modes()
    def reconstruction(
        self, words: Iterable[str], *, search: bool = False, skip_bad: bool = False
    ) -> ReconstructionQuality:
        """Return the share of words that come back from their bits, and how near the others come.

        Args:
            words: the words.
            search: also rebuild them from the codes that `encode` finds with `search`.
            skip_bad: as in `score`.

        Raises:
            UsageError: a model without bits.
            UsageError, DataError: as `score`.

        Example:
            >>> print(model.reconstruction(["casa", "perro"]).exact)
        """
        self._require_bits()
        search = arguments.flag(search, "search")
        _, corpus = self._corpus(words, skip_bad)
        return reconstruction(self.network, corpus, search)

    @own_modes()
    def position_gain(
        self, words: Iterable[str], *, most: int | None = WORDS, skip_bad: bool = False
    ) -> PositionGain:
        """Return the nats that the bits save at each position, from a word's start and its end.

        The gain is E_Q[log P(symbol | prefix, z)] − log P(symbol | prefix), a mean over words.

        Args:
            words: the words.
            most: at most this many of them, drawn at random; None takes all.
            skip_bad: as in `score`.

        Raises:
            UsageError: a model without bits.
            UsageError, DataError: as `score`.

        Example:
            >>> for gain in model.position_gain(["casa", "perro"]).from_start:
            ...     print(gain.position, gain.gain)
        """
        self._require_bits()
        most = None if most is None else arguments.whole(most, "the number of words", 1)
        _, corpus = self._corpus(words, skip_bad)
        return position_gain(self.network, corpus, most)

    @own_modes()
    def sample_quality(self, samples: int = SAMPLES, *, seed: int = 0) -> SampleQuality:
        """Compare generated words with an n-gram model's, and with the model's dev and test words.

        Args:
            samples: how many words of each kind.
            seed: of the words, and of the halves of the held-out ones.

        Raises:
            UsageError: the model's data are unknown, packed, or have too few held-out words; or an
                argument of the wrong kind or out of bounds.

        Example:
            >>> print(model.sample_quality(100).model.copies)
        """
        samples, seed = _samples(samples), arguments.seed(seed)
        learned = to_learn_from(self.words.splits.get("train", ()))
        if not learned.can_fit_ngram:
            raise UsageError("sample quality: an n-gram model is not fitted to packed words")
        known: dict[bool, list[str]] = {True: [], False: []}
        for word, split in self.words.items():
            known[split == "train"].append(word)
        return sample_quality(
            self.network, self.alphabet, known[True], known[False], self.settings.max_length,
            samples, seed, self._shares_of(known[True], learned),
        )  # fmt: skip

    def _shares_of(self, words: list[str], learned: TrainingWords) -> Floats | None:
        """Return how much each of the different training words counts; None if all the same."""
        each = shares(learned.weights, self.settings)
        if each is None:
            return None
        share = dict(zip(learned.forms, each, strict=True))
        return np.array([share[word] for word in words])


def _samples(found: object) -> int:
    return arguments.whole(found, "the number of samples", 1)
