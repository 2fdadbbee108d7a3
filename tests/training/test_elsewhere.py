"""A step of training computes where the model is, and nowhere else."""

import copy

import pytest
import torch

from lexbits import processes
from lexbits.training.devices import cpu_has_bf16
from tests.elsewhere import CUDA, MPS, Device, Elsewhere, move
from tests.training.test_together import CASES
from tests.training.trainings import start

BY_NETWORKS = {"cell": "gru", "layers": 2, "posterior": "gru", "prior": "made"}

HERE = {name: changes for name, changes in CASES.items() if name != "enumeration in pieces"}
HERE["symbols in the weights"] = {"embedding_size": 20}
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


@pytest.mark.parametrize("there", [CUDA, MPS], ids=str)
@pytest.mark.parametrize("changes", HERE.values(), ids=HERE)
def test_a_step_elsewhere_is_that_of_the_cpu(monkeypatch, changes, there):
    # The CPU draws masks in its own way; here both are to draw the same.
    monkeypatch.setattr(processes, "_cheap_mask", lambda shape, p: torch.rand(shape) < p)
    session = start(**changes)
    objective = session.objective.train()
    words = torch.from_numpy(session.corpus.batch(session.batches()[0])).long()
    moved = move(copy.deepcopy(objective), there)
    loss, gradient = gradients(objective, words)
    with Device(there):
        loss_there, gradient_there = gradients(moved, Elsewhere(words, there))
    assert loss_there == pytest.approx(loss, rel=1e-5)
    assert gradient_there.keys() == gradient.keys()
    for name, value in gradient.items():
        if value is None:
            assert gradient_there[name] is None, name
        else:
            torch.testing.assert_close(gradient_there[name], value, msg=name)


@pytest.fixture
def autocast():
    """Autocast to bf16 on NVIDIA's GPUs where there are none, and on the CPU in their place."""
    if not cpu_has_bf16():
        pytest.skip("this processor has no bf16 arithmetic")
    for kind in ("cuda", "cpu"):
        torch.set_autocast_dtype(kind, torch.bfloat16)
        torch.set_autocast_enabled(kind, True)
    yield
    for kind in ("cuda", "cpu"):
        torch.set_autocast_enabled(kind, False)


@pytest.mark.parametrize("changes", [{}, BY_NETWORKS], ids=["lstm", "gru"])
def test_recurrent_networks_compute_in_bf16_where_a_gpu_is_asked_for_it(autocast, changes):
    session = start(estimator="reinforce", **changes)
    objective = session.objective.eval()
    words = torch.from_numpy(session.corpus.batch(session.batches()[0])).long()
    moved = move(copy.deepcopy(objective), CUDA)
    loss, _ = gradients(objective, words)
    with Device(CUDA):  # refuses what autocast would do to recurrent networks there
        loss_there, gradient_there = gradients(moved, Elsewhere(words, CUDA))
    assert loss_there == pytest.approx(loss, rel=0.02)
    found = [gradient for gradient in gradient_there.values() if gradient is not None]
    assert {gradient.dtype for gradient in found} == {torch.float32}
