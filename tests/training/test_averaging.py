import pytest
import torch

from lexbits.training.averaging import AveragedModel
from lexbits.training.loop import train
from tests.exact import tiny_model
from tests.training.trainings import Hooks, start


def shifted(model, value):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(value)
    return model


def test_the_average_has_the_weights_of_a_recurrent_network_in_one_piece(monkeypatch):
    model, flattened = tiny_model(posterior="gru"), []
    note = lambda part: flattened.append(part)  # noqa: E731, PLW0108 - a list's own would not be bound
    monkeypatch.setattr(torch.nn.RNNBase, "flatten_parameters", note)
    average = AveragedModel(model, 0.9)
    recurrent = {part for part in average.model.modules() if isinstance(part, torch.nn.RNNBase)}
    assert {*flattened} == recurrent != set()


def weights(average):
    return next(average.model.parameters())


def test_the_average_is_exponential_and_forgets_the_start():
    model = shifted(tiny_model(), 0.0)
    average = AveragedModel(model, 0.9)
    average.update(shifted(model, 1.0), 1)  # decay 2/11
    assert weights(average).flatten()[0].item() == pytest.approx(9 / 11)
    before = weights(average).flatten()[0].item()
    average.update(shifted(model, 3.0), 1000)
    expected = 0.9 * before + 0.1 * 3
    assert weights(average).flatten()[0].item() == pytest.approx(expected)


def test_the_averaged_weights_are_measured_and_kept_and_the_training_is_the_same():
    plain, averaged = start(), start(average_decay=0.99)
    for session in (plain, averaged):
        train(session, Hooks())
    for a, b in zip(plain.model.parameters(), averaged.model.parameters(), strict=True):
        assert torch.equal(a, b)
    assert averaged.evaluated is not averaged.model
    assert plain.evaluated is plain.model
    assert not torch.equal(
        averaged.evaluated.decoder.logits.weight, averaged.model.decoder.logits.weight
    )
