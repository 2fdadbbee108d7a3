"""A step of training computes where the model is, and nowhere else."""

import copy

import pytest
import torch

from lexbits import processes
from tests.elsewhere import Device, Elsewhere, move
from tests.training.test_together import CASES
from tests.training.trainings import start

HERE = {name: changes for name, changes in CASES.items() if name != "enumeration in pieces"}
"""What the simulated device can do: torch's own checkpointing asks for the real one."""


def gradients(objective, words):
    """Return the loss of a step and the gradients of all parameters."""
    torch.manual_seed(1)
    terms = objective(words, 1.0)
    terms.loss.backward()
    found = {
        name: getattr(parameter, "here", parameter).grad
        for name, parameter in objective.named_parameters()
    }
    return float(terms.loss.detach()), found


@pytest.mark.parametrize("changes", HERE.values(), ids=HERE)
def test_a_step_elsewhere_is_that_of_the_cpu(monkeypatch, changes):
    # The CPU draws masks in its own way; here both are to draw the same.
    monkeypatch.setattr(processes, "_cheap_mask", lambda shape, p: torch.rand(shape) < p)
    session = start(**changes)
    objective = session.objective.train()
    words = torch.from_numpy(session.corpus.batch(session.batches()[0])).long()
    there = move(copy.deepcopy(objective))
    loss, gradient = gradients(objective, words)
    with Device():
        loss_there, gradient_there = gradients(there, Elsewhere(words))
    assert loss_there == pytest.approx(loss, rel=1e-5)
    assert gradient_there.keys() == gradient.keys()
    for name, value in gradient.items():
        if value is None:
            assert gradient_there[name] is None, name
        else:
            torch.testing.assert_close(gradient_there[name], value, msg=name)
