"""Paths between two posteriors, as rows of z to decode."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits import Posterior


def mean_path(q: Posterior, steps: int) -> Tensor:
    """Return [steps, K]: the line from the mean of the first to that of the second posterior.

    Points of it are probabilities, not bit vectors; q holds two distributions.

    Examples:
        >>> from lexbits.bits import FactorisedBernoulli
        >>> mean_path(FactorisedBernoulli(torch.tensor([[-200.0], [200.0]])), 3)
        tensor([[0.0000],
                [0.5000],
                [1.0000]])
    """
    weight = torch.linspace(0, 1, steps, device=q.mean.device)[:, None]
    return (1 - weight) * q.mean[0] + weight * q.mean[1]


def bit_path(q: Posterior, steps: int) -> Tensor:
    """Return [steps, K]: from the first mode to the second, the differing bits flipped in order.

    Every point is a bit vector; q holds two distributions.

    Examples:
        >>> from lexbits.bits import FactorisedBernoulli
        >>> bit_path(FactorisedBernoulli(torch.tensor([[-1.0, -1.0], [1.0, 1.0]])), 3)
        tensor([[0., 0.],
                [1., 0.],
                [1., 1.]])
    """
    start, end = q.mode
    differing = (start != end).nonzero()[:, 0]
    rows = []
    for weight in torch.linspace(0, 1, steps).tolist():
        flipped = differing[: round(weight * len(differing))]
        rows.append(start.index_copy(0, flipped, end[flipped]))
    return torch.stack(rows)
