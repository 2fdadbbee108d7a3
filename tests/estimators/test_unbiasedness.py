"""All noise is enumerated: nothing here is random."""

import json
from pathlib import Path
from typing import get_args

import pytest
import torch

from lexbits.bits import Bernoullis
from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS, Estimate
from lexbits.estimators.reinforce import Reinforce
from lexbits.estimators.rloo import Rloo
from tests.estimators.toy import BIAS, TOY, VARIANCE, ToyFunction, toy_logits
from tests.exact import Enumerated, all_codes

TOYS = Path(__file__).resolve().parents[3] / "shared" / "facts" / "toys.json"

CASES = {"reinforce": (1, 2, 3), "reinforce-average": (1, 2, 3), "rloo": (2, 3, 4)}
"""Every estimator, with the numbers of samples to enumerate."""

ALL = [(name, samples) for name, many in CASES.items() for samples in many]


def make(name, baseline=-20.0):
    """Return an estimator in float64; a running average has already seen f = `baseline`."""
    estimator = ESTIMATORS[name]().double()
    if name == "reinforce-average":
        estimator.total.fill_(baseline / 2)
        estimator.weight.fill_(0.5)
    return estimator


def exact(f):
    """Return E_q[f] and its gradients in φ and in the parameters of f."""
    phi = toy_logits()
    z = all_codes(3).double()
    value = (Bernoullis(phi).log_prob(z).exp() * f(z)).sum()
    return value.detach(), torch.autograd.grad(value, [phi, *f.parameters()])


def enumerate_estimates(estimator, f, samples):
    """Return weights [N], values [N], φ-gradients [N, K] and mean gradients in f's parameters."""
    rows = Enumerated(toy_logits(), samples).logits.detach().clone().requires_grad_()
    q = Enumerated(toy_logits().detach(), samples)
    q.logits = rows
    estimate = estimator.estimate(q, f, samples)
    assert estimate.surrogate.shape == estimate.value.shape == q.weights.shape
    assert not estimate.value.requires_grad
    (of_phi,) = torch.autograd.grad(estimate.surrogate.sum(), rows, retain_graph=True)
    of_f = torch.autograd.grad((q.weights * estimate.surrogate).sum(), list(f.parameters()))
    return q.weights, estimate.value, of_phi, of_f


def bias(estimator, samples):
    """Return the largest errors of the mean gradient in φ and in f's parameters, and of value."""
    f = ToyFunction()
    value, (of_phi, *of_f) = exact(f)
    weights, values, rows, means = enumerate_estimates(estimator, f, samples)
    return (
        float((weights @ rows - of_phi).abs().max()),
        max(float((a - b).abs().max()) for a, b in zip(means, of_f, strict=True)),
        float((weights @ values - value).abs()),
    )


def total_variance(estimator, samples, f=None):
    weights, _, rows, _ = enumerate_estimates(estimator, f or ToyFunction(), samples)
    return float((weights @ (rows - weights @ rows) ** 2).sum())


def assert_unbiased(estimator, samples):
    assert max(bias(estimator, samples)) < 1e-10


def test_every_estimator_has_a_case_and_a_place_in_the_settings():
    assert set(CASES) == set(ESTIMATORS)
    assert set(get_args(Settings.model_fields["estimator"].annotation)) == set(ESTIMATORS)


@pytest.mark.skipif(not TOYS.is_file(), reason="the shared facts are not here")
def test_the_toy_is_that_of_the_shared_facts():
    shared = json.loads(TOYS.read_text())["single_sample_objective"]
    assert {name: shared[name] for name in TOY} == TOY
    assert {name: shared["total_variance"][name] for name in VARIANCE} == VARIANCE
    assert {name: shared["max_abs_bias"][name] for name in BIAS} == BIAS


def test_the_exact_gradient_of_the_toy_is_the_known_one():
    assert exact(ToyFunction())[1][0].tolist() == pytest.approx(TOY["exact_gradient"], abs=1e-12)


@pytest.mark.parametrize(("name", "samples"), ALL)
def test_the_mean_over_all_noise_is_the_exact_gradient(name, samples):
    estimator = make(name)
    assert estimator.unbiased
    assert_unbiased(estimator, samples)


@pytest.mark.parametrize(
    ("name", "samples", "known"),
    [
        ("reinforce", 1, VARIANCE["reinforce_S1"]),
        ("reinforce", 3, VARIANCE["reinforce_S1"] / 3),
        ("rloo", 2, VARIANCE["rloo_S2"]),
        ("rloo", 4, VARIANCE["rloo_S4"]),
    ],
)
def test_the_variance_is_the_known_one(name, samples, known):
    assert total_variance(make(name), samples) == pytest.approx(known, abs=6e-5)


def test_a_running_average_that_has_arrived_has_the_variance_of_the_mean_baseline():
    value, _ = exact(ToyFunction())
    estimator = make("reinforce-average", baseline=float(value))
    known = VARIANCE["reinforce_mean_baseline_oracle"]
    assert total_variance(estimator, 1) == pytest.approx(known, abs=6e-5)


class RlooDividedBySamples(Rloo):
    """Wrong: 1/S in place of 1/(S−1)."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        advantage = (values - values.mean(0)).detach()
        return Estimate(
            values.detach().mean(0), values.mean(0) + (advantage * q.log_prob(z)).mean(0)
        )


class ReinforceNotDetached(Reinforce):
    """Wrong: the gradient runs through f in the score term."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        return Estimate(values.detach().mean(0), (values + values * q.log_prob(z)).mean(0))


class RlooNotDetached(Rloo):
    """Wrong: the gradient runs through f in the score term."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = ((values - values.mean(0)) * q.log_prob(z)).sum(0) / (samples - 1)
        return Estimate(values.detach().mean(0), values.mean(0) + score)


class ReinforceWithOwnBatchAsBaseline(Reinforce):
    """Wrong: the baseline holds the sample itself."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = (values - values.mean(0)).detach() * q.log_prob(z)
        return Estimate(values.detach().mean(0), (values + score).mean(0))


@pytest.mark.parametrize(
    ("wrong", "samples"),
    [
        (RlooDividedBySamples, 2),
        (RlooDividedBySamples, 4),
        (ReinforceNotDetached, 1),
        (RlooNotDetached, 2),
        (ReinforceWithOwnBatchAsBaseline, 2),
    ],
)
def test_the_usual_wrong_versions_fail_the_check(wrong, samples):
    with pytest.raises(AssertionError):
        assert_unbiased(wrong(), samples)


@pytest.mark.parametrize("samples", [2, 4])
def test_without_its_factor_leave_one_out_has_the_known_bias(samples):
    known = BIAS[f"wrong_rloo_without_S_over_S_minus_1_S{samples}"]
    assert bias(RlooDividedBySamples(), samples)[0] == pytest.approx(known, abs=6e-4)


@pytest.mark.parametrize("name", CASES)
def test_a_shift_of_f_changes_only_estimators_without_a_baseline_of_the_same_word(name):
    _, _, before, _ = enumerate_estimates(make(name), ToyFunction(), 2)
    _, _, after, _ = enumerate_estimates(make(name), ToyFunction(shift=100.0), 2)
    assert torch.allclose(before, after, rtol=0, atol=1e-10) == (name == "rloo")


@pytest.mark.parametrize("samples", [2, 3])
def test_leave_one_out_has_no_variance_where_f_is_constant(samples):
    f = ToyFunction()
    f.v.data.zero_()
    assert total_variance(make("rloo"), samples, f) < 1e-24
    assert total_variance(make("reinforce"), samples, f) > 1


@pytest.mark.parametrize(("name", "samples"), ALL)
def test_an_estimator_evaluates_f_as_often_as_it_declares(name, samples):
    f = ToyFunction()
    estimator = make(name)
    estimator.estimate(Bernoullis(toy_logits().expand(5, -1)), f, samples)
    assert f.evaluations == estimator.evaluations(samples, bits=3)
    assert samples >= estimator.least_samples


@pytest.mark.parametrize("name", CASES)
def test_too_few_samples_are_refused(name):
    estimator = make(name)
    for samples in range(estimator.least_samples):
        with pytest.raises(UsageError, match=f"at least {estimator.least_samples} samples"):
            estimator.estimate(Bernoullis(toy_logits()[None]), ToyFunction(), samples)


def test_leave_one_out_needs_two_samples_and_the_others_one():
    least = {name: estimator.least_samples for name, estimator in ESTIMATORS.items()}
    assert least == {"reinforce": 1, "reinforce-average": 1, "rloo": 2}


@pytest.mark.parametrize("name", CASES)
def test_a_smaller_last_batch_is_no_problem(name):
    estimator = make(name)
    for batch in (5, 2, 1):
        estimate = estimator.estimate(
            Bernoullis(toy_logits().expand(batch, -1)), ToyFunction(), samples=2
        )
        assert estimate.value.shape == estimate.surrogate.shape == (batch,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CASES)
def test_saturated_bits_and_very_unlikely_words_give_finite_gradients(name, dtype):
    logits = torch.tensor([[50.0, -50.0, 0.0], [500.0, -500.0, 1.0]], dtype=dtype).requires_grad_()
    scale = torch.ones((), dtype=dtype, requires_grad=True)
    estimator = ESTIMATORS[name]().to(dtype)
    for _ in range(3):
        estimate = estimator.estimate(Bernoullis(logits), lambda z: scale * (z.sum(-1) - 500), 2)
        found = torch.autograd.grad(estimate.surrogate.sum(), [logits, scale])
        assert all(gradient.isfinite().all() for gradient in found)
        assert estimate.value.isfinite().all()


@pytest.mark.parametrize("name", CASES)
def test_the_estimators_of_these_cases_need_neither_factorised_q_nor_smooth_f(name):
    estimator = ESTIMATORS[name]
    assert not estimator.needs_factorised_q
    assert not estimator.needs_differentiable_f
    assert estimator.bound == "elbo"
