import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.reinforce import AverageReinforce, Reinforce

DECAY = 0.95


def estimate(estimator, value, batch=4):
    """Estimate with an f that is `value` everywhere; return the baseline that was used."""
    q = FactorisedBernoulli(torch.zeros(batch, 3))
    return float(estimator.estimate(q, lambda z: z.sum(-1) * 0 + value, 2).diagnostics["baseline"])


def test_the_first_batch_has_no_baseline():
    assert estimate(AverageReinforce(3, 3), -30.0) == 0


def test_the_first_estimate_is_that_of_plain_reinforce():
    found = []
    for estimator in (Reinforce(3, 3), AverageReinforce(3, 3)):
        torch.manual_seed(5)
        logits = torch.tensor([[0.3, -0.2]], requires_grad=True)
        result = estimator.estimate(FactorisedBernoulli(logits), lambda z: z.sum(-1) - 30, 2)
        found.append(torch.autograd.grad(result.surrogate.sum(), logits)[0])
    assert torch.equal(*found)


def test_the_baseline_is_the_debiased_average_of_earlier_batches_only():
    estimator = AverageReinforce(3, 3)
    values = [-30.0, -20.0, -25.0, -10.0]
    for i, value in enumerate(values):
        weights = [DECAY**age for age in reversed(range(i))]
        expected = sum(w * v for w, v in zip(weights, values, strict=False)) / (sum(weights) or 1)
        assert estimate(estimator, value) == pytest.approx(expected, rel=1e-5)


def test_a_batch_counts_once_whatever_its_size():
    estimator = AverageReinforce(3, 3)
    estimate(estimator, -30.0, batch=64)
    estimate(estimator, -10.0, batch=1)
    assert estimate(estimator, 0.0) == pytest.approx((-30 * DECAY - 10) / (1 + DECAY), rel=1e-5)


def test_the_average_is_module_state():
    estimator, again = AverageReinforce(3, 3), AverageReinforce(3, 3)
    for value in (-30.0, -20.0):
        estimate(estimator, value)
    again.load_state_dict(estimator.state_dict())
    assert estimate(again, -5.0) == estimate(estimator, -5.0) != 0
    assert not list(estimator.parameters())


def test_the_average_stands_still_outside_training():
    estimator = AverageReinforce(3, 3)
    estimate(estimator, -30.0)
    estimator.eval()
    assert [estimate(estimator, 7.0) for _ in range(3)] == [pytest.approx(-30)] * 3
    estimator.train()
    assert estimate(estimator, 7.0) == pytest.approx(-30)
    assert estimate(estimator, 7.0) > -30


def test_the_average_carries_no_gradient():
    estimator = AverageReinforce(3, 3)
    scale = torch.ones((), requires_grad=True)
    estimator.estimate(FactorisedBernoulli(torch.zeros(2, 3)), lambda z: scale * z.sum(-1), 2)
    assert not estimator.average.total.requires_grad
