"""Gains at each position against sums over all codes, and what wrong proposals would give."""

import math

import numpy as np
import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.errors import UsageError
from lexbits.measures import evaluate
from lexbits.measures import position_gain as module
from lexbits.measures.position_gain import position_gain, symbol_gains
from tests.exact import (
    all_codes,
    as_batch,
    exact_log_prob,
    joint_by_code,
    posterior_by_code,
    tiny_model,
)

WORDS = ["ab", "bbab", "", "aba", "b", "aab", "a?b"]


@pytest.fixture
def model(float64):
    """A model whose posterior is far from the prior."""
    model = tiny_model(alpha=[0.3, 0.5, 0.6])
    with torch.no_grad():
        model.encoder.logits.weight.mul_(4)
        yield model


def corpus(words=WORDS):
    return Corpus.from_words(words, Alphabet("ab"))


def exact_gains(model, words):
    """Return the gains of words [B, T], [B, T], by the definition."""
    z = all_codes(model.bits)[:, None].expand(-1, len(words), -1)
    symbols = model.decoder.symbol_log_prob(words, z)
    q = posterior_by_code(model, words).exp()
    log_prefix = torch.logsumexp(symbols.cumsum(0) + model.prior().log_prob(z), 1)
    log_conditional = torch.cat([log_prefix[:1], log_prefix.diff(dim=0)])
    inside = (words != model.decoder.pad).T
    return (((q * symbols).sum(1) - log_conditional) * inside).T.numpy()


def test_gains_are_those_of_the_definition(model):
    found = symbol_gains(model, corpus(), 40_000)
    exact = exact_gains(model, as_batch(WORDS))
    np.testing.assert_allclose(found, exact, atol=0.03)
    assert np.abs(exact).max() > 0.3


def test_the_gains_of_a_word_sum_to_what_the_bits_save_on_it(model):
    words = as_batch(WORDS)
    log_likelihood, _ = joint_by_code(model, words)
    expected = (posterior_by_code(model, words).exp() * log_likelihood).sum(0)
    expected -= exact_log_prob(model, words)
    np.testing.assert_allclose(exact_gains(model, words).sum(1), expected, atol=1e-10)
    found = symbol_gains(model, corpus(), 40_000).sum(1)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_they_sum_to_nll_minus_distortion(float64):
    model = tiny_model()
    metrics = evaluate(model, corpus(), 20_000)
    gain = position_gain(model, corpus(), samples=20_000)
    assert gain.total == pytest.approx(metrics.nll - metrics.distortion, abs=0.03)
    for side in (gain.from_start, gain.from_end):
        assert gain.saved(side, 99) == pytest.approx(gain.total)


def test_mean_weights_of_prefixes_are_unbiased_and_those_of_a_wrong_proposal_are_not(model):
    """The expectation over the noise, enumerated: half a mean under Q, half one under the prior."""
    words = as_batch(WORDS)
    z = all_codes(3)[:, None].expand(-1, len(words), -1)
    prefix = model.decoder.symbol_log_prob(words, z).cumsum(0).exp()
    q, p = posterior_by_code(model, words).exp(), model.prior().log_prob(z).exp()
    exact = (p * prefix).sum(1)
    mixture = (q + p) / 2
    torch.testing.assert_close((mixture * (p / mixture) * prefix).sum(1), exact)
    unweighted = (mixture * prefix).sum(1)
    as_if_from_q = (mixture * (p / q) * prefix).sum(1)
    for wrong in (unweighted, as_if_from_q):
        assert (wrong.log() - exact.log()).abs().max() > 0.1


def test_the_mixture_errs_less_than_the_posterior_alone_or_the_prior_alone(model):
    """Exact variance of one sample's contribution to p(x_<=i), relative to p(x_<=i)²."""
    words = as_batch(WORDS)
    z = all_codes(3)[:, None].expand(-1, len(words), -1)
    prefix = model.decoder.symbol_log_prob(words, z).cumsum(0).exp()
    q, p = posterior_by_code(model, words).exp(), model.prior().log_prob(z).exp()
    inside = (words != model.decoder.pad).T
    worst = {}
    for name, proposal in (("q", q), ("p", p), ("mixture", (q + p) / 2)):
        relative = prefix / (p * prefix).sum(1)[:, None]
        variance = (p**2 / proposal * relative**2).sum(1) - 1
        worst[name] = variance[inside].max().item()
    assert worst["mixture"] < worst["q"] / 3
    assert worst["mixture"] < 2 * worst["p"] + 1
    # and it is what the code does: few samples leave an error of that size, not of Q's
    errors = symbol_gains(model, corpus(), 400).sum(1) - exact_gains(model, words).sum(1)
    assert np.abs(errors).max() < 4 * math.sqrt(worst["q"] / 400)


def test_a_posterior_that_is_the_prior_saves_nothing(float64):
    model = tiny_model()
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.zero_()
        exact = exact_gains(model, as_batch(WORDS))
    found = symbol_gains(model, corpus(), 20_000)
    assert exact.sum(1).max() <= 1e-12  # E[log p(x|z)] <= log E[p(x|z)]
    np.testing.assert_allclose(found, exact, atol=0.05)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("changes", [{"posterior": "made"}, {"prior": "made"}])
def test_bits_may_depend_on_one_another(changes):
    model = tiny_model(**changes)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
        exact = exact_gains(model, as_batch(WORDS))
        np.testing.assert_allclose(symbol_gains(model, corpus(), 40_000), exact, atol=0.05)


def test_positions_are_counted_from_either_end(model, monkeypatch):
    table = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 0.0], [100.0, 0.0, 0.0]])
    monkeypatch.setattr(module, "symbol_gains", lambda *_: table)
    gain = position_gain(model, corpus(["ab", "a", ""]))
    assert [(g.position, g.gain, g.words) for g in gain.from_start] == [
        (1, 37, 3), (2, 11, 2), (3, 3, 1),
    ]  # fmt: skip
    assert [(g.position, g.gain, g.words) for g in gain.from_end] == [
        (1, pytest.approx(41), 3), (2, 6, 2), (3, 1, 1),
    ]  # fmt: skip
    assert gain.total == pytest.approx(136 / 3)
    assert gain.saved(gain.from_end, 1) == pytest.approx(123 / 3)


def test_some_of_the_words_are_drawn_the_same_each_time(model, monkeypatch):
    seen = []

    def spy(_, part, *__):
        seen.append([Alphabet("ab").decode(row) for row in part.symbols])
        return np.zeros(part.symbols.shape)

    monkeypatch.setattr(module, "symbol_gains", spy)
    words = ["a" * n for n in range(50)]
    for number in (5, 5, None, 60):
        position_gain(model, corpus(words), number)
    assert seen[0] == seen[1] != words[:5]
    assert len(set(seen[0])) == 5
    assert seen[2] == seen[3] == words


def test_it_is_repeatable_and_leaves_the_noise_of_others_alone(model):
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first = position_gain(model, corpus(), samples=4)
    assert torch.equal(torch.rand(1), expected)
    assert position_gain(model, corpus(), samples=4) == first


def test_impossible_requests_are_refused(model):
    with pytest.raises(UsageError, match="even"):
        position_gain(model, corpus(), samples=3)
    with pytest.raises(UsageError, match="at least 1 word"):
        position_gain(model, corpus(), words=0)
    with pytest.raises(UsageError, match="no bits"):
        position_gain(tiny_model(bits=0), corpus())
