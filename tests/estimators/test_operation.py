"""Whatever q and f are like, and however many samples there are."""

import pytest
import torch

from lexbits.bits import Autoregressive, FactorisedBernoulli
from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.objective import TrainingObjective
from tests.estimators.toy import toy_for
from tests.exact import as_batch, tiny_model, tiny_settings


def legal_samples(kind):
    return next(s for s in range(1, 9) if kind.legal(s))


def make(name, dtype=torch.float64):
    return ESTIMATORS[name](3, 3).to(dtype)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_an_estimator_evaluates_f_as_often_as_it_declares(name):
    kind = ESTIMATORS[name]
    toy = toy_for(kind)
    for samples in filter(kind.legal, range(1, 7)):
        f = toy.function()
        make(name).estimate(FactorisedBernoulli(toy.logits().expand(5, -1)), f, samples)
        assert f.evaluations == kind.evaluations(samples, 3)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_budget_buys_as_many_samples_as_it_can(name):
    kind = ESTIMATORS[name]
    for budget in range(1, 20):
        samples = kind.samples_within(budget, 3)
        assert samples == 0 or kind.evaluations(samples, 3) <= budget
        if samples and name != "enumeration":
            more = samples + kind.sample_step
            assert kind.evaluations(more, 3) > budget


@pytest.mark.parametrize("name", ESTIMATORS)
def test_too_few_samples_are_refused(name):
    kind = ESTIMATORS[name]
    toy = toy_for(kind)
    for samples in (s for s in range(5) if not kind.legal(s)):
        with pytest.raises(UsageError, match=f"at least {kind.least_samples} samples"):
            make(name).estimate(FactorisedBernoulli(toy.logits()[None]), toy.function(), samples)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_smaller_last_batch_is_no_problem(name):
    kind = ESTIMATORS[name]
    estimator, toy = make(name), toy_for(kind)
    for batch in (5, 2, 1):
        q = FactorisedBernoulli(toy.logits().expand(batch, -1))
        estimate = estimator.estimate(q, toy.function(), legal_samples(kind))
        assert estimate.value.shape == estimate.surrogate.shape == (batch,)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_words_of_a_batch_do_not_mix(name):
    """The gradient of one word's estimate does not reach another word's logits."""
    kind = ESTIMATORS[name]
    toy = toy_for(kind)
    rows = toy.logits().detach().expand(3, -1).clone().requires_grad_()
    estimate = (
        make(name).eval().estimate(FactorisedBernoulli(rows), toy.function(), legal_samples(kind))
    )
    (found,) = torch.autograd.grad(estimate.surrogate[0], rows)
    assert found[1:].abs().max() == 0


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_saturated_bits_and_very_unlikely_words_give_finite_gradients(name, dtype):
    logits = torch.tensor([[50.0, -50.0, 0.0], [500.0, -500.0, 1.0]], dtype=dtype).requires_grad_()
    scale = torch.ones((), dtype=dtype, requires_grad=True)
    estimator = make(name, dtype)
    samples = legal_samples(ESTIMATORS[name])
    for _ in range(3):
        estimate = estimator.estimate(
            FactorisedBernoulli(logits), lambda z: scale * (z.sum(-1) - 500), samples
        )
        found = torch.autograd.grad(estimate.surrogate.sum(), [logits, scale])
        assert all(gradient.isfinite().all() for gradient in found)
        assert estimate.value.isfinite().all()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_bits_that_depend_on_one_another_are_served_or_refused(name):
    kind = ESTIMATORS[name]
    base = torch.zeros(4, 3, requires_grad=True)
    q = Autoregressive(
        lambda z, _: torch.cat([z.new_zeros((*z.shape[:-1], 1)), z[..., :-1]], -1),
        base,
        torch.zeros(4, 3),
    )
    estimator = make(name, torch.float32)
    if kind.needs_factorised_q:
        with pytest.raises(UsageError, match="factorised"):
            estimator.estimate(q, lambda z: z.sum(-1), legal_samples(kind))
        return
    estimate = estimator.estimate(q, lambda z: z.sum(-1), legal_samples(kind))
    assert torch.autograd.grad(estimate.surrogate.sum(), base)[0].isfinite().all()


@pytest.mark.parametrize("name", ESTIMATORS)
def test_nothing_is_learned_outside_training(name):
    estimator = make(name).eval()
    before = {key: value.clone() for key, value in estimator.state_dict().items()}
    kind, toy = ESTIMATORS[name], toy_for(ESTIMATORS[name])
    estimator.estimate(
        FactorisedBernoulli(toy.logits().expand(4, -1)), toy.function(), legal_samples(kind)
    )
    assert all(torch.equal(before[key], value) for key, value in estimator.state_dict().items())


@pytest.mark.parametrize("name", ESTIMATORS)
def test_without_bits_an_estimate_is_f_itself_or_refused(name):
    q = FactorisedBernoulli(torch.zeros(2, 0), features=torch.zeros(2, 3))
    kind, estimator = ESTIMATORS[name], ESTIMATORS[name](0, 3)
    if kind.least_bits:
        with pytest.raises(UsageError, match="at least 1 bits, found 0"):
            estimator.estimate(q, lambda z: z.sum(-1) - 5, legal_samples(kind))
        return
    value = estimator.estimate(q, lambda z: z.sum(-1) - 5, legal_samples(kind)).value
    torch.testing.assert_close(value, torch.full((2,), -5.0))


def test_many_bits_are_too_many_to_enumerate():
    q = FactorisedBernoulli(torch.zeros(1, 17))
    with pytest.raises(UsageError, match="up to 16 bits, found 17"):
        ESTIMATORS["enumeration"](17, 17).estimate(q, lambda z: z.sum(-1), 1)


def test_enumeration_in_pieces_is_enumeration_at_once(monkeypatch):
    from lexbits.estimators import enumeration

    toy = toy_for(ESTIMATORS["enumeration"])
    found = []
    for rows in (10**6, 10):
        monkeypatch.setattr(enumeration, "PAIRS_AT_ONCE", rows)
        phi = toy.logits()
        f = toy.function()
        estimate = make("enumeration").estimate(FactorisedBernoulli(phi.expand(5, -1)), f, 1)
        gradients = torch.autograd.grad(estimate.surrogate.sum(), [phi, *f.parameters()])
        found.append((estimate.value, gradients))
    torch.testing.assert_close(found[0], found[1])


def test_enumeration_in_pieces_has_one_dropout_mask_for_all_of_them(monkeypatch):
    from lexbits.estimators import enumeration

    words, found = as_batch(["ab", "bbab", "aba"]), []
    model = tiny_model(dropout=0.5, symbol_dropout=0.3, estimator="enumeration").train()
    for pairs in (10**6, 6):
        monkeypatch.setattr(enumeration, "PAIRS_AT_ONCE", pairs)
        objective = TrainingObjective(model, tiny_settings(estimator="enumeration"))
        torch.manual_seed(3)
        loss = objective(words, 1.0).loss
        after = torch.rand(1)
        gradients = torch.autograd.grad(loss, list(model.decoder.parameters()))
        found.append((loss.detach(), after, gradients))
    torch.testing.assert_close(found[0], found[1])
