"""The n-gram model against a naive one, written from the formulas of Chen and Goodman (1999)."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.model.ngram import NGram, choose_order

ALPHABET = Alphabet("abc")
RANDOM = np.random.default_rng(3)
LENGTHS = 1 + RANDOM.integers(5, size=150)
WORDS = ["".join(RANDOM.choice(list("abc"), n, p=[0.6, 0.3, 0.1])) for n in LENGTHS]
OTHERS = ["abca", "c", "ccb", "aaaaaa", "d"]


def corpus(words):
    return Corpus.from_words(words, ALPHABET)


def naive(words, order, continuation=True, discounts=3):
    """Return P(symbol | context) by dictionaries of counts."""
    raw = [Counter() for _ in range(order + 1)]
    for word in words:
        symbols = ["^", *ALPHABET.encode(word)]
        for end in range(1, len(symbols)):
            for n in range(1, order + 1):
                if n <= end + 1:
                    raw[n][tuple(symbols[end + 1 - n : end + 1])] += 1
    counts = list(raw)
    for n in range(1, order):
        if continuation:
            counts[n] = Counter()
            for gram in raw[n + 1]:
                counts[n][gram[1:]] += 1
            for gram, count in raw[n].items():
                if gram[0] == "^":
                    counts[n][gram] = count

    def discount(n):
        of = Counter(counts[n].values())
        y = of[1] / (of[1] + 2 * of[2]) if of[1] else 0
        d = []
        for k in (1, 2, 3):
            known = of[1] and of[k] and of[k + 1]
            value = k - (k + 1) * y * of[k + 1] / of[k] if known else 0
            d.append(value if value > 0 else k / 2)  # as `discounts` does
        return d if discounts == 3 else [d[0]] * 3

    d = {n: discount(n) for n in range(1, order + 1)}
    following = [defaultdict(dict) for _ in range(order + 1)]
    for n in range(1, order + 1):
        for gram, count in counts[n].items():
            following[n][gram[:-1]][gram[-1]] = count

    def prob(context, symbol):
        if len(context) >= order:
            context = context[len(context) - order + 1 :]
        n = len(context) + 1
        lower = prob(context[1:], symbol) if context else 1 / ALPHABET.size
        seen = following[n].get(tuple(context))
        if not seen:
            return lower
        total = sum(seen.values())
        own = seen.get(symbol, 0)
        kept = own - d[n][min(own, 3) - 1] if own else 0
        freed = sum(d[n][min(c, 3) - 1] for c in seen.values())
        return (kept + freed * lower) / total

    return prob


def naive_log_prob(prob, word):
    symbols = ["^", *ALPHABET.encode(word)]
    return sum(math.log(prob(tuple(symbols[:i]), symbols[i])) for i in range(1, len(symbols)))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_agrees_with_the_formulas_written_out(order):
    prob = naive(WORDS, order)
    expected = [naive_log_prob(prob, word) for word in OTHERS]
    found = NGram.fit(corpus(WORDS), ALPHABET, order).log_prob(corpus(OTHERS))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("wrong", [{"continuation": False}, {"discounts": 1}])
def test_the_usual_wrong_versions_are_noticed(wrong):
    prob = naive(WORDS, 3, **wrong)
    expected = [naive_log_prob(prob, word) for word in OTHERS]
    found = NGram.fit(corpus(WORDS), ALPHABET, 3).log_prob(corpus(OTHERS))
    assert np.abs(found - expected).max() > 1e-3


@pytest.mark.parametrize("words", [WORDS, ["a"], ["ab", "ab", "ab"], ["aaa", "b"]])
def test_after_every_prefix_the_probabilities_of_the_next_symbols_sum_to_one(words):
    model = NGram.fit(corpus(words), ALPHABET, 3)
    for prefix in ("", "a", "ba", "cab", "ccc"):
        symbols = [*ALPHABET.encode(prefix)[:-1]]
        rows = np.array([[*symbols, nxt] for nxt in range(ALPHABET.size)], dtype=np.int32)
        lengths = np.full(len(rows), len(symbols) + 1)
        last = model.symbol_log_prob(Corpus(rows, lengths))[:, -1]
        assert np.exp(last).sum() == pytest.approx(1)


def test_all_words_together_have_probability_one():
    model = NGram.fit(corpus(["a", "ab", "b", "ab"]), Alphabet("ab"), 2)
    words = ["".join(w) for n in range(13) for w in itertools.product("ab", repeat=n)]
    total = np.exp(model.log_prob(Corpus.from_words(words, Alphabet("ab")))).sum()
    assert 0.5 < total < 1  # the rest are words with the unknown symbol, and longer ones


def test_samples_have_the_probabilities_of_the_model():
    model = NGram.fit(corpus(WORDS), ALPHABET, 3)
    n = 20_000
    drawn = Counter(tuple(row) for row in model.sample(n, np.random.default_rng(0), 20).tolist())
    spelt = Counter()
    for row, count in drawn.items():
        spelt[ALPHABET.decode(list(row))] += count
    for word in ("a", "ab", "aa", "b"):
        p = math.exp(model.log_prob(corpus([word]))[0])
        assert abs(spelt[word] - n * p) < 4 * math.sqrt(n * p * (1 - p))


def test_the_order_is_the_one_that_dev_likes_best():
    model, by_order = choose_order(corpus(WORDS), corpus(OTHERS), ALPHABET, [1, 2, 3, 4])
    assert set(by_order) == {1, 2, 3, 4}
    assert by_order[model.order] == min(by_order.values())
    for order, nll in by_order.items():
        alone = NGram.fit(corpus(WORDS), ALPHABET, order)
        assert nll == pytest.approx(-alone.log_prob(corpus(OTHERS)).mean())
