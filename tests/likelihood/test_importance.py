"""Importance sampling against exact sums over all codes and all tuples of samples."""

import math
import tracemalloc

import numpy as np
import pytest
import torch

from lexbits.data import corpus as corpora
from lexbits.likelihood import importance, score_words, workers
from lexbits.likelihood.importance import effective_sample_size
from lexbits.likelihood.trie import alphabetical_blocks
from lexbits.model import decoder as decoder_module
from tests.exact import (
    all_codes,
    all_tuples,
    as_batch,
    corpus,
    exact_log_prob,
    exact_negative_elbo,
    joint_by_code,
    posterior_by_code,
    prescribe_samples,
    rows_of_steps,
    tiny_model,
)

WORD = "abb"
WORDS = ["ab", "bbab", "", "aba", "b", "aab"]


def every_tuple(model, samples, monkeypatch):
    """Score one word once for each tuple of S codes; return scores and probabilities [N]."""
    tuples = all_tuples(model.bits, samples)
    n = tuples.shape[1]
    words = as_batch([WORD] * n)
    probability = model.posterior(words).log_prob(tuples).sum(0).exp()
    monkeypatch.setattr(importance, "WORDS_AT_ONCE", n)
    prescribe_samples(monkeypatch, lambda _: tuples)
    return score_words(model, corpus([WORD] * n), samples), probability.numpy()


def test_the_mean_weight_is_the_probability_of_the_word(model, monkeypatch):
    exact = exact_log_prob(model, as_batch([WORD])).exp().item()
    for samples in (1, 2, 3):
        with monkeypatch.context() as patch:
            scores, probability = every_tuple(model, samples, patch)
        assert probability.sum() == pytest.approx(1, abs=1e-12)
        assert probability @ np.exp(scores.log_prob) == pytest.approx(exact, rel=1e-10)


def test_more_samples_tighten_the_bound_and_none_passes_the_log_likelihood(model, monkeypatch):
    bounds = []
    for samples in (1, 2, 3):
        with monkeypatch.context() as patch:
            scores, probability = every_tuple(model, samples, patch)
        bounds.append(probability @ scores.log_prob)
        if samples == 1:
            assert probability @ scores.elbo == pytest.approx(bounds[0], abs=1e-10)
    exact = exact_log_prob(model, as_batch([WORD])).item()
    assert bounds[0] < bounds[1] < bounds[2] < exact
    assert bounds[0] == pytest.approx(-exact_negative_elbo(model, as_batch([WORD])).item())
    assert exact - bounds[0] > 0.05


def test_the_gap_of_the_elbo_is_the_divergence_from_the_true_posterior(model):
    words = as_batch(WORDS)
    log_q = posterior_by_code(model, words)
    log_px = exact_log_prob(model, words)
    log_posterior = joint_by_code(model, words)[1] - log_px
    divergence = (log_q.exp() * (log_q - log_posterior)).sum(0)
    torch.testing.assert_close(log_px + exact_negative_elbo(model, words), divergence)
    assert (divergence > 0).all()


def test_many_samples_come_near_the_exact_likelihood(model):
    scores = score_words(model, corpus(WORDS), 5000)
    exact = exact_log_prob(model, as_batch(WORDS)).numpy()
    z = (scores.log_prob - exact) / scores.standard_error
    assert np.abs(z).max() < 4
    assert scores.standard_error.max() < 0.1
    elbo = -exact_negative_elbo(model, as_batch(WORDS)).numpy()
    np.testing.assert_allclose(scores.elbo, elbo, atol=0.15)
    assert (scores.ess > 1).all()
    assert (scores.ess < 5000).all()


def test_the_standard_error_is_that_of_the_delta_method(model, monkeypatch):
    z = all_codes(3)[[1, 4, 6, 6]]
    prescribe_samples(monkeypatch, lambda _: z[:, None])
    scores = score_words(model, corpus([WORD]), 4)
    log_joint = joint_by_code(model, as_batch([WORD]))[1][[1, 4, 6, 6], 0]
    weights = (log_joint - posterior_by_code(model, as_batch([WORD]))[[1, 4, 6, 6], 0]).exp()
    assert scores.standard_error[0] == pytest.approx((weights.std() / weights.mean() / 2).item())
    assert scores.ess[0] == pytest.approx((weights.sum() ** 2 / (weights**2).sum()).item())
    assert scores.log_prob[0] == pytest.approx(weights.mean().log().item())


def test_scores_are_in_the_order_of_the_corpus_and_rates_exact(model):
    scores = score_words(model, corpus(WORDS), 3)
    q = model.posterior(as_batch(WORDS))
    np.testing.assert_allclose(scores.posterior, q.logits.numpy(), atol=1e-12)
    np.testing.assert_allclose(scores.rate, q.kl(model.prior()).numpy(), atol=1e-12)
    assert scores.symbols.tolist() == [len(word) + 1 for word in WORDS]


@pytest.mark.parametrize("rows", [1, 4, 10, 33, 10_000])
def test_pieces_of_any_size_give_the_same_scores(model, monkeypatch, rows):
    samples = 10
    table = all_codes(3)[[0, 3, 5, 6, 7, 1, 2, 2, 4, 5]]
    drawn = 0

    def next_rows(n):
        nonlocal drawn
        taken = [(drawn + i) % samples for i in range(n)]
        drawn += n
        return table[taken][:, None]

    prescribe_samples(monkeypatch, next_rows)
    whole = score_words(model, corpus(WORDS), samples)
    monkeypatch.setattr(workers, "PAIRS", rows)
    monkeypatch.setattr(importance, "BITS_AT_ONCE", 3 * rows)
    monkeypatch.setattr(importance, "WORDS_AT_ONCE", 1 + rows // 3)
    pieces = score_words(model, corpus(WORDS), samples)
    for name in ("log_prob", "standard_error", "ess", "rate", "distortion", "elbo"):
        np.testing.assert_allclose(getattr(pieces, name), getattr(whole, name), err_msg=name)


def test_the_decoder_never_holds_more_rows_than_allowed(model, monkeypatch):
    monkeypatch.setattr(workers, "PAIRS", 20)
    rows = rows_of_steps(monkeypatch)
    score_words(model, corpus(WORDS), 30)
    assert max(rows) <= 20
    assert len(rows) > max(map(len, WORDS)) + 1


def test_a_prefix_is_not_read_twice_with_one_code(model, monkeypatch):
    prefixes = {word[:n] for word in WORDS for n in range(len(word) + 1)}
    rows = rows_of_steps(monkeypatch)
    score_words(model, corpus(WORDS), 2000)
    assert sum(rows) == len(prefixes) * 2**model.bits


def test_effective_sample_size():
    equal = torch.full((5, 3), -700.0).double()
    torch.testing.assert_close(effective_sample_size(equal), torch.full((3,), 5.0).double())
    one = torch.tensor([[0.0], [-800.0], [-900.0]])
    assert effective_sample_size(one).item() == pytest.approx(1)
    uneven = torch.tensor([[0.0], [math.log(3)]])
    assert effective_sample_size(uneven).item() == pytest.approx(16 / 10)
    many = torch.randn(50, 100).double() * 5
    assert ((effective_sample_size(many) >= 1 - 1e-9) & (effective_sample_size(many) <= 50)).all()


def test_a_single_sample_leaves_its_error_unknown(model):
    scores = score_words(model, corpus(WORDS), 1)
    assert np.isinf(scores.standard_error).all()
    np.testing.assert_allclose(scores.ess, 1)


def test_zero_bits_are_exact_with_one_evaluation(float64):
    model = tiny_model(bits=0)
    scores = score_words(model, corpus(WORDS), 100)
    exact = model.decoder.log_prob(as_batch(WORDS), torch.zeros(1, len(WORDS), 0))[0]
    np.testing.assert_allclose(scores.log_prob, exact.detach().numpy())
    np.testing.assert_allclose(scores.elbo, scores.log_prob)
    assert (scores.standard_error == 0).all()
    assert (scores.ess == 1).all()
    assert (scores.rate == 0).all()
    assert scores.posterior.shape == (len(WORDS), 0)


def test_a_very_long_word_changes_no_score_and_needs_no_wide_matrix(model):
    """A matrix as wide as the longest word would hold it once for each of the others."""
    words, long = [w for w in WORDS if w] * 300, "ab" * 1000
    alone = score_words(model, corpus(words[:2]), 2)
    tracemalloc.start()
    found = score_words(model, corpus([*words, long]), 2)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(words) * len(long) / 2  # of the four bytes of each entry
    np.testing.assert_allclose(found.log_prob[:2], alone.log_prob, atol=1e-6)
    assert found.symbols.tolist() == [len(word) + 1 for word in [*words, long]]
    assert found.log_prob[-1] < found.log_prob[:-1].min()
    assert torch.equal(found.keys[:2], alone.keys)


def test_blocks_of_long_words_are_small(model):
    words = [*WORDS * 20, "ab" * 300]
    blocks = alphabetical_blocks(corpus(words), 50)
    lengths = corpus(words).lengths
    assert sorted(np.concatenate(blocks).tolist()) == list(range(len(words)))
    assert max(len(b) * lengths[b].max() for b in blocks if len(b) > 1) <= 50 * corpora.MOST_SYMBOLS


def test_a_large_alphabet_takes_fewer_rows_at_once(model, monkeypatch):
    """The logits of a step are rows times symbols of the alphabet, and that is what is bounded."""
    whole = score_words(model, corpus(WORDS), 30)
    monkeypatch.setattr(decoder_module, "ENTRIES_AT_ONCE", 20 * model.decoder.logits.out_features)
    rows = rows_of_steps(monkeypatch)
    found = score_words(model, corpus(WORDS), 30)
    assert max(rows) <= 20
    np.testing.assert_allclose(found.log_prob, whole.log_prob, atol=1e-10)
