"""Bias and variance of every estimator against exact answers; the noise is enumerated."""

import json
from pathlib import Path

import pytest
import torch

from lexbits.checking import measure, measured
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.reinforce import AverageReinforce
from tests.estimators.enumerate import all_estimates, total_variance
from tests.estimators.toy import MULTI, SINGLE, multi, single, toy_for

TOYS = Path(__file__).resolve().parents[3] / "shared" / "facts" / "toys.json"

ENUMERATED = {
    "enumeration": (1,),
    "reinforce": (1, 2, 3),
    "reinforce-average": (1, 2, 3),
    "nvil": (1, 2),
    "rloo": (2, 3, 4),
    "disarm": (2, 4),
    "arms": (2, 3, 4),
    "double-cv": (2, 3, 4),
    "leg": (1, 2),
    "bitflip": (1, 2),
    "ugc": (1, 2),
    "vimco": (2, 3, 4),
    "vimco-arithmetic": (2, 3, 4),
    "ovis": (2, 3, 4),
    "rws": (2, 4),
    "straight-through": (1, 2),
    "reinmax": (1, 2),
}
"""Estimators with discrete noise, and the numbers of samples to enumerate."""
SAMPLED = {"rebar": (1, 2), "relax": (1, 2), "gumbel-st": (1,)}
"""Estimators with continuous noise: a fixed number of draws and a z-score."""

ALL = [(name, s) for name, many in (ENUMERATED | SAMPLED).items() for s in many]

VARIANCE = [
    ("reinforce", 1, SINGLE["total_variance"]["reinforce_S1"]),
    ("reinforce", 3, SINGLE["total_variance"]["reinforce_S1"] / 3),
    ("rloo", 2, SINGLE["total_variance"]["rloo_S2"]),
    ("rloo", 4, SINGLE["total_variance"]["rloo_S4"]),
    ("disarm", 2, SINGLE["total_variance"]["disarm_1_pair"]),
    ("disarm", 4, SINGLE["total_variance"]["disarm_2_pairs"]),
    ("arms", 2, SINGLE["total_variance"]["arms_n2"]),
    ("arms", 4, SINGLE["total_variance"]["arms_n4"]),
    ("leg", 1, SINGLE["total_variance"]["leg"]),
    ("bitflip", 1, SINGLE["total_variance"]["bitflip1"]),
    ("straight-through", 1, SINGLE["total_variance"]["straight_through"]),
    ("reinmax", 1, SINGLE["total_variance"]["reinmax_tau1"]),
    ("enumeration", 1, 0.0),
    ("vimco", 2, MULTI["total_variance"]["vimco_geometric_S2"]),
    ("vimco", 3, MULTI["total_variance"]["vimco_geometric_S3"]),
    ("vimco", 4, MULTI["total_variance"]["vimco_geometric_S4"]),
    ("vimco-arithmetic", 3, MULTI["total_variance"]["vimco_arithmetic_S3"]),
    ("vimco-arithmetic", 4, MULTI["total_variance"]["vimco_arithmetic_S4"]),
]


def make(name, toy):
    return ESTIMATORS[name](toy.bits, toy.bits).double()


def test_every_estimator_has_a_case():
    assert ENUMERATED.keys() | SAMPLED.keys() == ESTIMATORS.keys()


@pytest.mark.skipif(not TOYS.is_file(), reason="the shared facts are not here")
def test_the_toys_are_those_of_the_shared_facts():
    shared = json.loads(TOYS.read_text())
    for name, here in (("single_sample_objective", SINGLE), ("multi_sample_objective", MULTI)):
        assert {key: shared[name][key] for key in here} == here


def test_the_exact_gradient_of_the_toy_is_the_known_one():
    toy, phi = single(), single().logits()
    objective = toy.objective(phi, toy.function(), "elbo", 1)
    (gradient,) = torch.autograd.grad(objective, phi)
    assert gradient.tolist() == pytest.approx(SINGLE["exact_gradient"], abs=1e-12)


@pytest.mark.parametrize(("samples", "bound"), MULTI["bound_by_S"].items())
def test_the_exact_bounds_of_the_toy_are_the_known_ones(samples, bound):
    toy = multi()
    found = toy.objective(toy.logits(), toy.function(), "iwae", int(samples))
    assert found.item() == pytest.approx(bound, abs=1e-6)
    log_px = torch.logsumexp(
        toy.function()(torch.cartesian_prod(*[torch.arange(2.0).double()] * 3)), 0
    )
    assert log_px.item() == pytest.approx(MULTI["log_px"], abs=1e-6)
    assert found < log_px


@pytest.mark.parametrize(("name", "samples"), ALL)
def test_an_estimator_is_unbiased_exactly_if_it_says_so(name, samples):
    kind = ESTIMATORS[name]
    found = measured(kind, toy_for(kind), samples)
    assert found.method == ("enumeration" if name in ENUMERATED else "sampling")
    assert found.unbiased == kind.unbiased
    assert found.evaluations == kind.evaluations(samples, 3)
    if name in ENUMERATED and kind.unbiased:
        worst = (found.max_abs_bias, found.max_abs_bias_of_f, found.abs_bias_of_value)
        assert max(worst) < 1e-10


@pytest.mark.parametrize("name", [n for n, kind in ESTIMATORS.items() if not kind.unbiased])
def test_a_biased_estimator_says_in_what_way(name):
    assert ESTIMATORS[name].bias


@pytest.mark.parametrize("phi", [[3.0, -4.0, 0.0], [-1.0, -0.2, 2.5], [12.0, -9.0, 1.0]])
@pytest.mark.parametrize("name", [n for n, kind in ESTIMATORS.items() if kind.unbiased])
def test_this_holds_for_other_posteriors_too(name, phi):
    kind = ESTIMATORS[name]
    samples = (ENUMERATED | SAMPLED)[name][-1]
    assert measured(kind, toy_for(kind, phi=phi), samples).unbiased


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("straight-through", SINGLE["max_abs_bias"]["straight_through"]),
        ("reinmax", SINGLE["max_abs_bias"]["reinmax_tau1"]),
    ],
)
def test_the_bias_is_the_known_one(name, known):
    assert measured(ESTIMATORS[name], single(), 1).max_abs_bias == pytest.approx(known, abs=6e-4)


def test_wake_sleep_has_the_known_bias_and_variance():
    found = measured(ESTIMATORS["rws"], multi(), 4)
    assert found.max_abs_bias == pytest.approx(0.30, abs=5e-3)
    assert found.total_variance == pytest.approx(0.34, abs=5e-3)


@pytest.mark.parametrize(("name", "samples", "known"), VARIANCE)
def test_the_variance_is_the_known_one(name, samples, known):
    kind = ESTIMATORS[name]
    found = measured(kind, toy_for(kind), samples).total_variance
    assert found == pytest.approx(known, abs=6e-5)


@pytest.mark.parametrize(
    ("samples", "alpha", "known"),
    [
        (2, -1.21, SINGLE["total_variance"]["double_cv_S2_oracle_alpha_-1.21"]),
        (4, -0.98, SINGLE["total_variance"]["double_cv_S4_oracle_alpha_-0.98"]),
    ],
)
def test_double_control_variates_with_the_best_weight_have_the_known_variance(
    samples, alpha, known
):
    estimator = make("double-cv", single())
    set_coefficient(estimator.regression, alpha)
    found = measure(estimator, single(), samples)
    assert found.unbiased
    assert found.total_variance == pytest.approx(known, abs=6e-5)


def set_coefficient(regression, alpha):
    for mean, value in ((regression.product, -alpha), (regression.square, 1.0)):
        mean.total.fill_(value)
        mean.weight.fill_(1.0)


@pytest.mark.parametrize("samples", [2, 4])
def test_the_weight_that_double_control_variates_learn_is_about_the_best(samples):
    learned = measured(ESTIMATORS["double-cv"], single(), samples).total_variance
    best = min(
        v for k, v in SINGLE["total_variance"].items() if k.startswith(f"double_cv_S{samples}")
    )
    assert learned == pytest.approx(best, rel=0.01)


@pytest.mark.parametrize(
    ("baseline", "known"),
    [
        ("mean", SINGLE["total_variance"]["reinforce_mean_baseline_oracle"]),
        ("best", SINGLE["total_variance"]["reinforce_optimal_constant_oracle"]),
    ],
)
def test_a_constant_baseline_has_the_known_variance(baseline, known):
    toy = single()
    weights, plain = all_estimates(make("reinforce", toy), toy, 1)
    _, shifted = all_estimates(make("reinforce", toy), toy, 1, shift=1.0)
    score = shifted - plain  # ∇ log q
    if baseline == "mean":
        constant = toy.objective(toy.logits(), toy.function(), "elbo", 1).item()
    else:
        constant = float(weights @ (plain * score).sum(1) / (weights @ (score**2).sum(1)))
    estimator = AverageReinforce(3, 3).double()
    estimator.average.total.fill_(constant)
    estimator.average.weight.fill_(1.0)
    assert total_variance(*all_estimates(estimator, toy, 1)) == pytest.approx(known, abs=6e-5)


def test_arm_which_disarm_improves_has_the_known_variance():
    """(f(b₁) − f(b₂))(u − ½): given the pair, u is uniform between known borders."""
    toy = single()
    f, pi = toy.function().requires_grad_(False), torch.sigmoid(toy.logits()).detach()
    low, high = torch.minimum(pi, 1 - pi), torch.maximum(pi, 1 - pi)
    # b₁ = 1[u > 1 − π] and b₂ = 1[u < π]: below `low`, between, above `high`.
    borders = torch.stack([torch.zeros(3), low, high, torch.ones(3)]).double()
    mean, square = torch.zeros(3).double(), torch.zeros(3).double()
    for region in torch.cartesian_prod(*[torch.arange(3)] * 3):
        start, end = (borders[region + i, torch.arange(3)] for i in (0, 1))
        middle, width = (start + end) / 2, end - start
        first, second = (middle > 1 - pi).double(), (middle < pi).double()
        difference = f(first) - f(second)
        weight = width.prod()
        mean = mean + weight * difference * (middle - 0.5)
        square = square + weight * difference**2 * ((middle - 0.5) ** 2 + width**2 / 12)
    assert mean.tolist() == pytest.approx(SINGLE["exact_gradient"], abs=1e-10)
    known = SINGLE["total_variance"]["arm_1_pair"]
    assert float((square - mean**2).sum()) == pytest.approx(known, abs=6e-5)
