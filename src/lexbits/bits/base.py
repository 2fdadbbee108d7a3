"""What distributions over bit vectors can do: all of them, and those that serve as a posterior."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor


class BitDistribution(ABC):
    """A distribution over z ∈ {0,1}^K, or one for each of the leading axes, usually B words.

    Examples:
        >>> from lexbits.bits import FactorisedBernoulli
        >>> p: BitDistribution = FactorisedBernoulli(torch.zeros(3))
        >>> p.bits, p.sample(5).shape, round(float(p.log_prob(torch.ones(3)).exp()), 3)
        (3, torch.Size([5, 3]), 0.125)
    """

    @property
    @abstractmethod
    def bits(self) -> int:
        """K, the number of bits."""

    @abstractmethod
    def sample(self, samples: int) -> Tensor:
        """Draw [S, ..., K] zeros and ones, without gradient."""

    @abstractmethod
    def from_uniform(self, uniform: Tensor) -> Tensor:
        """Return the samples [S, ..., K] that numbers uniform in [0, 1) of that shape stand for."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) in nats, [...], for z [..., K]; broadcasts over leading axes."""


class Posterior(BitDistribution):
    """Distributions over bit vectors, one for each of B words.

    Class attributes declare:
        factorised: whether the bits are independent, with `logits` [B, K].

    Examples:
        >>> from lexbits.bits import FactorisedBernoulli
        >>> q: Posterior = FactorisedBernoulli(torch.tensor([[-1.0, 2.0], [3.0, -4.0]]))
        >>> q.mode
        tensor([[0., 1.],
                [1., 0.]])
        >>> q.pairwise_log_prob(q.mode).argmax(1)
        tensor([0, 1])
    """

    factorised: ClassVar[bool]

    @property
    @abstractmethod
    def parameters(self) -> Tensor:
        """The tensor [B, P] that, networks given, determines the distributions."""

    @property
    @abstractmethod
    def features(self) -> Tensor:
        """A summary [B, F] of the words that the distributions are for: a baseline may read it."""

    @property
    @abstractmethod
    def mode(self) -> Tensor:
        """The most probable bit vectors [B, K], or about them where they are not tractable."""

    @property
    @abstractmethod
    def mean(self) -> Tensor:
        """E[z], [B, K]: the probability of a one; not itself a bit vector."""

    @abstractmethod
    def frozen_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) with no gradient in q: as a function of z alone."""

    @abstractmethod
    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q_n(z_m), [M, N], for z [M, K] and all of N distributions."""
