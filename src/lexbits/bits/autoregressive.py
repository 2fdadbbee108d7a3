"""Bits that depend on one another: q(z) = Π_k Bernoulli(z_k | σ(logit_k(z_<k)))."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits.base import Posterior
from lexbits.processes import rand

Conditioner = Callable[[Tensor, Tensor], Tensor]
"""z [..., K] and context [..., C] -> what earlier bits add to each bit's logit, [..., K]."""

MEAN_SAMPLES = 64


class Autoregressive(Posterior):
    """A distribution whose bit k has the logit base_k + conditioner(z_<k, context)_k.

    Attributes:
        conditioner: a network; its output k depends on z_1 … z_{k−1} only.
        base: [..., K] logits of each bit before the earlier bits are looked at.
        context: [..., C] what the conditioner knows of the word; C may be zero.

    Examples:
        >>> def equal_to_first(z, context):  # the second bit is about the first
        ...     return torch.stack([0 * z[..., 0], 9 * (2 * z[..., 0] - 1)], -1)
        >>> q = Autoregressive(equal_to_first, torch.zeros(1, 2), torch.zeros(1, 0))
        >>> z = q.sample(4)
        >>> bool((z[..., 0] == z[..., 1]).all())
        True
    """

    factorised = False

    def __init__(self, conditioner: Conditioner, base: Tensor, context: Tensor) -> None:
        self.conditioner = conditioner
        self.base = base
        self.context = context

    @property
    def bits(self) -> int:
        """K, the number of bits."""
        return self.base.shape[-1]

    @property
    def parameters(self) -> Tensor:
        """Base logits and context, [..., K + C]."""
        return torch.cat([self.base, self.context], dim=-1)

    @property
    def features(self) -> Tensor:
        """The context, [..., C]."""
        return self.context

    def logits(self, z: Tensor) -> Tensor:
        """Return the logit of each bit given the bits before it, [..., K]."""
        z = z.expand(*(z + self.base).shape)
        return self.base + self.conditioner(z, self.context.expand(*z.shape[:-1], -1))

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) in nats, [...], for bit vectors z [..., K], by the chain rule."""
        logits = self.logits(z)
        return (z * F.logsigmoid(logits) + (1 - z) * F.logsigmoid(-logits)).sum(-1)

    def frozen_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) without gradient."""
        with torch.no_grad():
            return self.log_prob(z)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q_n(z_m), [M, N], for z [M, K] and N distributions."""
        return self.log_prob(z[:, None])

    def sample(self, samples: int) -> Tensor:
        """Draw S independent bit vectors, [S, ..., K], one bit after another."""
        return self._one_by_one(samples, lambda pi: rand(pi.shape, 1, pi) < pi)

    @property
    def mode(self) -> Tensor:
        """The bit vector [..., K] that takes the more probable value bit by bit."""
        return self._one_by_one(1, lambda pi: pi > 0.5)[0]

    @property
    def mean(self) -> Tensor:
        """E[z], [..., K], estimated from 64 samples of a fixed seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return self.sample(MEAN_SAMPLES).mean(0)

    @torch.no_grad()
    def _one_by_one(self, samples: int, choose: Callable[[Tensor], Tensor]) -> Tensor:
        z = self.base.new_zeros((samples, *self.base.shape))
        for k in range(self.bits):
            z[..., k] = choose(torch.sigmoid(self.logits(z)[..., k])).to(z.dtype)
        return z
