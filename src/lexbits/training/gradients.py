"""The norm of a gradient, and its bound."""

from __future__ import annotations

import torch
from torch import Tensor, nn


@torch.no_grad()
def clip_gradient(module: nn.Module, bound: float) -> Tensor:
    """Return the norm of the gradient of all parameters; scale the gradient if it exceeds `bound`.

    A bound of 0 only measures. Nothing is multiplied where nothing has to be: that pass over all
    parameters is a noticeable share of a step.
    """
    gradients = [p.grad for p in module.parameters() if p.grad is not None]
    norm: Tensor = torch.linalg.vector_norm(
        torch.stack([torch.linalg.vector_norm(g) for g in gradients])
    )
    if bound and norm > bound:
        for gradient in gradients:
            gradient.mul_(bound / norm)
    return norm
