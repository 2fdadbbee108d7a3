"""Scores from the table of all codes against sums written out."""

import dataclasses

import numpy as np
import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.errors import UsageError
from lexbits.likelihood import exact_scores as module
from lexbits.likelihood.cost import estimate_cost
from lexbits.likelihood.exact import exact_log_prob
from lexbits.likelihood.exact_scores import exact_scores
from tests.exact import (
    all_codes,
    as_batch,
    corpus,
    exact_negative_elbo,
    joint_by_code,
    posterior_by_code,
    tiny_model,
)

WORDS = ["ab", "bbab", "", "aba", "b", "ab", "aab", "a?b", "?", "ababbbab"]


class Mixture:
    """Two equally likely products of Bernoulli distributions: bits that depend on one another."""

    factorised = False

    def __init__(self, logits):
        self.parts = FactorisedBernoulli(logits), FactorisedBernoulli(1 - logits)

    def log_prob(self, z):
        return torch.logaddexp(*(part.log_prob(z) for part in self.parts)) - np.log(2)


def close(found, expected, atol=1e-10):
    np.testing.assert_allclose(found, expected, rtol=0, atol=atol)


def test_every_score_is_the_sum_that_it_says(model):
    words = as_batch(WORDS)
    scores = exact_scores(model, corpus(WORDS))
    log_likelihood, log_joint = joint_by_code(model, words)
    log_px = torch.logsumexp(log_joint, 0)
    log_q = posterior_by_code(model, words)
    q, posterior = log_q.exp(), (log_joint - log_px).exp()
    close(scores.log_prob, log_px)
    close(scores.elbo, -exact_negative_elbo(model, words))
    close(scores.gap, (q * (log_q - posterior.log())).sum(0))
    close(scores.rate, (q * (log_q - log_joint + log_likelihood)).sum(0))
    close(scores.distortion, -(q * log_likelihood).sum(0))
    close(scores.best_code_prob, posterior.amax(0))
    assert scores.symbols.tolist() == [len(word) + 1 for word in WORDS]


def test_the_gap_is_what_the_elbo_lacks_and_has_two_parts_that_are_not_negative(model):
    scores = exact_scores(model, corpus(WORDS))
    close(scores.gap, scores.log_prob - scores.elbo)
    close(scores.elbo, -scores.rate - scores.distortion)
    close(scores.gap, scores.mean_field_gap + scores.amortisation_gap)
    assert (scores.mean_field_gap > 0).all()
    assert (scores.amortisation_gap >= 0).all()
    assert scores.amortisation_gap.max() > 0.1


def test_the_mean_field_gap_is_the_least_divergence_of_a_factorised_posterior(model):
    scores = exact_scores(model, corpus(WORDS[:4]))
    log_joint = joint_by_code(model, as_batch(WORDS[:4]))[1]
    log_posterior = (log_joint - torch.logsumexp(log_joint, 0))[:, :, None]
    axis = torch.logit(torch.linspace(0.001, 0.999, 41))
    log_q = FactorisedBernoulli(torch.cartesian_prod(axis, axis, axis)).log_prob(
        all_codes(3)[:, None]
    )
    divergence = (log_q.exp()[:, None] * (log_q[:, None] - log_posterior)).sum(0)
    least = divergence.amin(1).numpy()
    assert (scores.mean_field_gap <= least + 1e-6).all()
    close(scores.mean_field_gap, least, atol=0.02)


def test_where_the_bits_are_ignored_all_of_the_gap_is_the_encoders(model):
    for layer in (model.decoder.z_to_h, model.decoder.z_to_c, model.decoder.z_to_logits):
        layer.weight.zero_()
    model.decoder.rnn.weight_ih_l0[:, -3:] = 0
    scores = exact_scores(model, corpus(WORDS))
    close(scores.mean_field_gap, 0)
    close(scores.amortisation_gap, scores.rate)


def test_dependent_bits_have_a_gap_without_parts(model, monkeypatch):
    encoded = model.posterior
    monkeypatch.setattr(model, "posterior", lambda words: Mixture(encoded(words).logits))
    scores = exact_scores(model, corpus(WORDS))
    log_q = posterior_by_code(model, as_batch(WORDS))
    log_joint = joint_by_code(model, as_batch(WORDS))[1]
    close(scores.elbo, (log_q.exp() * (log_joint - log_q)).sum(0))
    close(scores.gap, scores.log_prob - scores.elbo)
    assert scores.mean_field_gap is None
    assert scores.amortisation_gap is None


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("posterior", ["made", "gru"])
def test_an_autoregressive_posterior_has_its_exact_gap(posterior):
    model = tiny_model(posterior=posterior)
    with torch.no_grad():
        for parameter in model.parameters():  # some of its weights start at zero
            parameter.add_(torch.randn_like(parameter), alpha=0.5)
        scores = exact_scores(model, corpus(WORDS))
        close(scores.elbo, -exact_negative_elbo(model, as_batch(WORDS)))
    assert (scores.gap > 0).all()
    assert scores.mean_field_gap is None


def test_equal_words_have_equal_scores_in_the_order_of_the_corpus(model):
    scores = exact_scores(model, corpus(WORDS))
    backwards = exact_scores(model, corpus(WORDS[::-1]))
    for field in dataclasses.fields(scores):
        values, others = getattr(scores, field.name), getattr(backwards, field.name)
        close(values, others[::-1])
        close(values[0], values[5])


@pytest.mark.parametrize("table_bytes", [1, 8 * 8 * 3, 2**20])
@pytest.mark.parametrize("piece", [1, 40, 2**20])
def test_tables_of_any_size_give_the_same_scores(model, monkeypatch, table_bytes, piece):
    whole = exact_scores(model, corpus(WORDS))
    monkeypatch.setattr(module, "TABLE_BYTES", table_bytes)
    monkeypatch.setattr(module, "PIECE", piece)
    told = []
    parts = exact_scores(model, corpus(WORDS), progress=lambda *now: told.append(now))
    for field in dataclasses.fields(whole):
        close(getattr(parts, field.name), getattr(whole, field.name), atol=1e-12)
    assert told == sorted(set(told))
    assert told[-1] == (80, 80)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("changes", [{"cell": "gru"}, {"layers": 2}, {"bits": 1}])
def test_the_log_likelihood_is_that_of_the_stream(changes):
    model = tiny_model(**changes)
    scores = exact_scores(model, corpus(WORDS))
    close(scores.log_prob, exact_log_prob(model, corpus(WORDS)))
    assert (scores.gap >= scores.mean_field_gap).all()


def test_single_precision_is_near():
    model = tiny_model(gain=1.0)
    scores = exact_scores(model, corpus(WORDS))
    elbo = -exact_negative_elbo(model, as_batch(WORDS)).detach().numpy()
    close(scores.elbo, elbo, atol=2e-5)
    assert (scores.gap > 0).all()
    assert (scores.amortisation_gap >= 0).all()


@pytest.mark.usefixtures("float64")
def test_zero_bits_have_no_gap():
    model = tiny_model(bits=0)
    scores = exact_scores(model, corpus(WORDS))
    plain = model.decoder.log_prob(as_batch(WORDS), torch.zeros(1, len(WORDS), 0))[0]
    close(scores.log_prob, plain.detach())
    for values in (scores.gap, scores.rate, scores.mean_field_gap, scores.amortisation_gap):
        close(values, 0)
    close(scores.best_code_prob, 1)


def test_more_bits_than_the_limit_are_refused():
    with pytest.raises(UsageError, match="limit of 2 bits"):
        exact_scores(tiny_model(), corpus(WORDS), limit=2)


def test_the_cost_is_said_beforehand_for_any_number_of_bits():
    cost = estimate_cost(tiny_model(), corpus(["ab", "aba", "b", "", "ab", "bb"]))
    assert cost.codes == 8
    assert cost.prefixes == 6
    assert cost.seconds > 0
    many = tiny_model(bits=40)
    streamed, tabled = (estimate_cost(many, corpus(WORDS), table) for table in (False, True))
    assert streamed.codes == 2**40
    assert streamed.seconds > 1e6
    with pytest.raises(UsageError, match="limit of 62 bits"):
        estimate_cost(tiny_model(bits=1024), corpus(WORDS))
    assert tabled.bytes > streamed.bytes >= 2**40
