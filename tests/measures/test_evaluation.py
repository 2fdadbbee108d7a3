import math

import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.likelihood import score_words
from lexbits.measures import evaluate
from lexbits.measures.information import information
from tests.exact import tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "aab", "ab"]


def corpus(words=WORDS):
    return Corpus.from_words(words, Alphabet("ab"))


def test_the_figures_of_words_are_sums_over_words():
    model = tiny_model()
    torch.manual_seed(2)
    scores = score_words(model, corpus(), 20)
    torch.manual_seed(2)
    metrics = evaluate(model, corpus(), 20)
    n, symbols = len(WORDS), sum(len(word) + 1 for word in WORDS)
    assert (metrics.words, metrics.symbols, metrics.samples) == (n, symbols, 20)
    assert metrics.nll == pytest.approx(-scores.log_prob.mean())
    assert metrics.perplexity_per_symbol == pytest.approx(
        math.exp(-scores.log_prob.sum() / symbols)
    )
    assert metrics.elbo == pytest.approx(scores.elbo.mean())
    assert metrics.elbo == pytest.approx(-metrics.distortion - metrics.rate)
    assert metrics.rate == pytest.approx(scores.rate.mean())
    assert metrics.nll_se == pytest.approx(scores.log_prob.std(ddof=1) / math.sqrt(n))
    assert 1 <= metrics.ess <= 20


def test_the_rate_is_information_and_divergence_of_the_marginal():
    metrics = evaluate(tiny_model(), corpus(), 5)
    assert metrics.rate == pytest.approx(metrics.mutual_information + metrics.marginal_kl)
    assert metrics.mutual_information <= math.log(len(WORDS))


def test_what_the_bits_know_is_asked_of_the_posteriors_of_all_words():
    model = tiny_model()
    metrics = evaluate(model, corpus(), 5)
    scores = score_words(model, corpus(), 1)
    known = information(model.posterior_like, torch.from_numpy(scores.posterior), scores.keys)
    assert metrics.mutual_information == pytest.approx(known.mutual_information)
    assert metrics.total_correlation == pytest.approx(known.total_correlation)
    assert metrics.active_bits == known.active_bits


def test_one_word_has_no_standard_error_and_no_information():
    metrics = evaluate(tiny_model(), corpus(["ab"]), 5)
    assert math.isnan(metrics.nll_se)
    assert metrics.mutual_information == pytest.approx(0, abs=1e-9)


def test_zero_bits_have_no_rate_and_no_information():
    metrics = evaluate(tiny_model(bits=0), corpus(), 50)
    assert (metrics.rate, metrics.mutual_information, metrics.marginal_kl) == (0, 0, 0)
    assert (metrics.total_correlation, metrics.active_bits, metrics.samples) == (0, 0, 1)
    assert metrics.nll == pytest.approx(-metrics.elbo)


def test_words_of_unseen_characters_are_counted_and_the_others_measured_alone():
    model = tiny_model()
    mixed = evaluate(model, corpus(["ab", "xyz", "aba", "ax"]), 5)
    assert (mixed.unseen_words, mixed.unseen_characters) == (2, 4)
    assert mixed.seen_nll == pytest.approx(evaluate(model, corpus(["ab", "aba"]), 5).nll, abs=1e-5)
    assert evaluate(model, corpus(["xyz"]), 5).seen_nll is None
    plain = evaluate(model, corpus(), 5)
    assert (plain.unseen_words, plain.unseen_characters) == (0, 0)
    assert plain.seen_nll == pytest.approx(plain.nll)
