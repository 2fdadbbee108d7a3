"""The n-gram model against a naive one, written from the formulas of Chen and Goodman (1999)."""

import itertools
import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.data.corpus import Corpus
from lexbits.ngram import NGram, choose_order
from lexbits.ngram.smoothing import USUAL_DISCOUNTS, discounts

ALPHABET = Alphabet("abc")
RANDOM = np.random.default_rng(3)
LENGTHS = 1 + RANDOM.integers(5, size=150)
WORDS = ["".join(RANDOM.choice(list("abc"), n, p=[0.6, 0.3, 0.1])) for n in LENGTHS]
OTHERS = ["abca", "c", "ccb", "aaaaaa", "d"]


def corpus(words):
    return Corpus.from_words(words, ALPHABET)


def naive(words, order, continuation=True, discounts=3, end_smoothed=True, starts=None):
    """Return P(symbol | context) by dictionaries of counts."""
    starts = starts or max(1, order - 1)
    raw = [Counter() for _ in range(order + 1)]
    for word in words:
        symbols = ["^"] * starts + ALPHABET.encode(word)
        for end in range(starts, len(symbols)):
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
                if gram not in counts[n]:  # it begins with the first start symbol
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

    def uniform(symbol):
        if end_smoothed:
            return 1 / ALPHABET.size
        return 0 if symbol == END else 1 / (ALPHABET.size - 1)

    def prob(context, symbol):
        if len(context) >= order:
            context = context[len(context) - order + 1 :]
        n = len(context) + 1
        lower = prob(context[1:], symbol) if context else uniform(symbol)
        seen = following[n].get(tuple(context))
        if not seen:
            return lower
        total = sum(seen.values())
        own = seen.get(symbol, 0)
        kept = own - d[n][min(own, 3) - 1] if own else 0
        freed = sum(d[n][min(c, 3) - 1] for c in seen.values())
        return (kept + freed * lower) / total

    return prob


def naive_log_prob(prob, word, starts):
    symbols = ["^"] * starts + ALPHABET.encode(word)
    places = range(starts, len(symbols))
    return sum(math.log(prob(tuple(symbols[:i]), symbols[i])) for i in places)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_it_agrees_with_the_formulas_written_out(order):
    prob = naive(WORDS, order)
    expected = [naive_log_prob(prob, word, max(1, order - 1)) for word in OTHERS]
    found = NGram.fit(corpus(WORDS), ALPHABET, order).log_prob(corpus(OTHERS))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [{"continuation": False}, {"discounts": 1}, {"end_smoothed": False}, {"starts": 1}],
)
def test_the_usual_wrong_versions_are_noticed(wrong):
    prob = naive(WORDS, 3, **wrong)
    expected = [naive_log_prob(prob, word, wrong.get("starts", 2)) for word in OTHERS]
    found = NGram.fit(corpus(WORDS), ALPHABET, 3).log_prob(corpus(OTHERS))
    assert np.abs(found - expected).max() > 1e-3


def next_symbols(model, context, alphabet):
    """Return P(· | context) after the symbols `context` of the start of a word, [V]."""
    rows = np.array([[*context, symbol] for symbol in range(alphabet.size)], dtype=np.int32)
    lengths = np.full(len(rows), len(context) + 1)
    return np.exp(model.symbol_log_prob(Corpus.from_rows(rows, lengths))[:, -1])


def test_a_small_example_by_hand():
    """Bigrams ^a 2, ^b 1, a$ 2, b$ 1: D = 1/3, 1. Follows: a 1 symbol, b 1, $ 2: D = 1/2, 1."""
    ab = Alphabet("ab")
    model = NGram.fit(Corpus.from_words(["a", "a", "b"], ab), ab, 2)
    # P(w) = (c − D)/4 + 1/2 · 1/4, in the order $, unknown, a, b
    after_unseen = [3 / 8, 1 / 8, 1 / 4, 1 / 4]
    # (c − D)/3 + 4/9 P(w);  (c − D)/2 + 1/2 P(w)
    at_start = [1 / 6, 1 / 18, 4 / 9, 1 / 3]
    after_a = [11 / 16, 1 / 16, 1 / 8, 1 / 8]
    for context, expected in (([], at_start), ([2], after_a), ([UNKNOWN], after_unseen)):
        np.testing.assert_allclose(next_symbols(model, context, ab), expected, atol=1e-15)
    assert model.log_prob(Corpus.from_words(["a"], ab))[0] == pytest.approx(math.log(11 / 36))


def test_the_discounts_are_those_of_chen_and_goodman():
    counts = np.repeat([0, 1, 2, 3, 4, 9], [7, 10, 4, 3, 2, 5])
    y = 10 / 18
    expected = (1 - 2 * y * 4 / 10, 2 - 3 * y * 3 / 4, 3 - 4 * y * 2 / 3)
    assert discounts(counts) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize("counts", [[], [0, 0], [1], [5, 6], [1, 2], [2, 2, 3, 4], [1, 2, 3, 4, 4]])
def test_where_counts_of_counts_cannot_tell_the_discounts_still_lie_between_zero_and_the_count(
    counts,
):
    found = discounts(np.array(counts, dtype=np.int64))
    assert all(0 < d < i for i, d in enumerate(found, 1))
    if 1 not in counts:
        assert found == USUAL_DISCOUNTS


@pytest.mark.parametrize("words", [WORDS, ["a"], ["ab", "ab", "ab"], ["aaa", "b"]])
@pytest.mark.parametrize("order", [1, 2, 3, 6])
def test_in_every_context_the_probabilities_of_the_next_symbols_sum_to_one(words, order):
    model = NGram.fit(corpus(words), ALPHABET, order)
    for length in range(4):
        for context in itertools.product(range(UNKNOWN, ALPHABET.size), repeat=length):
            prob = next_symbols(model, context, ALPHABET)
            assert prob.min() > 0
            assert prob.sum() == pytest.approx(1, abs=1e-12)


def test_behind_the_end_of_a_word_there_is_nothing():
    found = NGram.fit(corpus(WORDS), ALPHABET, 3).symbol_log_prob(corpus(["a", "abc"]))
    assert (found[0, 2:] == 0).all()
    assert (found[0, :2] < 0).all()


def test_all_words_together_have_probability_one():
    model = NGram.fit(corpus(["a", "ab", "b", "ab"]), Alphabet("ab"), 2)
    words = ["".join(w) for n in range(13) for w in itertools.product("ab", repeat=n)]
    total = np.exp(model.log_prob(Corpus.from_words(words, Alphabet("ab")))).sum()
    assert 0.5 < total < 1  # the rest are words with the unknown symbol, and longer ones


def test_samples_have_the_probabilities_of_the_model():
    model = NGram.fit(corpus(WORDS), ALPHABET, 3)
    n = 20_000
    drawn = model.sample(n, np.random.default_rng(0), 20)
    spelt = Counter(ALPHABET.decode(row) for row in drawn.tolist())
    words = [word for word, _ in spelt.most_common(60) if "\N{REPLACEMENT CHARACTER}" not in word]
    p = np.exp(model.log_prob(corpus(words)))
    z = (np.array([spelt[word] for word in words]) - n * p) / np.sqrt(n * p * (1 - p))
    assert np.abs(z).max() < 4
    assert 0.5 < (z**2).mean() < 1.6
    # the frequencies of one order are not those of another
    q = np.exp(NGram.fit(corpus(WORDS), ALPHABET, 1).log_prob(corpus(words)))
    assert np.abs((n * p - n * q) / np.sqrt(n * q * (1 - q))).max() > 10


def test_long_samples_are_cut_behind_their_last_character():
    model = NGram.fit(corpus(WORDS), ALPHABET, 3)
    drawn = model.sample(2000, np.random.default_rng(0), 2)
    assert drawn.shape == (2000, 3)
    assert set(np.unique(drawn[:, 2])) == {END, ALPHABET.pad}
    for row in drawn:
        ended = np.flatnonzero(row == END)
        assert len(ended) <= 1
        assert (row[ended[0] + 1 :] == ALPHABET.pad).all() if len(ended) else row[2] == ALPHABET.pad


def test_the_order_is_the_one_that_dev_likes_best():
    model, by_order = choose_order(corpus(WORDS), corpus(OTHERS), ALPHABET, [1, 2, 3, 4])
    assert set(by_order) == {1, 2, 3, 4}
    assert by_order[model.order] == min(by_order.values())
    for order, nll in by_order.items():
        alone = NGram.fit(corpus(WORDS), ALPHABET, order)
        assert nll == pytest.approx(-alone.log_prob(corpus(OTHERS)).mean())


@pytest.mark.parametrize("orders", [[], [0, 2]])
def test_orders_below_one_are_refused(orders):
    with pytest.raises(ValueError, match="at least 1"):
        choose_order(corpus(WORDS), corpus(OTHERS), ALPHABET, orders)


@pytest.mark.parametrize("order", [1, 2, 4])
def test_equal_weights_change_nothing(order):
    plain = NGram.fit(corpus(WORDS), ALPHABET, order)
    weighted = NGram.fit(corpus(WORDS), ALPHABET, order, np.ones(len(WORDS)))
    assert (plain.log_prob(corpus(OTHERS)) == weighted.log_prob(corpus(OTHERS))).all()
    double = NGram.fit(corpus(WORDS), ALPHABET, order, np.full(len(WORDS), 2.5))
    assert double.log_prob(corpus(OTHERS)) == pytest.approx(plain.log_prob(corpus(OTHERS)))


@pytest.mark.parametrize("order", [1, 3])
def test_with_weights_the_probabilities_of_next_symbols_sum_to_one(order):
    weights = np.exp(np.random.default_rng(0).normal(0, 8, len(WORDS)))
    model = NGram.fit(corpus(WORDS), ALPHABET, order, weights)
    for before in ("", "a", "ab", "ccc"):
        each = model.symbol_log_prob(corpus([before + c for c in "abc"]))[:, len(before)]
        end = model.symbol_log_prob(corpus([before]))[0, len(before)] if before else -np.inf
        unknown = model.symbol_log_prob(corpus([before + "x"]))[0, len(before)]
        total = np.exp([*each, end, unknown]).sum()
        assert total <= 1 + 1e-9
        if before:
            assert total == pytest.approx(1)


def test_heavy_words_are_more_probable():
    weights = np.where([word.startswith("c") for word in WORDS], 100.0, 1.0)
    weighted, plain = (NGram.fit(corpus(WORDS), ALPHABET, 3, w) for w in (weights, None))
    first = [np.exp(model.symbol_log_prob(corpus(["c"]))[0, 0]) for model in (plain, weighted)]
    count = sum(word.startswith("c") for word in WORDS)
    assert first[0] == pytest.approx(count / len(WORDS), abs=0.02)
    share = 100 * count / (100 * count + len(WORDS) - count)
    assert 0.8 * share < first[1] < share  # a part of it is for what was never seen


def test_the_order_is_chosen_with_weights_too():
    weights = np.linspace(0.1, 5, len(WORDS))
    model, nll = choose_order(corpus(WORDS), corpus(OTHERS), ALPHABET, [1, 2, 3], weights)
    for order in (1, 2, 3):
        alone = NGram.fit(corpus(WORDS), ALPHABET, order, weights)
        assert -alone.log_prob(corpus(OTHERS)).mean() == pytest.approx(nll[order])
    assert nll[model.order] == min(nll.values())
