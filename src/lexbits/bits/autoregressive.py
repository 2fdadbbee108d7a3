"""Bits that depend on one another: q(z) = Π_k Bernoulli(z_k | σ(logit_k(z_<k)))."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits.base import Posterior
from lexbits.bits.noise import is_below
from lexbits.processes import rand
from lexbits.randomness import number_keys, uniform

Conditioner = Callable[[Tensor, Tensor], Tensor]
"""z [..., K] and context [..., C] -> what earlier bits add to each bit's logit, [..., K]."""

MEAN_SAMPLES = 64


@runtime_checkable
class OneByOne(Protocol):
    """A conditioner that reads each bit once, where the bits are chosen one after another."""

    def one_by_one(self, z: Tensor, context: Tensor) -> Iterator[Tensor]:
        """Yield what is added to the logit of each bit, [...]; earlier ones are then in z."""


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
        shape = (samples, *self.base.shape)
        return self._one_by_one(shape, lambda pi, _: is_below(rand(pi.shape, 1, pi), pi))

    def from_uniform(self, uniform: Tensor) -> Tensor:
        """Compare uniform numbers [S, ..., K] with the probability of a one, bit after bit."""
        return self._one_by_one(uniform.shape, lambda pi, k: is_below(uniform[..., k], pi))

    @property
    def mode(self) -> Tensor:
        """The bit vector [..., K] that takes the more probable value bit by bit."""
        return self._one_by_one((1, *self.base.shape), lambda pi, _: pi > 0.5)[0]

    @property
    def mean(self) -> Tensor:
        """E[z], [..., K], from 64 samples of each distribution, the same noise for all.

        It is the mean of σ(logit_k(z_<k)), which has the expectation of z_k and varies less.
        """
        key = number_keys(0, 1, 0, "mean").to(self.base.device)
        noise = uniform(key, 0, MEAN_SAMPLES, self.bits)
        words = [1] * (self.base.dim() - 1)
        z = self.from_uniform(noise.view(-1, *words, self.bits).expand(-1, *self.base.shape))
        with torch.no_grad():
            return torch.sigmoid(self.logits(z)).mean(0)

    @torch.no_grad()
    def _one_by_one(self, shape: Sequence[int], choose: Callable[[Tensor, int], Tensor]) -> Tensor:
        """Return z of a shape [S, ..., K]; bit k is chosen by its probability [S, ...] and k."""
        z = self.base.new_zeros(shape)
        for k, added in enumerate(self._added(z, self.context.expand(*shape[:-1], -1))):
            z[..., k] = choose(torch.sigmoid(self.base[..., k] + added), k).to(z.dtype)
        return z

    def _added(self, z: Tensor, context: Tensor) -> Iterator[Tensor]:
        """Yield what the bits before bit k, then in z, add to its logit, k after k."""
        if isinstance(self.conditioner, OneByOne):
            return self.conditioner.one_by_one(z, context)
        return (self.conditioner(z, context)[..., k] for k in range(self.bits))
