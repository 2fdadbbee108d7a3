"""The weight of a mixture is the best one, and the mixture is a distribution."""

import itertools

import numpy as np
import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.likelihood import score_words
from lexbits.likelihood.mixture import best_weight, mix, symbol_log_prob
from lexbits.ngram import NGram
from tests.exact import tiny_model

AB = Alphabet("ab")
WORDS = ["ab", "bbab", "", "aba", "b", "aab", "ab", "abab"]


def corpus(words):
    return Corpus.from_words(words, AB)


def slope(first, second, weight):
    """Return the derivative of the mean log-probability in the weight."""
    p, q = np.exp(first), np.exp(second)
    return ((p - q) / (weight * p + (1 - weight) * q)).mean()


def random_log_probs(seed, shift=0.0, spread=1.0):
    random = np.random.default_rng(seed)
    first = -5 + spread * random.normal(size=400)
    return first, first + shift + spread * random.normal(size=400)


@pytest.mark.parametrize("spread", [0.01, 0.1, 1.0, 5.0])
@pytest.mark.parametrize("shift", [-1.0, -0.1, 0.0, 0.1, 1.0])
def test_the_weight_is_the_optimum_and_the_mixture_never_worse_than_either(shift, spread):
    first, second = random_log_probs(1, shift, spread)
    weight = best_weight(first, second)
    best = mix(first, second, weight).mean()
    assert best >= max(first.mean(), second.mean()) - 1e-12
    if 0 < weight < 1:
        assert slope(first, second, weight) == pytest.approx(0, abs=1e-6)
        assert best >= max(
            mix(first, second, w).mean() for w in (weight * 0.99, weight * 0.99 + 0.01)
        )
    else:
        assert slope(first, second, weight) * (1 if weight else -1) >= 0


def em(first, second, steps):
    weight = 0.5
    for _ in range(steps):
        p, q = weight * np.exp(first), (1 - weight) * np.exp(second)
        weight = (p / (p + q)).mean()
    return weight


@pytest.mark.parametrize("seed", range(5))
def test_the_weight_is_the_one_that_em_comes_to(seed):
    first, second = random_log_probs(seed)
    assert best_weight(first, second) == pytest.approx(em(first, second, 2000), abs=1e-9)


def test_em_would_stop_short_where_the_models_are_alike():
    first, second = random_log_probs(1, 0.0, 0.1)
    assert abs(em(first, second, 50) - best_weight(first, second)) > 0.1


def test_the_weight_of_two_models_for_two_kinds_of_events():
    """P₁ is 1/2 and P₂ is 1/6, or the reverse: with n and m events, n/(1 + 2λ) = m/(3 − 2λ)."""
    first, second = np.log([1 / 2, 1 / 6]), np.log([1 / 6, 1 / 2])
    for n, m, expected in ((3, 2, 0.7), (1, 1, 0.5), (3, 1, 1.0), (1, 3, 0.0), (1, 9, 0.0)):
        kinds = np.repeat([0, 1], [n, m])
        assert best_weight(first[kinds], second[kinds]) == pytest.approx(expected, abs=1e-12)


def test_a_model_that_is_always_better_gets_all_the_weight():
    first = np.full(10, -3.0)
    assert best_weight(first, first - 1) == 1
    assert best_weight(first - 1, first) == 0
    assert best_weight(first, first - 1000) == 1
    assert (mix(first, first - 1, 1.0) == first).all()
    assert (mix(first, first - 1, 0.0) == first - 1).all()


@pytest.fixture
def plain(float64):
    with torch.no_grad():
        yield tiny_model(bits=0, alpha=[0.5])


def test_symbols_of_a_plain_model_add_up_to_its_words(plain):
    found = symbol_log_prob(plain, corpus(WORDS))
    assert found.shape == corpus(WORDS).symbols.shape
    np.testing.assert_allclose(
        found.sum(1), score_words(plain, corpus(WORDS), 1).log_prob, atol=1e-12
    )
    assert (found[2, 1:] == 0).all()


def test_after_every_prefix_a_mixture_of_symbols_sums_to_one(plain):
    ngram = NGram.fit(corpus(WORDS), AB, 3)
    for context in itertools.chain.from_iterable(
        itertools.product(range(1, AB.size), repeat=length) for length in range(4)
    ):
        rows = np.array([[*context, symbol] for symbol in range(AB.size)], dtype=np.int32)
        batch = Corpus.from_rows(rows, np.full(len(rows), len(context) + 1))
        mixed = mix(ngram.symbol_log_prob(batch), symbol_log_prob(plain, batch), 0.3)
        assert np.exp(mixed[:, -1]).sum() == pytest.approx(1, abs=1e-12)


def test_a_model_with_bits_has_no_probability_of_a_symbol():
    with pytest.raises(ValueError, match="zero bits, found"):
        symbol_log_prob(tiny_model(), corpus(WORDS))
