"""The likeliest codes against a sort of all, and their bound against the exact likelihood."""

import itertools

import numpy as np
import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.likelihood import lower_bound as module
from lexbits.likelihood.exact import exact_log_prob
from lexbits.likelihood.lower_bound import lower_bound, most_probable_codes
from tests.exact import all_codes, as_batch, corpus, joint_by_code, posterior_by_code, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "ab", "aab", "a?b", "?", "ababbbab"]


@pytest.fixture
def model(float64):
    with torch.no_grad():
        yield tiny_model(bits=5)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("n", [1, 2, 7, 31, 32])
def test_they_are_the_first_of_all_codes_sorted(n):
    q = FactorisedBernoulli(torch.randn(20, 5) * 2)
    z = most_probable_codes(q, n)
    assert z.shape == (n, 20, 5)
    of_all = q.log_prob(all_codes(5)[:, None]).sort(0, descending=True).values
    torch.testing.assert_close(q.log_prob(z), of_all[:n])
    for b in range(20):
        assert len(z[:, b].unique(dim=0)) == n


def test_more_codes_than_there_are_give_all():
    z = most_probable_codes(FactorisedBernoulli(torch.randn(2, 3)), 1000)
    assert z.shape == (8, 2, 3)
    assert len(z[:, 1].unique(dim=0)) == 8
    assert most_probable_codes(FactorisedBernoulli(torch.zeros(4, 0)), 9).shape == (1, 4, 0)


def test_equal_and_extreme_probabilities_do_no_harm():
    q = FactorisedBernoulli(torch.tensor([[0.0, 0.0, 0.0], [50.0, -50.0, 1e4]]))
    z = most_probable_codes(q, 5)
    assert len(z[:, 0].unique(dim=0)) == len(z[:, 1].unique(dim=0)) == 5
    assert z[0, 1].tolist() == [1, 0, 1]
    assert (q.log_prob(z).diff(dim=0) <= 0).all()


def test_many_bits_are_no_trouble():
    logits = torch.randn(3, 300)
    z = most_probable_codes(FactorisedBernoulli(logits), 50)
    torch.testing.assert_close(z[0], (logits > 0).float())
    flips = (z[1] != z[0]).sum(-1)
    assert flips.tolist() == [1, 1, 1]  # the second best differs in the least certain bit
    least = logits.abs().argmin(-1)
    assert (z[1] != z[0]).float().argmax(-1).tolist() == least.tolist()


def test_the_bound_is_the_sum_over_the_likeliest_codes(model):
    words = as_batch(WORDS)
    log_joint = joint_by_code(model, words)[1]
    order = posterior_by_code(model, words).argsort(0, descending=True)
    for n in (1, 6):
        expected = torch.logsumexp(log_joint.gather(0, order[:n]), 0).numpy()
        found = lower_bound(model, corpus(WORDS), n)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


def test_it_grows_with_the_codes_up_to_the_exact_value(model):
    bounds = [lower_bound(model, corpus(WORDS), n) for n in (1, 2, 5, 17, 32, 1000)]
    exact = exact_log_prob(model, corpus(WORDS))
    for lower, higher in itertools.pairwise([*bounds[:4], exact]):
        assert (lower < higher).all()
    np.testing.assert_allclose(bounds[4], exact, rtol=0, atol=1e-10)
    np.testing.assert_allclose(bounds[5], exact, rtol=0, atol=1e-10)


@pytest.mark.parametrize("rows", [1, 7, 40])
def test_pieces_of_any_size_give_the_same_bound_and_hold_no_more_rows(model, monkeypatch, rows):
    whole = lower_bound(model, corpus(WORDS), 7)
    held = []
    log_prob = model.decoder.log_prob

    def counting(words, z):
        held.append(z[..., 0].numel())
        return log_prob(words, z)

    monkeypatch.setattr(model.decoder, "log_prob", counting)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", rows)
    found = lower_bound(model, corpus(WORDS), 7)
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-12)
    assert max(held) <= rows
    assert sum(held) == 7 * len(WORDS)


@pytest.mark.usefixtures("float64")
def test_zero_bits_are_exact():
    model = tiny_model(bits=0)
    exact = exact_log_prob(model, corpus(WORDS))
    np.testing.assert_allclose(lower_bound(model, corpus(WORDS)), exact, rtol=0, atol=1e-10)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("posterior", ["made", "gru"])
def test_codes_of_dependent_bits_are_distinct_and_the_widest_search_finds_all_in_order(posterior):
    model = tiny_model(bits=5, posterior=posterior)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
        q = model.posterior(as_batch(WORDS[:4]))
        every = q.log_prob(all_codes(5)[:, None]).sort(0, descending=True).values
        torch.testing.assert_close(q.log_prob(most_probable_codes(q, 32)), every)
        some = q.log_prob(most_probable_codes(q, 12))
        assert (some <= every[:12] + 1e-12).all()
        assert (some[0] > every[3]).all()
        exact = exact_log_prob(model, corpus(WORDS))
        assert (lower_bound(model, corpus(WORDS), 12) < exact).all()
        np.testing.assert_allclose(lower_bound(model, corpus(WORDS), 32), exact, atol=1e-10)
