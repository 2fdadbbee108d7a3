"""The loss against the exact ELBO; the noise of the samples is enumerated."""

import pytest
import torch

from lexbits.bits import Bernoullis
from lexbits.estimators import ESTIMATORS
from lexbits.objectives import NegativeElbo, make_estimator
from tests.exact import (
    all_tuples,
    as_batch,
    exact_negative_elbo,
    gradients,
    prescribe_samples,
    tiny_model,
    tiny_settings,
)

WORDS = ["ab", "bbab"]


def make_objective(**changes):
    model = tiny_model(**changes)
    return NegativeElbo(model, tiny_settings(**changes))


def weighted_loss(objective, words, kl_weight, monkeypatch):
    """Return the sum over all tuples of S codes of their probability times the loss."""
    total = 0.0
    tuples = all_tuples(objective.model.bits, objective.samples)
    for n in range(tuples.shape[1]):
        z = tuples[:, n : n + 1]
        prescribe_samples(monkeypatch, lambda _, z=z: z)
        q = objective.model.posterior(words)
        probability = q.log_prob(z.expand(-1, len(words), -1)).sum().exp().detach()
        total = total + probability * objective(words, kl_weight).loss
    return total


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("kl_weight", [0.3, 1.0])
@pytest.mark.parametrize(
    ("estimator", "samples"), [("rloo", 2), ("reinforce", 1), ("reinforce-average", 1)]
)
def test_the_expected_gradient_is_that_of_the_exact_negative_elbo(
    monkeypatch, estimator, samples, kl_weight
):
    objective = make_objective(estimator=estimator, samples=samples, alpha=[0.3])
    if estimator == "reinforce-average":
        objective.estimator.double().eval()
        objective.estimator.total.fill_(-2.5)
        objective.estimator.weight.fill_(0.5)
    for word in WORDS:
        words = as_batch([word])
        exact = gradients(exact_negative_elbo(objective.model, words, kl_weight).sum(), objective)
        with monkeypatch.context() as patch:
            found = gradients(weighted_loss(objective, words, kl_weight, patch), objective)
        assert any(value.abs().max() > 1e-3 for value in exact.values())
        for name, expected in exact.items():
            torch.testing.assert_close(found[name], expected, rtol=0, atol=1e-10, msg=name)


def test_every_estimator_can_be_made_by_the_objective():
    for name, estimator in ESTIMATORS.items():
        assert type(make_estimator(tiny_settings(estimator=name))) is estimator


@pytest.mark.usefixtures("float64")
def test_the_kl_has_weight_and_sign_of_a_cost():
    objective = make_objective()
    words = as_batch(WORDS)
    losses = []
    for kl_weight in (0.0, 1.0):
        torch.manual_seed(1)
        losses.append(objective(words, kl_weight).loss.item())
    rate = objective.model.posterior(words).kl(objective.model.prior()).mean().item()
    assert losses[1] - losses[0] == pytest.approx(rate)
    assert rate > 0.5


def encoder_gradient(objective, words):
    """Return the largest gradient that the KL alone sends to the encoder."""
    grads = gradients(objective._free(kl_per_bit(objective, words)), objective)
    return max(float(g.abs().max()) for name, g in grads.items() if "encoder" in name)


def kl_per_bit(objective, words):
    return objective.model.posterior(words).kl_per_bit(objective.model.prior())


@pytest.mark.usefixtures("float64")
def test_below_the_free_nats_of_a_word_its_kl_costs_nothing_and_above_all_of_it():
    words = as_batch(WORDS)
    plain = make_objective()
    rates = kl_per_bit(plain, words).sum(-1)
    low, high = rates.min().item(), rates.max().item()
    assert high - low > 0.01
    assert encoder_gradient(make_objective(free_nats=high * 1.01), words) == 0
    assert encoder_gradient(make_objective(free_nats=low * 0.99), words) == encoder_gradient(
        plain, words
    )
    between = make_objective(free_nats=(low + high) / 2)
    only = rates.argmax()
    expected = gradients(kl_per_bit(plain, words).sum(-1)[only] / len(words), plain)
    found = gradients(between._free(kl_per_bit(between, words)), between)
    torch.testing.assert_close(found, expected)


@pytest.mark.usefixtures("float64")
def test_below_the_free_nats_of_a_bit_its_mean_kl_costs_nothing_and_above_all_of_it():
    words = as_batch(WORDS)
    plain = make_objective()
    rates = kl_per_bit(plain, words).mean(0)
    low, high = rates.min().item(), rates.max().item()
    bit = {"free_nats_per": "bit"}
    assert encoder_gradient(make_objective(free_nats=high * 1.01, **bit), words) == 0
    assert encoder_gradient(make_objective(free_nats=low * 0.99, **bit), words) == pytest.approx(
        encoder_gradient(plain, words)
    )
    threshold = (low + high) / 2
    between = make_objective(free_nats=threshold, **bit)
    costly = rates > threshold
    assert 0 < costly.sum() < 3
    expected = gradients(kl_per_bit(plain, words).mean(0)[costly].sum(), plain)
    found = gradients(between._free(kl_per_bit(between, words)), between)
    torch.testing.assert_close(found, expected)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("per", ["word", "bit"])
def test_the_reported_terms_are_never_clamped_and_at_weight_one(per):
    words = as_batch(WORDS)
    found = []
    for free_nats, kl_weight in ((0.0, 1.0), (50.0, 0.2)):
        objective = make_objective(free_nats=free_nats, free_nats_per=per)
        torch.manual_seed(1)
        found.append(objective(words, kl_weight)[1:])
    assert found[0] == found[1]
    elbo, rate, distortion = found[0]
    assert elbo.item() == pytest.approx(-distortion.item() - rate.item())
    assert rate.item() == pytest.approx(kl_per_bit(objective, words).sum(-1).mean().item())
    assert not any(term.requires_grad for term in found[0])


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("per", ["word", "bit"])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_with_zero_bits_the_loss_is_the_exact_negative_log_likelihood(estimator, per):
    objective = make_objective(
        bits=0, estimator=estimator, samples=4, free_nats=5.0, free_nats_per=per
    )
    words = as_batch(WORDS)
    terms = objective(words, 0.5)
    exact = -objective.model.decoder.log_prob(words, torch.zeros(1, 2, 0)).mean()
    assert terms.loss.item() == pytest.approx(exact.item())
    assert terms.elbo.item() == pytest.approx(-exact.item())
    assert terms.rate == 0
    torch.testing.assert_close(gradients(terms.loss, objective), gradients(exact, objective))
    assert not any("encoder" in name for name, _ in objective.named_parameters())


def test_symbol_dropout_changes_inputs_and_never_targets():
    words = as_batch(WORDS)
    z = torch.ones(1, 2, 3)
    decoder = tiny_model(symbol_dropout=0.999).decoder
    intact = decoder.log_prob(words, z)
    with_unknown_inputs = decoder.train().log_prob(words, z)
    assert with_unknown_inputs.isfinite().all()
    assert not torch.allclose(intact, with_unknown_inputs)

    symbols, state = decoder.start(z[0])
    expected = torch.zeros(2)
    for t in range(words.shape[1]):
        logits, state = decoder.step(symbols, state)
        counted = words[:, t] != decoder.pad
        targets = words[:, t].clamp(max=3)[:, None]
        expected += torch.where(counted, logits.log_softmax(-1).gather(1, targets)[:, 0], 0.0)
        symbols = torch.ones(2, dtype=torch.long)  # the unknown symbol
    torch.testing.assert_close(with_unknown_inputs[0], expected)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_samples_of_a_word_share_their_dropout_noise(cell, layers):
    decoder = tiny_model(
        cell=cell, layers=layers, dropout=0.5, embedding_dropout=0.3, symbol_dropout=0.3
    ).decoder.train()
    words = as_batch(["abba"] * 3)
    z = torch.ones(4, 3, 3)
    values = decoder.log_prob(words, z)
    torch.testing.assert_close(values, values[:1].expand(4, -1))
    assert values[0].unique().numel() == 3  # while each word has its own
    assert not torch.allclose(values, decoder.log_prob(words, z))  # and each batch
    assert torch.equal(decoder.eval().log_prob(words, z), decoder.log_prob(words, z))


@pytest.mark.usefixtures("float64")
def test_the_loss_is_a_mean_over_words(monkeypatch):
    objective = make_objective()
    prescribe_samples(monkeypatch, lambda samples: torch.eye(3)[:samples, None])
    together = objective(as_batch(WORDS), 1.0)
    alone = [objective(as_batch([word]), 1.0) for word in WORDS]
    for term, *terms in zip(together, *alone, strict=True):
        assert term.item() == pytest.approx(sum(t.item() for t in terms) / 2)


def test_the_objective_samples_as_often_as_it_is_told(monkeypatch):
    asked = []
    original = Bernoullis.sample
    monkeypatch.setattr(
        Bernoullis, "sample", lambda q, samples: asked.append(samples) or original(q, samples)
    )
    make_objective(samples=5)(as_batch(WORDS), 1.0)
    make_objective(samples=5, bits=0)(as_batch(WORDS), 1.0)
    assert asked == [5, 1]
