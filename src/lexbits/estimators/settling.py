"""Letting an estimator's own averages and parameters settle before it is held still."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lexbits.estimators.base import Estimator

RATE = 0.01


def settle(estimator: Estimator, loss: Callable[[], Tensor], steps: int) -> None:
    """Evaluate `loss`, which calls the estimator, `steps` times; then hold the estimator still.

    Its own parameters follow the gradient of the loss with Adam; nothing else is changed. An
    estimator without state is left alone.
    """
    own = list(estimator.parameters())
    if own or any(True for _ in estimator.buffers()):
        estimator.train()
        optimizer = torch.optim.Adam(own, RATE) if own else None
        for _ in range(steps):
            value = loss()
            if optimizer:
                gradients = torch.autograd.grad(value, own)
                for parameter, gradient in zip(own, gradients, strict=True):
                    parameter.grad = gradient
                optimizer.step()
                optimizer.zero_grad()
    estimator.eval()
