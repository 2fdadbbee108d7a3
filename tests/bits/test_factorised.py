import math

import pytest
import torch

from lexbits.bits import Autoregressive, FactorisedBernoulli
from tests.exact import all_codes

LOGITS = [[-2.0, 0.3, 1.5], [0.0, -0.7, 4.0]]


@pytest.fixture
def q():
    return FactorisedBernoulli(torch.tensor(LOGITS, dtype=torch.float64))


def over_codes(q):
    """Return all codes [2^K, 1, K] and their probabilities [2^K, B] by multiplying."""
    z = all_codes(q.bits).double()[:, None]
    probability = torch.where(z == 1, 1 / (1 + torch.exp(-q.logits)), 1 / (1 + torch.exp(q.logits)))
    return z, probability.prod(-1)


def expect(probability, values):
    return (probability.view(*probability.shape, *[1] * (values.dim() - 2)) * values).sum(0)


def test_the_probabilities_of_all_codes_sum_to_one(q):
    z, _ = over_codes(q)
    torch.testing.assert_close(
        q.log_prob(z).exp().sum(0), torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-14
    )


def test_the_probability_of_a_code_is_the_product_over_its_bits(q):
    z, probability = over_codes(q)
    torch.testing.assert_close(q.log_prob(z).exp(), probability, rtol=1e-13, atol=0)


def test_mean_and_variance_are_those_over_all_codes(q):
    z, probability = over_codes(q)
    mean = expect(probability, z)
    torch.testing.assert_close(q.mean, mean)
    torch.testing.assert_close(q.variance, expect(probability, (z - mean) ** 2))


def test_the_mode_is_the_most_probable_code_and_a_tie_gives_a_zero(q):
    z, probability = over_codes(q)
    assert q.mode[0].tolist() == z[probability[:, 0].argmax(), 0].tolist() == [0, 1, 1]
    assert q.mode[1].tolist() == [0, 0, 1]


def test_the_entropy_is_the_sum_over_all_codes(q):
    _, probability = over_codes(q)
    torch.testing.assert_close(q.entropy(), -(probability * probability.log()).sum(0))


@pytest.mark.parametrize("alpha", [0.5, 0.2, 0.97])
def test_kl_is_the_sum_over_all_codes_and_over_bits(q, alpha):
    p = FactorisedBernoulli(torch.full((3,), alpha, dtype=torch.float64).logit())
    z, probability = over_codes(q)
    exact = (probability * (probability.log() - p.log_prob(z))).sum(0)
    torch.testing.assert_close(q.kl(p), exact)
    torch.testing.assert_close(q.kl_per_bit(p).sum(-1), exact)


def test_kl_to_itself_is_zero_and_to_another_is_not(q):
    assert q.kl(q).tolist() == [0, 0]
    assert (q.kl(FactorisedBernoulli(q.logits.flip(0))) > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("size", [50.0, 500.0])
def test_saturated_bits_are_finite_and_right(dtype, size):
    q = FactorisedBernoulli(torch.tensor([size, -size], dtype=dtype, requires_grad=True))
    p = FactorisedBernoulli(torch.zeros(2, dtype=dtype))
    likely, unlikely = torch.tensor([[1.0, 0.0], [0.0, 1.0]], dtype=dtype)
    assert q.log_prob(likely).item() == pytest.approx(0, abs=1e-20)
    assert q.log_prob(unlikely).item() == pytest.approx(-2 * size)
    assert q.mean.tolist() == pytest.approx([1, 0], abs=1e-20)
    assert q.variance.tolist() == pytest.approx([math.exp(-size)] * 2, rel=1e-5, abs=1e-44)
    assert q.entropy().item() == pytest.approx(0, abs=1e-18)
    assert q.kl(p).item() == pytest.approx(2 * math.log(2))
    assert p.kl(q).item() == pytest.approx(size - 2 * math.log(2))
    assert q.kl(FactorisedBernoulli(-q.logits)).item() == pytest.approx(2 * size)
    results = (q.log_prob(likely), q.log_prob(unlikely), q.entropy(), q.kl(p), p.kl(q))
    for result in (*results, q.variance.sum()):
        (gradient,) = torch.autograd.grad(result, q.logits, retain_graph=True)
        assert gradient.isfinite().all()


def test_sampling_frequencies_match_the_probabilities(q):
    draws = 20_000
    z = q.sample(draws).double()
    assert z.unique().tolist() == [0, 1]
    errors = (z.mean(0) - q.mean) / (q.variance / draws).sqrt()
    assert errors.abs().max() < 4
    pair = (z[..., 0] * z[..., 1]).mean(0)
    expected = q.mean[:, 0] * q.mean[:, 1]
    assert ((pair - expected) / (expected * (1 - expected) / draws).sqrt()).abs().max() < 4


def test_samples_carry_no_gradient_and_saturated_bits_never_flip():
    q = FactorisedBernoulli(torch.tensor([500.0, -500.0], requires_grad=True))
    z = q.sample(1000)
    assert not z.requires_grad
    assert (z == torch.tensor([1.0, 0.0])).all()


def test_a_bit_is_drawn_only_if_its_probability_is_within_the_steps_of_the_noise(monkeypatch):
    """A zero from torch.rand is all of its step; else bits of probability 1e-20 would be drawn."""
    logits = torch.tensor([-46.0, -20.0, -10.0])
    q = FactorisedBernoulli(logits)
    for likely in (q, Autoregressive(lambda z, _: 0 * z, logits, torch.zeros(0))):
        assert likely.from_uniform(torch.zeros(1, 3)).tolist() == [[0, 0, 1]]
        with monkeypatch.context() as patch:
            patch.setattr(torch, "rand", lambda shape, **_: torch.zeros(shape))
            assert likely.sample(1).tolist() == [[0, 0, 1]]
    with monkeypatch.context() as patch:
        patch.setattr(torch, "rand", lambda shape, **_: torch.zeros(shape))
        assert float(q.noise.uniform(logits, 1).min()) > 1e-8


def test_zero_bits_have_one_code_of_probability_one():
    q = FactorisedBernoulli(torch.zeros(4, 0))
    z = q.sample(3)
    assert z.shape == (3, 4, 0)
    for result in (q.log_prob(z), q.entropy(), q.kl(q)):
        assert (result == 0).all()
    assert q.kl(q).shape == (4,)
    assert q.mode.shape == q.mean.shape == q.variance.shape == (4, 0)


def test_leading_axes_broadcast(q):
    z = q.sample(5)
    assert q.log_prob(z).shape == (5, 2)
    assert q.kl(FactorisedBernoulli(torch.zeros(3, dtype=torch.float64))).shape == (2,)
