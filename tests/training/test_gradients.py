import copy

import pytest
import torch

from lexbits.training.gradients import clip_gradient


def module_with_gradient(scale):
    torch.manual_seed(0)
    module = torch.nn.LSTM(3, 5)
    module(torch.randn(4, 2, 3))[0].sum().mul(scale).backward()
    return module


@pytest.mark.parametrize("bound", [0.01, 1.0, 1e6])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 100.0])
def test_clipping_is_that_of_torch(bound, scale):
    ours = module_with_gradient(scale)
    theirs = copy.deepcopy(ours)
    for mine, copied in zip(ours.parameters(), theirs.parameters(), strict=True):
        copied.grad = mine.grad.clone()
    norm = clip_gradient(ours, bound)
    torch.testing.assert_close(norm, torch.nn.utils.clip_grad_norm_(theirs.parameters(), bound))
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, other.grad, rtol=1e-5, atol=1e-8)


def test_a_bound_of_zero_only_measures():
    module = module_with_gradient(100.0)
    before = [p.grad.clone() for p in module.parameters()]
    assert clip_gradient(module, 0.0) > 1
    assert all(torch.equal(p.grad, b) for p, b in zip(module.parameters(), before, strict=True))


def test_parameters_without_a_gradient_are_left_alone():
    module = module_with_gradient(1.0)
    module.extra = torch.nn.Parameter(torch.ones(3))
    clip_gradient(module, 0.1)
    assert module.extra.grad is None


def test_the_norm_of_a_gradient_that_is_not_finite_is_not_finite():
    module = module_with_gradient(1.0)
    next(module.parameters()).grad[0, 0] = torch.nan
    assert not clip_gradient(module, 1.0).isfinite()
