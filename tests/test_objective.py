"""The loss against the exact ELBO; the noise of the samples is enumerated."""

import math

import pytest
import torch

from lexbits import objective as training_objective
from lexbits.bits import Autoregressive, FactorisedBernoulli
from lexbits.bits.noise import Noise
from lexbits.checking.outcomes import EnumeratedNoise
from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.objective import TrainingObjective, make_estimator
from tests.exact import (
    all_tuples,
    as_batch,
    exact_negative_elbo,
    exact_training_loss,
    gradients,
    joint_by_code,
    posterior_by_code,
    prescribe_samples,
    tiny_model,
    tiny_settings,
)

WORDS = ["ab", "bbab"]


def make_objective(**changes):
    model = tiny_model(**changes)
    return TrainingObjective(model, tiny_settings(**changes))


class Prescribed(Noise):
    """Gives out what it was made with, in turn, to every row alike."""

    def __init__(self, draws):
        self.draws = list(draws)

    def independent(self, logits, samples):
        return self.draws.pop(0).expand(samples, *logits.shape)

    def antithetic(self, logits, samples):
        return self.draws.pop(0).expand(samples, *logits.shape)

    def index(self, logits, samples):
        return self.draws.pop(0).expand(samples, *logits.shape[:-1])

    def uniform(self, logits, samples):
        raise AssertionError


def weighted_loss(objective, words, kl_weight, monkeypatch):
    """Return the sum over all outcomes of the noise of their probability times the loss."""
    posterior = objective.model.posterior

    def with_noise(noise):
        def noisy(words):
            q = posterior(words)
            return FactorisedBernoulli(q.logits, features=q.features, noise=noise)

        return noisy

    enumerated = EnumeratedNoise()
    monkeypatch.setattr(objective.model, "posterior", with_noise(enumerated))
    objective(words, kl_weight)
    probabilities = enumerated.rewind().exp()
    total = 0.0
    for n, probability in enumerate(probabilities):
        noise = Prescribed(draws[:, n : n + 1] for draws in enumerated.replay)
        monkeypatch.setattr(objective.model, "posterior", with_noise(noise))
        total = total + probability * objective(words, kl_weight).loss
    monkeypatch.setattr(objective.model, "posterior", posterior)
    return total


def assert_same_gradients(found, exact):
    """Compare all but an estimator's own parameters, which have a loss of their own."""
    assert any(value.abs().max() > 1e-3 for value in exact.values())
    for name, expected in exact.items():
        if not name.startswith("estimator."):
            torch.testing.assert_close(found[name], expected, rtol=0, atol=1e-10, msg=name)


def settled(objective):
    """Put averages of the estimator's own where they would be after a while."""
    estimator = objective.estimator.double().eval()
    for name, value in (("average", -5.0), ("regression.product", 1.0), ("regression.square", 1.0)):
        if name.split(".")[0] in dict(estimator.named_children()):
            mean = estimator.get_submodule(name)
            mean.total.fill_(value / 2)
            mean.weight.fill_(0.5)
    return objective


ENUMERABLE = [
    ("enumeration", 1), ("reinforce", 1), ("reinforce-average", 1), ("nvil", 1), ("rloo", 2),
    ("disarm", 2), ("arms", 3), ("double-cv", 2), ("leg", 1), ("bitflip", 1), ("ugc", 1),
]  # fmt: skip


def test_all_unbiased_estimators_of_the_elbo_with_discrete_noise_are_tried():
    expected = {n for n, kind in ESTIMATORS.items() if kind.unbiased and kind.bound == "elbo"}
    assert {name for name, _ in ENUMERABLE} == expected - {"rebar", "relax"}


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("kl", "kl_weight"), [("analytic", 1.0), ("sampled", 0.3)])
@pytest.mark.parametrize(("estimator", "samples"), ENUMERABLE)
def test_the_expected_gradient_is_that_of_the_exact_negative_elbo(
    monkeypatch, estimator, samples, kl, kl_weight
):
    if ESTIMATORS[estimator].scales_gradient:
        kl = "sampled"
    choices = {"estimator": estimator, "samples": samples, "alpha": [0.3], "kl": kl}
    objective = settled(make_objective(bits=2 if samples > 2 else 3, **choices))
    words = as_batch(["bbab"])
    exact = gradients(exact_negative_elbo(objective.model, words, kl_weight).sum(), objective)
    found = gradients(weighted_loss(objective, words, kl_weight, monkeypatch), objective)
    assert_same_gradients(found, exact)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("prior", ["learned", "made", "boltzmann"])
@pytest.mark.parametrize("kl", ["auto", "sampled"])
@pytest.mark.parametrize("kl_weight", [1.0, 0.3, 0.0])
def test_a_prior_learns_from_the_exact_gradient_whatever_the_weight_of_the_kl(
    monkeypatch, prior, kl, kl_weight
):
    objective = make_objective(prior=prior, kl=kl)
    words = as_batch(["bbab"])
    # The reported rate has noise of its own and no part in the loss without free nats.
    no_rate = lambda q, _: torch.zeros(len(q.parameters))  # noqa: E731
    monkeypatch.setattr(training_objective, "rate", no_rate)
    exact = gradients(exact_training_loss(objective.model, words, kl_weight).sum(), objective)
    assert any("prior" in name or "couplings" in name for name, g in exact.items() if g.any())
    loss = weighted_loss(objective, words, kl_weight, monkeypatch)
    assert_same_gradients(gradients(loss, objective), exact)


def loss_over_tuples(objective, words, monkeypatch, kl_weight=1.0):
    """As `weighted_loss`, for a posterior whose bits depend on one another."""
    total = 0.0
    tuples = all_tuples(3, objective.samples)
    for n in range(tuples.shape[1]):
        z = tuples[:, n : n + 1]

        def draw(_, samples, z=z):
            return z if samples == len(z) else z[:1].expand(samples, -1, -1)

        monkeypatch.setattr(Autoregressive, "sample", draw)
        probability = objective.model.posterior(words).log_prob(z).sum().exp().detach()
        total = total + probability * objective(words, kl_weight).loss
    return total


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("prior", ["fixed", "made"])
@pytest.mark.parametrize("posterior", ["made", "gru"])
def test_a_posterior_of_dependent_bits_has_the_exact_gradient(monkeypatch, posterior, prior):
    objective = make_objective(posterior=posterior, prior=prior)
    with torch.no_grad():  # the networks over bits start silent
        for parameter in objective.model.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    words = as_batch(["bab"])
    exact = gradients(exact_training_loss(objective.model, words, 0.7).sum(), objective)
    assert exact["model.conditioner.outputs" + (".weight" if posterior == "made" else "")].any()
    found = gradients(loss_over_tuples(objective, words, monkeypatch, 0.7), objective)
    assert_same_gradients(found, exact)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("estimator", ["vimco", "vimco-arithmetic", "ovis"])
def test_a_multi_sample_bound_has_its_own_exact_gradient(monkeypatch, estimator):
    objective = make_objective(estimator=estimator, alpha=[0.3])
    words = as_batch(["bbab"])
    model = objective.model
    numbers = (all_tuples(3, 2) @ torch.tensor([4.0, 2.0, 1.0])).long()
    log_joint, log_q = (
        table[:, 0] for table in (joint_by_code(model, words)[1], posterior_by_code(model, words))
    )
    bound = torch.logsumexp((log_joint - log_q)[numbers], 0) - math.log(2)
    exact = gradients(-(log_q[numbers].sum(0).exp() * bound).sum(), objective)
    found = gradients(weighted_loss(objective, words, 1.0, monkeypatch), objective)
    assert_same_gradients(found, exact)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "changes",
    [{"kl": "sampled"}, {"estimator": "vimco"}, {"posterior": "made", "prior": "made"}],
)
def test_elbo_rate_and_distortion_are_the_exact_ones_on_average(changes):
    objective = make_objective(**({"samples": 64} | changes))
    words = as_batch(["bbab"]).expand(500, -1)
    with torch.no_grad():
        elbo, rate, distortion = (t.item() for t in objective(words, 1.0)[1:])
        exact = -exact_negative_elbo(objective.model, words[:1]).item()
        log_q = posterior_by_code(objective.model, words[:1])
        log_likelihood, log_joint = joint_by_code(objective.model, words[:1])
        exact_rate = (log_q.exp() * (log_q - (log_joint - log_likelihood))).sum().item()
    assert elbo == pytest.approx(exact, abs=0.05)
    assert rate == pytest.approx(exact_rate, abs=0.05)
    assert elbo == pytest.approx(-rate - distortion)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("kl", ["analytic", "sampled"])
def test_free_nats_of_a_word_leave_its_kl_without_gradient_exact_or_sampled(kl):
    words = as_batch(WORDS)
    rates = kl_per_bit(make_objective(), words).sum(-1).detach()
    objectives = [
        make_objective(kl=kl, estimator="enumeration", free_nats=free_nats)
        for free_nats in (0.0, rates.min().item() * 0.99, rates.max().item() * 1.01)
    ]
    none, little, much = (gradients(o(words, 1.0).loss, o) for o in objectives)
    unweighted = objectives[0]
    torch.testing.assert_close(little, none)
    torch.testing.assert_close(much, gradients(unweighted(words, 0.0).loss, unweighted))


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_can_be_made_by_the_objective(name):
    settings = tiny_settings(estimator=name)
    assert type(make_estimator(settings, 8)[0]) is ESTIMATORS[name]


def test_auto_is_resolved_by_bits_and_samples():
    assert type(make_estimator(tiny_settings(estimator="auto"), 8)[0]) is ESTIMATORS["enumeration"]
    found, samples = make_estimator(tiny_settings(estimator="auto", bits=12, samples=4), 8)
    assert (type(found), samples) == (ESTIMATORS["double-cv"], 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"estimator": "vimco", "free_nats": 1.0}, "vimco optimises a bound of its own"),
        ({"estimator": "ovis", "kl_weight": 0.5}, "ovis optimises a bound of its own"),
        ({"estimator": "rws", "kl_annealing_epochs": 2.0}, "rws optimises a bound of its own"),
        ({"estimator": "vimco", "kl": "analytic"}, "no --kl analytic"),
        ({"estimator": "nvil", "kl": "analytic"}, "nvil scales its gradient"),
        ({"estimator": "nvil", "free_nats": 1.0, "free_nats_per": "bit"}, "per word only"),
        ({"estimator": "leg", "posterior": "made"}, "needs a factorised posterior"),
    ],
)
def test_an_estimator_that_does_not_fit_the_other_settings_is_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        make_estimator(tiny_settings(**changes), 8)


@pytest.mark.usefixtures("float64")
def test_the_kl_has_weight_and_sign_of_a_cost():
    objective = make_objective(estimator="enumeration")
    words = as_batch(WORDS)
    free, full = (gradients(objective(words, w).loss, objective) for w in (0.0, 1.0))
    kl = gradients(kl_per_bit(objective, words).sum(-1).mean(), objective)
    assert kl["model.encoder.logits.weight"].any()
    for name, gradient in kl.items():
        torch.testing.assert_close(full[name] - free[name], gradient)


def kl_per_bit(objective, words):
    return objective.model.posterior(words).kl_per_bit(objective.model.prior())


def kl_gradient(words, **changes):
    """Return the gradient of the KL alone, free nats applied, and the KL without, [B, K]."""
    objective = make_objective(estimator="enumeration", **changes)
    with_kl, without = (gradients(objective(words, w).loss, objective) for w in (1.0, 0.0))
    return {name: with_kl[name] - without[name] for name in with_kl}, objective


@pytest.mark.usefixtures("float64")
def test_below_the_free_nats_of_a_word_its_kl_costs_nothing_and_above_all_of_it():
    words = as_batch(WORDS)
    rates = kl_per_bit(make_objective(), words).sum(-1)
    low, high = rates.min().item(), rates.max().item()
    assert high - low > 0.01
    found, objective = kl_gradient(words, free_nats=(low + high) / 2)
    only = kl_per_bit(objective, words).sum(-1)[rates.argmax()] / len(words)
    torch.testing.assert_close(found, gradients(only, objective))


@pytest.mark.usefixtures("float64")
def test_below_the_free_nats_of_a_bit_its_mean_kl_costs_nothing_and_above_all_of_it():
    words = as_batch(WORDS)
    rates = kl_per_bit(make_objective(), words).mean(0)
    threshold = (rates.min() + rates.max()).item() / 2
    costly = rates > threshold
    assert 0 < costly.sum() < 3
    found, objective = kl_gradient(words, free_nats=threshold, free_nats_per="bit")
    only = kl_per_bit(objective, words).mean(0)[costly].sum()
    torch.testing.assert_close(found, gradients(only, objective))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("prior", ["learned", "made"])
def test_free_nats_do_not_keep_a_prior_from_learning(prior):
    words = as_batch(WORDS)
    silent = make_objective(prior=prior, free_nats=1000.0)
    found = gradients(silent(words, 1.0).loss, silent)
    assert any(g.any() for name, g in found.items() if "prior" in name)


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
    original = FactorisedBernoulli.sample
    monkeypatch.setattr(
        FactorisedBernoulli,
        "sample",
        lambda q, samples: asked.append(samples) or original(q, samples),
    )
    make_objective(samples=5)(as_batch(WORDS), 1.0)
    make_objective(samples=5, bits=0)(as_batch(WORDS), 1.0)
    assert asked == [5, 1]
