import dataclasses
from types import SimpleNamespace

import pytest
import torch

from lexbits.config import Settings, resolve
from lexbits.errors import DivergenceError, UsageError
from lexbits.training import devices, loop
from lexbits.training.devices import make_fabric, make_optimizer
from lexbits.training.loop import dev_score, train
from tests.training.trainings import DEV, TRAIN, Hooks, start


def run(hooks=None, **changes):
    session, hooks = start(**changes), hooks or Hooks()
    assert train(session, hooks)
    return session, hooks


def test_training_makes_words_more_probable():
    _, hooks = run(epochs=8, symbol_dropout=0.0, patience=0)
    nll = [record["dev_nll"] for record in hooks.records]
    assert nll[-1] < nll[0] - 0.1
    assert hooks.records[-1]["train_elbo"] > hooks.records[0]["train_elbo"] + 0.5


def test_a_record_holds_the_figures_of_its_epoch():
    session, hooks = run()
    assert [record["epoch"] for record in hooks.records] == [1, 2, 3]
    assert [record["step"] for record in hooks.records] == [5, 10, 15]
    for record in hooks.records:
        assert record["train_elbo"] == pytest.approx(
            -record["train_distortion"] - record["train_rate"]
        )
        assert record["dev_words"] == len(DEV)
        assert 0 < record["learning_rate"] <= 0.02
        assert len(record["samples"]) == loop.SAMPLES_SHOWN
        for sample in record["samples"]:
            assert sample["status"] == ("train" if sample["word"] in TRAIN else "new")
    assert session.progress.best_score == min(record["dev_nll"] for record in hooks.records)


def test_the_means_of_an_epoch_weigh_words_and_not_batches(monkeypatch):
    seen = []
    session = start(epochs=1, batch_size=7)  # 40 words: the last batch is smaller
    forward = session.objective.forward

    def keeping(words, kl_weight, targets):
        terms = forward(words, kl_weight, targets)
        seen.append((len(words), float(terms.elbo)))
        return terms

    monkeypatch.setattr(session.objective, "forward", keeping)
    hooks = Hooks()
    train(session, hooks)
    assert sorted(n for n, _ in seen) == [5, 7, 7, 7, 7, 7]
    mean = sum(n * elbo for n, elbo in seen) / len(TRAIN)
    assert hooks.records[0]["train_elbo"] == pytest.approx(mean)


def poison(session):
    session.model.decoder.logits.bias.data[0] = torch.nan


def weights(session):
    return {name: t.clone() for name, t in session.objective.state_dict().items()}


def test_a_loss_that_is_no_number_stops_before_the_step_and_names_it():
    kept = {}

    def spoil(session):
        poison(session)
        kept.update(weights(session))

    session = start()
    with pytest.raises(DivergenceError, match=r"^step 4: the loss is nan; .*learning_rate"):
        train(session, Hooks(at_step={3: spoil}))
    assert session.progress.step == 3
    for name, tensor in weights(session).items():
        assert torch.equal(tensor.nan_to_num(), kept[name].nan_to_num()), name


def test_a_gradient_that_is_no_number_stops_before_the_step_and_names_it():
    kept = {}

    def spoil(session):
        kept.update(weights(session))
        session.model.decoder.logits.bias.register_hook(lambda gradient: gradient * torch.inf)

    session = start()
    with pytest.raises(DivergenceError, match=r"^step 3: the gradient is (inf|nan)"):
        train(session, Hooks(at_step={2: spoil}))
    assert session.progress.step == 2
    for name, tensor in weights(session).items():
        assert torch.equal(tensor, kept[name]), name


def test_a_dev_nll_that_is_no_number_stops_the_training(monkeypatch):
    prescribe_nll(monkeypatch, [4.0, torch.nan])
    hooks = Hooks()
    with pytest.raises(DivergenceError, match=r"^step 10: the dev NLL is nan"):
        train(start(), hooks)
    assert len(hooks.records) == 1


def test_an_epoch_far_worse_than_an_untrained_model_is_not_the_best_but_a_divergence():
    def explode(session):
        session.model.decoder.logits.weight.data.mul_(1e6)

    hooks = Hooks(at_step={5: explode})
    with pytest.raises(DivergenceError, match=r"^epoch 1: a dev word costs .* an untrained model"):
        train(start(learning_rate=1e-6), hooks)
    assert hooks.records == []


@pytest.mark.parametrize("changes", [{"bits": 200}, {"alpha": [0.001], "free_nats": 0.0}])
def test_a_slow_start_is_no_divergence(changes):
    _, hooks = run(epochs=1, learning_rate=1e-9, **changes)
    assert len(hooks.records) == 1


def prescribe_nll(monkeypatch, values):
    evaluate = loop.evaluate_dev

    def prescribed(session):
        metrics = evaluate(session)
        return dataclasses.replace(metrics, nll=values[session.progress.epoch])

    monkeypatch.setattr(loop, "evaluate_dev", prescribed)


NLL = [5.0, 4.0, 4.5, 4.4, 4.1, 3.0, 3.5, 3.0, 9.0]


@pytest.mark.parametrize(
    ("patience", "epochs", "best"), [(1, 3, 2), (2, 4, 2), (3, 5, 2), (4, 9, 6), (0, 9, 6)]
)
def test_patience_counts_epochs_without_a_better_dev_nll(monkeypatch, patience, epochs, best):
    prescribe_nll(monkeypatch, NLL)
    session, hooks = run(epochs=9, patience=patience)
    progress = session.progress
    assert (progress.epoch, progress.best_epoch) == (epochs, best)
    assert progress.best_score == min(NLL[:epochs])
    assert progress.finished
    assert hooks.best == [True, True, False, False, False, True, False, False, False][:epochs]


def test_an_epoch_as_good_as_the_best_is_not_better(monkeypatch):
    prescribe_nll(monkeypatch, [3.0, 3.0, 3.0])
    session, hooks = run()
    assert hooks.best == [True, False, False]
    assert session.progress.best_epoch == 1


def test_the_learning_rate_and_the_kl_weight_follow_their_schedules(monkeypatch):
    rates, kl_weights = [], []
    session = start(epochs=2, schedule="cosine", kl_annealing_epochs=1.0, kl_weight=0.5)
    forward = session.objective.forward
    monkeypatch.setattr(
        session.objective, "forward", lambda words, w, _: kl_weights.append(w) or forward(words, w)
    )
    steps = {i: lambda s: rates.append(s.optimizer.param_groups[0]["lr"]) for i in range(1, 11)}
    train(session, Hooks(at_step=steps))
    assert kl_weights == pytest.approx([0, 0.1, 0.2, 0.3, 0.4] + [0.5] * 5)
    assert rates[0] == 0.02
    assert rates == sorted(rates, reverse=True)


def test_networks_train_with_noise_and_are_evaluated_without(monkeypatch):
    modes = {"forward": set(), "evaluate": set()}
    session = start(epochs=2)
    forward, evaluate = session.objective.forward, loop.evaluate

    def looked_at(words, w, _):
        modes["forward"].add(session.model.decoder.training)
        return forward(words, w)

    def evaluated(model, *arguments):
        modes["evaluate"].add(model.decoder.training)
        return evaluate(model, *arguments)

    monkeypatch.setattr(session.objective, "forward", looked_at)
    monkeypatch.setattr(loop, "evaluate", evaluated)
    train(session, Hooks())
    assert modes == {"forward": {True}, "evaluate": {False}}


def test_many_dev_words_are_thinned_by_the_seed():
    first, again, other = (start(dev_words=3, seed=seed).dev for seed in (0, 0, 1))
    assert len(first) == 3
    assert first.symbols.tolist() == again.symbols.tolist()
    assert len(start(dev_words=5).dev) == len(DEV)
    assert len(other) == 3


def test_weights_depend_on_the_seed_and_not_on_the_past():
    torch.manual_seed(1)
    first = weights(start())
    torch.manual_seed(2)
    again, other = weights(start()), weights(start(seed=1))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_weight_decay_reaches_the_optimiser():
    module = torch.nn.Linear(2, 2)
    module.bias.requires_grad_(False)
    optimizer = make_optimizer(module, 0.25)
    assert optimizer.param_groups[0]["weight_decay"] == 0.25
    assert optimizer.param_groups[0]["params"] == [module.weight]


@pytest.mark.parametrize("device", ["tpu", "cuda:0", "", "CPU"])
def test_a_device_that_is_not_there_is_refused_with_those_that_are(device):
    with pytest.raises(UsageError, match=f"device '{device}' is not available here; .*cpu, auto"):
        make_fabric(Settings(device=device, precision="fp32"))


def test_bf16_is_refused_on_gpus_without_it(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    with pytest.raises(UsageError, match=r"precision bf16: this GPU .* \(--precision fp32\)"):
        devices.refuse_missing("auto", "bf16")
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: True)
    devices.refuse_missing("auto", "bf16")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(UsageError, match=r"precision bf16: .* Apple's GPUs"):
        devices.refuse_missing("auto", "bf16")
    devices.refuse_missing("auto", "fp32")


def test_a_gpu_works_on_the_gradient_before_it_is_asked_for_the_loss(monkeypatch):
    order = []
    session = start()
    backward, refuse = session.fabric.backward, loop._refuse_not_finite

    def noting(name, *args):
        order.append(name)
        refuse(name, *args)

    monkeypatch.setattr(loop, "_refuse_not_finite", noting)
    monkeypatch.setattr(
        session.fabric, "backward", lambda loss: (order.append("backward"), backward(loss))
    )
    train(session, Hooks(stop_after=1))
    assert order == ["backward", "loss", "gradient"]


def test_a_training_computes_in_float32_unless_tf32_is_asked_for(monkeypatch):
    found = []
    session = start()
    forward = session.objective.forward

    def noting(*args):
        found.append(torch.backends.cudnn.allow_tf32)
        return forward(*args)

    monkeypatch.setattr(session.objective, "forward", noting)
    train(session, Hooks(stop_after=1))
    assert found == [False]
    assert torch.backends.cudnn.allow_tf32


def test_a_training_leaves_the_generators_of_torch_as_they_were():
    state = torch.get_rng_state()
    train(start(), Hooks(stop_after=2))
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_bf16_is_refused_on_a_processor_without_it(device, monkeypatch):
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UsageError, match=r"precision bf16: .* \(--precision fp32\)"):
        make_fabric(Settings(device=device, precision="bf16"))
    make_fabric(Settings(device=device, precision="fp32"))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "dev_nll"),
        ({"kl_weight": 0.5}, "dev_nll"),
        ({"kl_weight": 0.0, "bits": 0}, "dev_nll"),
        ({"kl_weight": 0.0}, "dev_distortion"),
    ],
)
def test_the_best_epoch_is_chosen_by_what_is_learned(changes, name):
    session, hooks = start(**changes), Hooks()
    train(session, hooks)
    assert [record["dev_score"] for record in hooks.records] == [r[name] for r in hooks.records]
    assert session.progress.best_score == min(record[name] for record in hooks.records)


@pytest.mark.parametrize(
    ("rate", "missed"), [(3.5, True), (3.7, False), (4.0, False), (4.3, False), (4.5, True)]
)
def test_an_epoch_at_its_rate_target_comes_before_one_that_misses_it(rate, missed):
    settings = resolve({"rate_target": 4.0, "free_nats": 0.0})
    metrics = SimpleNamespace(rate=rate, nll=20.0, distortion=15.0)
    assert (dev_score(settings, metrics) > 900) == missed
    assert dev_score(resolve(), metrics) == 20.0
