"""The comparison of estimators on a model: plan, moments, references."""

import copy

import pytest
import torch

from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.likelihood.exact_gradient import exact_gradient
from lexbits.measures import estimator_comparison as comparison
from lexbits.measures.estimator_comparison import compare, gradient_variance, plan
from lexbits.objective import TrainingObjective
from tests.elsewhere import CUDA, Device, Elsewhere, move
from tests.exact import as_batch, tiny_model, tiny_settings

WORDS = ["ab", "bbab", "aba", "b"]


def measure(names, repeats=60, exact_limit=8, samples=4, **changes):
    model = tiny_model(**changes)
    settings = tiny_settings(**changes)
    kinds = {name: ESTIMATORS[name] for name in names}
    chosen = {name: samples if kinds[name].legal(samples) else 1 for name in names}
    found = compare(model, settings, as_batch(WORDS), kinds, chosen, repeats, exact_limit)
    return {row.estimator: row for row in found}


def test_what_a_budget_allows_is_planned_and_the_rest_told_why():
    chosen, left_out = plan(ESTIMATORS, tiny_settings(bits=20), 4)
    assert (chosen["rloo"], chosen["bitflip"], chosen["rebar"]) == (4, 2, 1)
    assert left_out == {
        "enumeration": "works up to 16 bits, found 20",
        "leg": "needs 21 evaluations, the budget is 4",
    }
    _, left_out = plan(ESTIMATORS, tiny_settings(bits=5, posterior="made"), 64)
    assert left_out["arms"] == "needs a factorised posterior"
    assert "rloo" not in left_out


def test_better_estimators_have_less_variance_and_point_more_to_the_true_gradient():
    rows = measure(["reinforce", "rloo", "leg", "enumeration"])
    order = [rows[name] for name in ("reinforce", "rloo", "leg", "enumeration")]
    variances = [row.variance for row in order]
    assert variances == sorted(variances, reverse=True)
    assert [row.cosine for row in order] == sorted(row.cosine for row in order)
    assert rows["enumeration"].variance < 1e-10
    assert rows["enumeration"].cosine == pytest.approx(1, abs=1e-4)
    assert rows["enumeration"].relative_bias < 1e-3
    assert {row.reference for row in order} == {"exact"}


def test_cost_and_noise_are_accounted_for():
    row = measure(["rloo"], repeats=400)["rloo"]
    assert row.variance_times_evaluations == pytest.approx(4 * row.variance)
    assert row.variance_times_seconds == pytest.approx(row.variance * row.milliseconds / 1e3)
    assert row.relative_bias < 3 * row.bias_noise


def test_a_biased_estimator_is_seen_to_be_biased():
    rows = measure(["straight-through", "rloo"], repeats=300)
    assert rows["straight-through"].relative_bias > 4 * rows["straight-through"].bias_noise
    assert rows["rloo"].relative_bias < 3 * rows["rloo"].bias_noise
    assert not rows["straight-through"].unbiased


def test_a_multi_sample_bound_has_a_reference_of_its_own():
    rows = measure(["rloo", "vimco", "ovis", "rws"], repeats=30)
    assert rows["rloo"].reference == "exact"
    assert rows["vimco"].reference == rows["ovis"].reference == "mean of 300 x vimco with 4 samples"
    assert "rws" in rows["rws"].reference


def test_many_bits_have_a_long_average_for_reference():
    row = measure(["rloo"], repeats=10, exact_limit=2)["rloo"]
    assert row.reference == "mean of 100 x rloo with 32 samples"


def test_estimators_that_learn_settle_first_and_scale_is_undone(monkeypatch):
    settled = measure(["reinforce-average", "nvil", "rloo"], repeats=200, samples=2)
    monkeypatch.setattr(comparison, "WARM_UP_STEPS", 0)
    fresh = measure(["reinforce-average", "nvil"], repeats=200, samples=2)
    for name in ("reinforce-average", "nvil"):
        assert settled[name].variance < 0.8 * fresh[name].variance
        assert settled[name].relative_bias < 3 * settled[name].bias_noise


@pytest.mark.parametrize("posterior", ["made", "gru"])
def test_dependent_bits_are_compared_too(posterior):
    rows = measure(["rloo", "reinforce"], repeats=100, posterior=posterior, prior="made")
    assert rows["rloo"].variance < rows["reinforce"].variance
    assert rows["rloo"].relative_bias < 3 * rows["rloo"].bias_noise


def test_the_model_stays_as_it_is():
    model, settings = tiny_model(dropout=0.5), tiny_settings(dropout=0.5)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    compare(model, settings, as_batch(WORDS), {"nvil": ESTIMATORS["nvil"]}, {"nvil": 1}, 3, 8)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_model_without_bits_has_nothing_to_compare():
    with pytest.raises(UsageError, match="no bits"):
        compare(tiny_model(bits=0), tiny_settings(bits=0), as_batch(WORDS), {}, {}, 2, 8)


def test_the_variance_on_the_way_is_measured_without_disturbing_the_training():
    model, settings = tiny_model(), tiny_settings(estimator="reinforce-average", samples=1)
    objective = TrainingObjective(model, settings).train()
    state = {name: value.clone() for name, value in objective.state_dict().items()}
    variance = gradient_variance(model, settings, as_batch(WORDS), objective, 50)
    assert variance > 0
    assert objective.training
    assert all(torch.equal(state[name], value) for name, value in objective.state_dict().items())


@pytest.mark.usefixtures("float64")
def test_the_exact_reference_is_the_gradient_that_enumeration_gives():
    model, settings = tiny_model(), tiny_settings(estimator="enumeration")
    objective = TrainingObjective(model, settings).eval()
    names = [name for name, _ in model.named_parameters() if name.startswith("encoder")]
    parameters = dict(model.named_parameters())
    found = torch.autograd.grad(
        objective(as_batch(WORDS), 1.0).loss, [parameters[name] for name in names]
    )
    exact = exact_gradient(model, as_batch(WORDS), "elbo")
    for name, gradient in zip(names, found, strict=True):
        torch.testing.assert_close(gradient, -exact[name], rtol=0, atol=1e-10)


def test_a_model_with_a_rate_target_is_compared_at_kl_weight_one():
    """Gradients of a multiplier at its start, zero, would be those of the distortion alone."""
    row = measure(["enumeration"], repeats=2, rate_target=1.0)["enumeration"]
    assert row.reference == "exact"
    assert row.relative_bias < 1e-3


def test_estimators_that_learn_have_the_type_of_the_model():
    model, settings = tiny_model(), tiny_settings()
    kinds = {name: ESTIMATORS[name] for name in ("nvil", "relax")}
    torch.set_default_dtype(torch.float64)
    try:
        found = compare(model, settings, as_batch(WORDS), kinds, dict.fromkeys(kinds, 2), 2, 8)
    finally:
        torch.set_default_dtype(torch.float32)
    assert [row.estimator for row in found] == [*kinds]


def test_the_variance_is_measured_where_the_model_is():
    model, settings = tiny_model(), tiny_settings(estimator="rloo", samples=2)
    objective = TrainingObjective(model, settings).eval()
    there = move(copy.deepcopy(objective), CUDA)
    torch.manual_seed(3)
    here = gradient_variance(model, settings, as_batch(WORDS), objective, 5)
    torch.manual_seed(3)
    words = Elsewhere(as_batch(WORDS), CUDA)
    with Device(CUDA):
        found = gradient_variance(there.model, settings, words, there, 5)
    assert found == pytest.approx(here, rel=1e-4)


def test_an_estimate_is_timed_until_a_gpu_has_done_it():
    objective = TrainingObjective(tiny_model(), tiny_settings(estimator="rloo", samples=2))
    moved, words = move(objective, CUDA), Elsewhere(as_batch(WORDS), CUDA)
    with Device(CUDA) as device:
        assert comparison._times({"rloo": moved}, words)["rloo"] > 0
    assert device.waited == 2 * comparison.TIMED_ROUNDS
