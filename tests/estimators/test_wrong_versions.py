"""The usual mistakes, to show that the checks find them."""

import pytest
import torch

from lexbits.checking import assert_sound, measure
from lexbits.estimators import Estimate
from lexbits.estimators.arms import Arms, debias_factor
from lexbits.estimators.base import with_gradient
from lexbits.estimators.disarm import Disarm
from lexbits.estimators.double_cv import leave_one_out
from lexbits.estimators.flips import Bitflip
from lexbits.estimators.multisample import Weights
from lexbits.estimators.rloo import Rloo
from tests.estimators.enumerate import all_estimates, total_variance
from tests.estimators.toy import MULTI, SINGLE, Declared, multi, single, toy_for


class RlooDividedBySamples(Rloo):
    """Wrong: 1/S in place of 1/(S−1)."""

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = ((values - values.mean(0)).detach() * q.log_prob(z)).mean(0)
        return Estimate(values.detach().mean(0), values.mean(0) + score)


class ReinforceNotDetached(Declared):
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


class BaselineOfItself(Declared):
    """Wrong: the baseline holds the sample itself."""

    least_samples = 2

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        score = (values - values.mean(0)).detach() * q.log_prob(z)
        return Estimate(values.detach().mean(0), (values + score).mean(0))


class ArmsWithoutFactor(Arms):
    """Wrong: the correlation of the samples is not mended."""

    def _estimate(self, q, f, samples):
        z = q.sample_antithetic(samples)
        values = f(z)
        gradient = leave_one_out(values.detach(), z - q.mean.detach())
        return Estimate(values.detach().mean(0), values.mean(0) + with_gradient(q, gradient))


class DisarmWrongSign(Disarm):
    """Wrong: the sign of the pair is turned."""

    def _estimate(self, q, f, samples):
        z = q.sample_antithetic(2)
        values = f(z)
        first, second = values.detach()
        larger = torch.sigmoid(q.logits.detach().abs())
        gradient = 0.5 * (first - second)[..., None] * (z[1] - z[0]) * larger
        return Estimate(values.detach().mean(0), values.mean(0) + with_gradient(q, gradient))


class BitflipOnce(Bitflip):
    """Wrong: the random bit is not weighted by K."""

    def _estimate(self, q, f, samples):
        right = super()._estimate(q, f, samples)
        (gradient,) = torch.autograd.grad(right.surrogate.sum(), q.logits, retain_graph=True)
        surrogate = right.surrogate - with_gradient(q, gradient * (1 - 1 / q.bits))
        return Estimate(right.value, surrogate)


class VimcoWithoutPathwisePart(Declared):
    """Wrong: log q inside the weights is taken for a constant."""

    bound = "iwae"
    least_samples = 2

    def _estimate(self, q, f, samples):
        w = Weights.draw(q, f, samples)
        return w.estimate(w.bound - w.others)


class PlainIwae(Declared):
    """Right, with enormous variance: nothing subtracted from the bound."""

    bound = "iwae"

    def _estimate(self, q, f, samples):
        w = Weights.draw(q, f, samples)
        return w.estimate(w.bound - w.share)


WRONG = [
    (RlooDividedBySamples, 2),
    (RlooDividedBySamples, 4),
    (ReinforceNotDetached, 1),
    (RlooNotDetached, 2),
    (BaselineOfItself, 2),
    (ArmsWithoutFactor, 2),
    (ArmsWithoutFactor, 4),
    (DisarmWrongSign, 2),
    (BitflipOnce, 1),
    (VimcoWithoutPathwisePart, 3),
]


@pytest.mark.parametrize(("wrong", "samples"), WRONG)
def test_a_wrong_version_is_found_out(wrong, samples):
    assert not measure(wrong(3, 3).double(), toy_for(wrong), samples).unbiased


def test_the_helper_for_test_suites_says_what_fails():
    with pytest.raises(AssertionError, match=r"RlooDividedBySamples fails .* checks:\n.*unbiased"):
        assert_sound(RlooDividedBySamples)
    assert_sound(Rloo)


@pytest.mark.parametrize(
    ("wrong", "samples", "known"),
    [
        (RlooDividedBySamples, 2, "wrong_rloo_without_S_over_S_minus_1_S2"),
        (RlooDividedBySamples, 4, "wrong_rloo_without_S_over_S_minus_1_S4"),
        (ArmsWithoutFactor, 2, "wrong_arms_without_debias_n2"),
        (ArmsWithoutFactor, 4, "wrong_arms_without_debias_n4"),
    ],
)
def test_its_bias_is_the_known_one(wrong, samples, known):
    found = measure(wrong(3, 3).double(), single(), samples).max_abs_bias
    assert found == pytest.approx(SINGLE["max_abs_bias"][known], abs=6e-4)


@pytest.mark.parametrize("samples", [2, 4])
def test_the_bound_without_a_baseline_is_unbiased_with_the_known_variance(samples):
    found = measure(PlainIwae(3, 3).double(), multi(), samples)
    assert found.unbiased
    known = MULTI["total_variance"][f"iwae_plain_score_S{samples}"]
    assert found.total_variance == pytest.approx(known, abs=6e-5)


def test_the_factor_of_independent_samples_would_be_one_and_ours_mends_a_negative_correlation():
    for samples in (2, 3, 8):
        factor = debias_factor(torch.tensor([0.0, 2.0, -2.0, 60.0]), samples)
        assert (factor <= 1).all()
        assert factor[1] == factor[2]
        assert factor[3] == pytest.approx(1.0)
    assert debias_factor(torch.zeros(1), 2) == pytest.approx(0.5)


def test_total_variance_of_the_right_version_is_untouched_by_the_test_machinery():
    weights, gradients = all_estimates(Rloo(3, 3), single(), 2)
    known = SINGLE["total_variance"]["rloo_S2"]
    assert total_variance(weights, gradients) == pytest.approx(known, abs=6e-5)
