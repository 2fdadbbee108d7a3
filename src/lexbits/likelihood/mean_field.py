"""The best factorised posterior, by coordinate ascent on a table of log p(x, z) over all codes.

With q(z) = Π_k π_k^{z_k} (1 − π_k)^{1 − z_k}, ELBO(π) = E_q[log p(x, z)] + Σ_k H(π_k) is concave in
each π_k alone, with its maximum at logit π_k = E_q[log p(x, z) | z_k = 1] − E_q[log p(x, z) | z_k
= 0] (Jordan, Ghahramani, Jaakkola and Saul 1999). A sweep sets all bits in turn and costs a few
passes over the table.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

TOLERANCE = 1e-6
"""Nats: the ascent stops where a sweep raises no word's ELBO by more."""

SWEEPS = 500
"""It stops after this many sweeps at the latest."""


def marginals(probabilities: Tensor) -> Tensor:
    """Return P(z_k = 1), [N, K], for probabilities [N, 2^K] of all codes in their order."""
    bits = probabilities.shape[1].bit_length() - 1
    mean = probabilities.new_empty((len(probabilities), bits))
    for k in range(bits):
        zero, one = probabilities.chunk(2, dim=1)  # the first bit that is left halves the codes
        mean[:, k] = one.sum(1)
        probabilities = zero + one
    return mean


def best_factorised_elbo(log_joint: Tensor, starts: Sequence[Tensor]) -> Tensor:
    """Return the best ELBO found of any factorised posterior, in nats, [N].

    It is a lower bound of the best there is: every start may end in a local optimum.

    Args:
        log_joint: log p(x, z) of all codes in their order, [N, 2^K].
        starts: means π of the posteriors to start from, each [N, K].
    """
    found = [coordinate_ascent(log_joint, mean)[1] for mean in starts]
    return torch.stack(found).amax(0)


def coordinate_ascent(log_joint: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Sweep from π = `mean` [N, K] on until no ELBO rises; return the means and ELBOs [N]."""
    mean, elbo = sweep(log_joint, mean)
    rising = torch.arange(len(mean), device=mean.device)
    table = log_joint
    for _ in range(SWEEPS - 1):
        new_mean, new_elbo = sweep(table, mean[rising])
        rises = new_elbo - elbo[rising] > TOLERANCE
        mean[rising], elbo[rising] = new_mean, new_elbo
        if not rises.any():
            break
        rising = rising[rises]
        if len(rising) < len(table):  # a copy of the rest is worth its price
            table = log_joint[rising]
    return mean, elbo


def sweep(log_joint: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """Set each bit in turn to its best π_k, the others held; return new means and ELBOs [N]."""
    bits = mean.shape[1]
    # Probabilities of all values of the bits after k, [N, 2^(K − 1 − k)]; the last is for k = 0.
    later = [mean.new_ones((len(mean), 1))]
    for k in range(bits - 1, 0, -1):
        of_one = mean[:, k, None] * later[-1]
        later.append(torch.cat([later[-1] - of_one, of_one], 1))
    new = torch.empty_like(mean)
    expected = log_joint  # E over the bits already set, [N, 2^(bits that are left)]
    for k in range(bits):
        halves = expected.reshape(len(mean), 2, -1)
        value = torch.bmm(halves, later.pop()[..., None])[..., 0]
        new[:, k] = torch.sigmoid(value[:, 1] - value[:, 0])
        expected = torch.lerp(halves[:, 0], halves[:, 1], new[:, k, None])
    entropy = torch.special.entr(new) + torch.special.entr(1 - new)
    return new, expected[:, 0] + entropy.sum(1)
