"""The floors: what a model of words has to beat, on the same words in the same units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lexbits.config import Settings
from lexbits.data import forms_of
from lexbits.data.corpus import Corpus
from lexbits.data.drawing import shares
from lexbits.errors import DataError, UsageError
from lexbits.likelihood import score_words
from lexbits.likelihood.importance import Floats
from lexbits.likelihood.mixture import best_weight, mix, symbol_log_prob
from lexbits.measures.evaluation import nll_of_seen, perplexity, standard_error_of_mean
from lexbits.ngram import NGram, choose_order
from lexbits.runs.folder import RunFolder
from lexbits.runs.words import Words
from lexbits.word_model import WordModel


@dataclass(frozen=True)
class Likelihood:
    """How probable a model finds the words, in nats per word unless the name says otherwise.

    Attributes:
        dev_nll: −log P(x) on the dev words that are not in training.
        nll: the same on the test words.
        nll_se: its standard error over words.
        perplexity_per_symbol: exp(total test NLL / symbols), each word's end counted.
        seen_nll: `nll` of the test words without unseen characters; None where there are none.
    """

    dev_nll: float
    nll: float
    nll_se: float
    perplexity_per_symbol: float
    seen_nll: float | None


@dataclass(frozen=True)
class Difference:
    """The difference of two models on the same test words, word by word; nats per word.

    Attributes:
        model: the one, "model" or "mixture".
        than: the other, "ngram" or "model".
        nll: NLL of the one less that of the other: negative where the one is better.
        se: its standard error over words.
    """

    model: str
    than: str
    nll: float
    se: float


@dataclass(frozen=True)
class Comparison:
    """A trained model beside the n-gram, and the mixture of both.

    Attributes:
        samples: importance samples for each word (1 where zero bits leave nothing to sample).
        mixed: what is mixed, "symbols" or whole "words".
        ngram_weight: λ, the weight of the n-gram in the mixture, chosen on dev.
        model: the metrics of the model.
        mixture: those of the mixture.
        differences: of the three, in pairs.
    """

    samples: int
    mixed: str
    ngram_weight: float
    model: Likelihood
    mixture: Likelihood
    differences: list[Difference]


@dataclass(frozen=True)
class NGramBaseline:
    """An interpolated modified Kneser-Ney model, its order chosen on dev; nats per word.

    Attributes:
        order: the order with the lowest dev NLL.
        dev_nll: by order, on the dev words that are not in training.
        words: number of test words.
        nll: −log P(x) on the test words.
        nll_se: its standard error over words.
        perplexity_per_symbol: exp(total NLL / symbols), each word's end counted.
        seen_nll: `nll` of the test words without unseen characters; None where there are none.
        unseen_words: test words with characters that occur in no training word. How cheap such a
            character is differs from model to model, so that these words compare nothing.
        unseen_characters: how many such characters they have.
        comparison: with a trained model, if one is given.
    """

    order: int
    dev_nll: dict[str, float]
    words: int
    nll: float
    nll_se: float
    perplexity_per_symbol: float
    seen_nll: float | None
    unseen_words: int
    unseen_characters: int
    comparison: Comparison | None = None


def ngram_baseline(
    words: Words,
    orders: list[int],
    model: WordModel | None = None,
    samples: int = 100,
    seed: int = 0,
    weighting: Settings | None = None,
) -> NGramBaseline:
    """Count the training words, choose the order on dev, measure on the test words.

    A model of zero bits is mixed with the n-gram symbol by symbol. Of one with bits only whole
    words have a known probability, the importance-sampled one, so these are mixed; both NLL are
    then biased upwards.

    Args:
        words: the splits, as a training has them.
        orders: the orders to choose from, each at least 1.
        model: a model trained on the same words, to compare.
        samples: S, its importance samples for each word.
        seed: of those samples; `WordModel.evaluate` gives the same NLL with the same seed.
        weighting: settings that say what the weights of training words count for; the usual ones.
    """
    learned, dev_forms = words.forms()
    train, dev = (Corpus.from_words(f, words.alphabet) for f in (learned.forms, dev_forms))
    test = Corpus.from_words([entry.form for entry in words.splits["test"]], words.alphabet)
    weights = shares(learned.weights, weighting or Settings())
    ngram, dev_nll = choose_order(train, dev, words.alphabet, orders, weights)
    found = _likelihood(ngram.log_prob(dev), ngram.log_prob(test), test)
    return NGramBaseline(
        order=ngram.order,
        dev_nll={str(order): nll for order, nll in dev_nll.items()},
        words=len(test),
        nll=found.nll,
        nll_se=found.nll_se,
        perplexity_per_symbol=found.perplexity_per_symbol,
        seen_nll=found.seen_nll,
        unseen_words=int((test.unseen > 0).sum()),
        unseen_characters=int(test.unseen.sum()),
        comparison=_compare(ngram, model, dev, test, samples, seed) if model else None,
    )


def words_of_model(model: WordModel) -> Words:
    """Return the words that a model from a run folder was trained, chosen and measured on.

    Raises:
        DataError: a split is empty or in train, as of a model that was trained in memory and saved.
    """
    splits = model.words.splits
    unseen, removed = model.words.unseen_dev
    if not (splits["train"] and unseen and splits["test"]):
        raise DataError(
            f"{model.source}: expected words to train on, to choose by and to test on, found none "
            "of some; give DATA"
        )
    facts = {"name": model.settings.data, "dev_overlap_removed": removed}
    return Words(splits, unseen, model.alphabet, facts)


def refuse_other_words(run: RunFolder, model: WordModel, words: Words) -> None:
    """Check that `model`, that of `run`, was trained on the training words of `words`.

    Raises:
        UsageError: it was not: another alphabet or other words give metrics that do not compare.
    """
    data, advice = words.facts["name"], "without DATA, the words of the run are taken"
    if model.alphabet != words.alphabet:
        odd = "".join(sorted({*model.alphabet.characters} ^ {*words.alphabet.characters}))
        raise UsageError(
            f"{run.shown}: expected a model with the characters of {data}, found a difference in "
            f"{odd!r}; {advice}"
        )
    known = forms_of(model.words.splits.get("train", ()))
    differing = len({*known} ^ {*forms_of(words.splits["train"])})
    if differing:
        raise UsageError(
            f"{run.shown}: expected a model trained on the training words of {data}, found "
            f"{differing:,} words that only one of the two has; {advice}"
        )


def _compare(
    ngram: NGram, model: WordModel, dev: Corpus, test: Corpus, samples: int, seed: int
) -> Comparison:
    by_symbol = model.settings.bits == 0
    floors = [_of_ngram(ngram, corpus, by_symbol) for corpus in (dev, test)]
    scores = [_of_model(model, corpus, samples, seed) for corpus in (dev, test)]
    inside = [
        corpus.inside if by_symbol else np.ones((len(corpus), 1), dtype=bool)
        for corpus in (dev, test)
    ]
    weight = best_weight(floors[0][inside[0]], scores[0][inside[0]])
    mixed = [
        np.where(there, mix(floor, score, weight), 0.0)
        for floor, score, there in zip(floors, scores, inside, strict=True)
    ]
    log_prob = {
        name: (of_dev.sum(1), of_test.sum(1))
        for name, (of_dev, of_test) in (("ngram", floors), ("model", scores), ("mixture", mixed))
    }
    return Comparison(
        samples=1 if by_symbol else samples,
        mixed="symbols" if by_symbol else "words",
        ngram_weight=weight,
        model=_likelihood(*log_prob["model"], test),
        mixture=_likelihood(*log_prob["mixture"], test),
        differences=[
            _difference(name, other, log_prob[other][1] - log_prob[name][1])
            for name, other in (("model", "ngram"), ("mixture", "ngram"), ("mixture", "model"))
        ],
    )


def _of_ngram(ngram: NGram, corpus: Corpus, by_symbol: bool) -> Floats:
    """Return log-probabilities of symbols, [N, T], or of words, [N, 1]."""
    found = ngram.symbol_log_prob(corpus)
    return found if by_symbol else found.sum(1, keepdims=True)


def _of_model(model: WordModel, corpus: Corpus, samples: int, seed: int) -> Floats:
    """Return log-probabilities of symbols, [N, T], with zero bits, else of words, [N, 1]."""
    if model.settings.bits == 0:
        return symbol_log_prob(model.network, corpus)
    return score_words(model.network, corpus, samples, seed).log_prob[:, None]


def _likelihood(dev: Floats, test: Floats, corpus: Corpus) -> Likelihood:
    """Return the metrics of log-probabilities of dev and of the N test words of `corpus`."""
    total = -float(test.sum())
    return Likelihood(
        dev_nll=-float(dev.mean()),
        nll=total / len(corpus),
        nll_se=standard_error_of_mean(test),
        perplexity_per_symbol=perplexity(total, int(corpus.lengths.sum())),
        seen_nll=nll_of_seen(test, corpus.unseen),
    )


def _difference(name: str, other: str, nll: Floats) -> Difference:
    return Difference(name, other, float(nll.mean()), standard_error_of_mean(nll))
