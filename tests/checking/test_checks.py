"""The checks that a user's own estimator goes through."""

import pytest
import torch

from lexbits.checking import assert_sound, built_in_toys, check_estimator, measured
from lexbits.estimators import ESTIMATORS, Estimate
from lexbits.estimators.rloo import Rloo
from tests.estimators.toy import Declared


def outcome(kind):
    """Return what each check of an estimator says, by its name."""
    return {check.name: check for check in check_estimator(kind)}


@pytest.mark.parametrize("name", ["rloo", "nvil", "leg", "vimco", "straight-through", "rebar"])
def test_our_own_estimators_pass(name):
    assert_sound(ESTIMATORS[name])


@pytest.mark.parametrize("name", ["relax", "nvil"])
def test_whatever_type_torch_makes_by_default_is_no_fault_of_an_estimator(name):
    torch.set_default_dtype(torch.float64)
    try:
        assert_sound(ESTIMATORS[name])
    finally:
        torch.set_default_dtype(torch.float32)


class HiddenNoise(Declared):
    """Draws with torch.rand in place of its distribution's noise: right, but not enumerable."""

    def _estimate(self, q, f, samples):
        z = (torch.rand(samples, *q.logits.shape) < q.mean.detach()).double()
        values = f(z)
        score = (values - values.detach().mean()).detach() * q.log_prob(z)
        return Estimate(values.detach().mean(0), (values + score).mean(0))


def test_noise_that_does_not_come_from_q_is_met_with_a_z_score():
    found = measured(HiddenNoise, built_in_toys()[0], 1)
    assert found.method == "sampling"
    assert found.z_score < 4.5


class HalfHidden(Rloo):
    """Uses q's noise and some of its own besides."""

    def _estimate(self, q, f, samples):
        right = super()._estimate(q, f, samples)
        return Estimate(right.value, right.surrogate + 0 * torch.rand(()))


def test_noise_beside_that_of_q_is_noticed():
    assert measured(HalfHidden, built_in_toys()[0], 2).method == "sampling"


class WrongShape(Rloo):
    def _estimate(self, q, f, samples):
        right = super()._estimate(q, f, samples)
        return Estimate(right.value.mean(), right.surrogate)


class WithGradientInValue(Rloo):
    def _estimate(self, q, f, samples):
        right = super()._estimate(q, f, samples)
        return Estimate(right.surrogate, right.surrogate)


class NotFinite(Rloo):
    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        log_q = (z * q.mean.log() + (1 - z) * (1 - q.mean).log()).sum(-1)
        score = ((values - values.mean(0)).detach() * log_q).sum(0) / (samples - 1)
        return Estimate(values.detach().mean(0), values.mean(0) + score)


class ForgetfulAverage(Declared):
    """Its baseline is no buffer, so that a checkpoint loses it."""

    def __init__(self, bits, features):
        super().__init__(bits, features)
        self.baseline = 0.0

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = (values.detach() - self.baseline) * q.log_prob(z)
        if self.training:
            self.baseline = values.detach().mean().item()
        return Estimate(values.detach().mean(0), (values + score).mean(0))


class BreaksOnSmallBatches(Declared):
    """Keeps a baseline for each place in the batch."""

    def __init__(self, bits, features):
        super().__init__(bits, features)
        self.baseline = None

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        if self.baseline is None or not self.training:
            self.baseline = values.detach().mean(0)
        score = (values.detach() - self.baseline) * q.log_prob(z)
        return Estimate(values.detach().mean(0), (values + score).mean(0))


class CostsMore(Rloo):
    """Evaluates f once more than it says."""

    def _estimate(self, q, f, samples):
        f(q.sample(1))
        return super()._estimate(q, f, samples)


class Raises(Declared):
    def _estimate(self, q, f, samples):
        raise RuntimeError("not\nready")


class ReturnsTensor(Declared):
    def _estimate(self, q, f, samples):
        return f(q.sample(samples)).mean(0)


@pytest.mark.parametrize(
    ("kind", "failing"),
    [
        (WrongShape, "runs"),
        (WithGradientInValue, "contract"),
        (NotFinite, "saturated bits"),
        (ForgetfulAverage, "state"),
        (BreaksOnSmallBatches, "last partial batch"),
        (CostsMore, "evaluations, S = 2"),
        (Raises, "runs"),
        (ReturnsTensor, "runs"),
    ],
)
def test_a_fault_is_found_where_it_is(kind, failing):
    assert outcome(kind)[failing].passed is False
    with pytest.raises(AssertionError, match=failing):
        assert_sound(kind)


def test_what_an_estimator_raises_is_said_once_with_its_place():
    number, runs = check_estimator(Raises)
    assert number.passed
    line = Raises._estimate.__code__.co_firstlineno + 1
    assert runs.detail == f"RuntimeError: not ready ({__file__}, line {line})"


class NoScore(Declared):
    """Forgets that the distribution of z has parameters."""

    def _estimate(self, q, f, samples):
        values = f(q.sample(samples))
        return Estimate(values.detach().mean(0), values.mean(0))


class AllDetached(Declared):
    """Forgets that f has parameters."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z).detach()
        return Estimate(values.mean(0), (values * q.log_prob(z)).mean(0))


@pytest.mark.parametrize(
    ("kind", "whose", "model"),
    [(NoScore, "q", "inference model"), (AllDetached, "f", "generative model")],
)
def test_a_surrogate_that_forgets_parameters_is_told_whose_they_are(kind, whose, model):
    said = outcome(kind)
    assert not said["contract"].passed
    assert f"surrogate does not depend on the parameters of {whose}" in said["contract"].detail
    assert model in said["contract"].detail
    assert not said["unbiased, S = 1"].passed
    assert not any("RuntimeError" in check.detail for check in said.values())


def test_a_tensor_in_the_place_of_an_estimate_is_named():
    assert outcome(ReturnsTensor)["runs"].detail.endswith("expected an Estimate, got Tensor")


class NeverLegal(Rloo):
    least_samples = 9


class EvaluationsOfAnInstance(Rloo):
    def evaluations(self, samples, bits):
        return samples


@pytest.mark.parametrize(
    ("kind", "detail"), [(NeverLegal, "no S up to 4"), (EvaluationsOfAnInstance, "TypeError")]
)
def test_without_a_number_of_samples_nothing_else_is_tried(kind, detail):
    (check,) = check_estimator(kind)
    assert check.passed is False
    assert detail in check.detail


def test_toys_that_do_not_fit_the_bound_are_replaced():
    single = [toy for toy in built_in_toys() if not toy.joint]
    assert all(check.passed is not False for check in check_estimator(ESTIMATORS["ovis"], single))


class DeclaredBiased(Declared):
    unbiased = False
    bias = "by half"

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = 0.5 * (values.detach() + 30) * q.log_prob(z)
        return Estimate(values.detach().mean(0), (values + score).mean(0))


class NotDeclared(DeclaredBiased):
    unbiased = True


def test_a_bias_is_a_fault_unless_it_is_declared():
    assert outcome(DeclaredBiased)["unbiased, S = 1"].passed is None
    assert "by half" in outcome(DeclaredBiased)["unbiased, S = 1"].detail
    assert outcome(NotDeclared)["unbiased, S = 1"].passed is False


@pytest.mark.parametrize("name", ["rloo", "arms", "bitflip"])
def test_noise_of_too_many_outcomes_to_weigh_is_drawn_as_it_is(name):
    found = measured(ESTIMATORS[name], built_in_toys()[0], 12)
    assert found.method == "sampling"
    assert found.unbiased
