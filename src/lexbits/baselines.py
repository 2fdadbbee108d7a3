"""The floors: what a model of words has to beat, on the same words in the same units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lexbits.data.corpus import Corpus
from lexbits.inference.accounting import standard_error_of_mean
from lexbits.model.ngram import choose_order
from lexbits.preparation import Words


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
    """

    order: int
    dev_nll: dict[str, float]
    words: int
    nll: float
    nll_se: float
    perplexity_per_symbol: float


def ngram_baseline(words: Words, orders: list[int]) -> NGramBaseline:
    """Count the training words, choose the order on dev, measure on the test words.

    Args:
        words: the splits, as a training has them.
        orders: the orders to choose from, each at least 1.
    """
    train, dev = (Corpus.from_words(forms, words.alphabet) for forms in words.forms())
    test = Corpus.from_words([entry.form for entry in words.splits["test"]], words.alphabet)
    model, dev_nll = choose_order(train, dev, words.alphabet, orders)
    log_prob = model.log_prob(test)
    return NGramBaseline(
        order=model.order,
        dev_nll={str(order): nll for order, nll in dev_nll.items()},
        words=len(test),
        nll=-float(log_prob.mean()),
        nll_se=standard_error_of_mean(log_prob),
        perplexity_per_symbol=math.exp(-float(log_prob.sum()) / int(test.lengths.sum())),
    )
