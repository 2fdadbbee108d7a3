"""Where estimators are exact, where two are one, and what a shift of f does."""

import math

import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators import ESTIMATORS
from tests.estimators.enumerate import all_estimates, total_variance
from tests.estimators.toy import multi, single, toy_for


def make(name, bits=3):
    return ESTIMATORS[name](bits, bits).double()


def one_bit(**changes):
    return single(phi=[0.7], W=[[1.3], [-0.8]], c=[0.2, 0.1], v=[2.0, 1.0], **changes)


def test_leg_has_no_variance_for_one_bit():
    assert total_variance(*all_estimates(make("leg", 1), one_bit(), 1)) < 1e-24
    assert total_variance(*all_estimates(make("rloo", 1), one_bit(), 2)) > 0.01


def test_enumeration_never_has_variance():
    for toy in (single(), one_bit()):
        weights, gradients = all_estimates(make("enumeration", toy.bits), toy, 1)
        assert len(weights) == 1
        objective = toy.objective(phi := toy.logits(), toy.function(), "elbo", 1)
        torch.testing.assert_close(gradients[0], torch.autograd.grad(objective, phi)[0])


class WithPosterior:
    """A toy whose f is log p(x) + log p(z|x) − log q(z), with p(z|x) the posterior q itself."""

    bits = 3

    def logits(self):
        return single().logits()

    def function(self, shift=0.0):
        frozen = FactorisedBernoulli(single().logits().detach())
        scale = torch.ones((), dtype=torch.float64, requires_grad=True)
        return lambda z: scale * (frozen.log_prob(z) - frozen.frozen_log_prob(z) - 20.0 + shift)


@pytest.mark.parametrize("name", ["rloo", "arms", "disarm", "leg", "bitflip", "double-cv"])
def test_differences_vanish_where_q_is_the_posterior(name):
    weights, gradients = all_estimates(make(name), WithPosterior(), 2)
    assert total_variance(weights, gradients) < 1e-24
    assert gradients.abs().max() < 1e-10
    assert total_variance(*all_estimates(make("reinforce"), WithPosterior(), 2)) > 1


def test_two_antithetic_samples_of_arms_are_disarm_outcome_by_outcome():
    weights, arms = all_estimates(make("arms"), single(), 2)
    others, disarm = all_estimates(make("disarm"), single(), 2)
    torch.testing.assert_close(weights, others)
    # An outcome that cannot happen has any gradient it likes.
    torch.testing.assert_close(weights[:, None] * arms, others[:, None] * disarm)


def test_with_two_samples_both_kinds_of_vimco_are_one():
    torch.testing.assert_close(
        all_estimates(make("vimco"), multi(), 2)[1],
        all_estimates(make("vimco-arithmetic"), multi(), 2)[1],
    )
    with pytest.raises(AssertionError):
        torch.testing.assert_close(
            all_estimates(make("vimco"), multi(), 3)[1],
            all_estimates(make("vimco-arithmetic"), multi(), 3)[1],
        )


INVARIANT = {
    "enumeration", "rloo", "disarm", "arms", "double-cv", "leg", "bitflip", "ugc", "vimco",
    "vimco-arithmetic", "ovis", "rws", "straight-through", "reinmax",
}  # fmt: skip
"""Estimators in whose estimate a constant in f cancels; of the others it raises the variance."""


@pytest.mark.parametrize("name", sorted(ESTIMATORS.keys() - {"rebar", "relax", "gumbel-st"}))
def test_a_shift_of_f_changes_only_estimators_without_a_baseline_of_the_same_word(name):
    kind = ESTIMATORS[name]
    samples = 2 if kind.legal(2) else 1
    toy = toy_for(kind)
    before = all_estimates(make(name), toy, samples)[1]
    after = all_estimates(make(name), toy, samples, shift=100.0)[1]
    assert torch.allclose(before, after, rtol=0, atol=1e-9) == (name in INVARIANT)


def signal_to_noise(name, samples, draws=1000):
    toy = multi()
    rows = toy.logits().detach().expand(draws, -1).clone().requires_grad_()
    estimate = make(name).estimate(FactorisedBernoulli(rows), toy.function(), samples)
    (found,) = torch.autograd.grad(estimate.surrogate.sum(), rows)
    return float((found.mean(0).abs() / found.std(0)).mean())


def test_more_samples_drown_the_signal_of_vimco_and_not_that_of_its_repaired_form():
    gain = {}
    for name in ("vimco-arithmetic", "ovis"):
        torch.manual_seed(0)
        gain[name] = signal_to_noise(name, 256) / signal_to_noise(name, 16)
    assert gain["ovis"] > 2
    assert gain["vimco-arithmetic"] < 0.5 * gain["ovis"]
    assert math.isfinite(gain["ovis"])
