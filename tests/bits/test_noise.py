"""Samples of the Dirichlet copula: each alone as it should be, together as unlike as may be."""

import math

import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.outcomes import (
    EnumeratedNoise,
    NotEnumerableError,
    antithetic_outcomes,
    independent_outcomes,
    index_outcomes,
)
from lexbits.checking.weighted import WeightedNoise

LOGITS = torch.tensor([1.3, -0.4, -3.0], dtype=torch.float64)


def z_scores(counts, probabilities, n):
    variance = probabilities * (1 - probabilities) / n
    return (counts / n - probabilities).abs() / variance.sqrt()


@pytest.mark.parametrize("samples", [2, 3, 4])
def test_the_table_of_antithetic_outcomes_is_that_of_random_draws(samples):
    logits = LOGITS[:2]
    table = antithetic_outcomes(logits, samples)
    n = 200_000
    drawn = FactorisedBernoulli(logits.expand(n, -1)).sample_antithetic(samples)
    weights = 2 ** torch.arange(samples * 2).view(samples, 1, 2)
    keys = (drawn * weights).sum((0, 2)).long()
    expected = (table.values * weights).sum((0, 2)).long()
    counts = torch.bincount(keys, minlength=4**samples)[expected].double()
    probability = table.log_prob.exp()
    assert probability.sum() == pytest.approx(1, abs=1e-12)
    assert counts[probability == 0].sum() == 0
    possible = probability > 0
    assert z_scores(counts[possible], probability[possible], n).max() < 4.5


@pytest.mark.parametrize("samples", [2, 3, 5])
def test_each_antithetic_sample_has_the_probability_of_its_logit(samples):
    table = antithetic_outcomes(LOGITS, samples) if samples < 5 else None
    if table is None:
        n = 100_000
        mean = FactorisedBernoulli(LOGITS.expand(n, -1)).sample_antithetic(samples).mean(1)
        assert z_scores(mean * n, torch.sigmoid(LOGITS), n).max() < 4.5
        return
    mean = (table.log_prob.exp()[:, None] * table.values).sum(1)
    torch.testing.assert_close(mean, torch.sigmoid(LOGITS).expand(samples, -1))


@pytest.mark.parametrize("samples", [2, 3, 4])
def test_antithetic_samples_are_negatively_correlated_by_the_known_amount(samples):
    from lexbits.estimators.arms import debias_factor

    table = antithetic_outcomes(LOGITS, samples)
    pi = torch.sigmoid(LOGITS)
    both = (table.log_prob.exp()[:, None] * table.values[0] * table.values[1]).sum(0)
    correlation = (both - pi**2) / (pi * (1 - pi))
    assert (correlation < 0).all()
    torch.testing.assert_close(1 / (1 - correlation), debias_factor(LOGITS, samples))


def test_two_antithetic_samples_are_a_pair_of_u_and_one_minus_u():
    logits = torch.zeros(1000, 4)
    first, second = FactorisedBernoulli(logits).sample_antithetic(2)
    assert torch.equal(first, 1 - second)
    rare_first, rare_second = FactorisedBernoulli(logits - 2).sample_antithetic(2)
    assert (rare_first * rare_second).sum() == 0


def test_the_tables_of_independent_draws_and_of_bits_are_complete():
    table = independent_outcomes(LOGITS, 2)
    assert table.values.shape == (2, 64, 3)
    assert table.log_prob.exp().sum() == pytest.approx(1)
    bits = index_outcomes(3, 2)
    assert bits.values.T.tolist() == [[a, b] for a in range(3) for b in range(3)]
    assert bits.log_prob.exp().sum() == pytest.approx(1)


def test_noise_that_cannot_be_enumerated_says_so():
    q = FactorisedBernoulli(torch.zeros(1, 4), noise=EnumeratedNoise())
    with pytest.raises(NotEnumerableError):
        q.sample(5)
    with pytest.raises(NotEnumerableError):
        q.noise.uniform(q.logits, 1)


def test_several_draws_are_replayed_in_every_combination():
    noise = EnumeratedNoise()
    q = FactorisedBernoulli(LOGITS[None], noise=noise)

    def draw(q):
        return q.sample(1), q.sample_antithetic(2), noise.index(q.logits, 1)

    draw(q)
    weights = noise.rewind().exp()
    assert len(weights) == 8 * 64 * 3
    assert weights.sum() == pytest.approx(1)
    independent, antithetic, index = draw(
        FactorisedBernoulli(LOGITS.expand(len(weights), -1), noise=noise)
    )
    rows = torch.cat([independent[0], *antithetic, index[0, :, None].double()], 1)
    assert len(rows.unique(dim=0)) == len(weights)
    mean = weights @ (independent[0] * antithetic[1])
    torch.testing.assert_close(mean, torch.sigmoid(LOGITS) ** 2)


def test_weighted_noise_sees_rare_outcomes_and_weighs_them_down():
    logits = torch.tensor([[12.0, -9.0]], dtype=torch.float64).expand(20_000, -1)
    rare = torch.sigmoid(-logits[0].abs())
    for draw in (
        lambda noise: noise.independent(logits, 1)[0],
        lambda noise: noise.antithetic(logits, 2)[0],
        lambda noise: (noise.uniform(logits, 1)[0] > torch.sigmoid(-logits)).double(),
    ):
        noise = WeightedNoise(20_000)
        z = draw(noise)
        weights = noise.log_weight.exp()
        unlikely = (z != (logits > 0)).double()
        assert (unlikely.sum(0) > 100).all()
        estimate = (weights[:, None] * unlikely).mean(0)
        assert ((estimate / rare).log().abs() < math.log(1.5)).all()
        assert weights.mean() == pytest.approx(1, abs=0.1)
