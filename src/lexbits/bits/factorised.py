"""The product of K independent Bernoulli distributions.

Everything is computed from logits: π = σ(logit), log π = −softplus(−logit) and
log(1 − π) = −softplus(logit) stay finite and exact where π rounds to 0 or 1.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits.base import Posterior
from lexbits.bits.noise import RANDOM, Noise, is_below


class FactorisedBernoulli(Posterior):
    """A distribution over bit vectors with independent bits.

    Attributes:
        logits: [..., K]; the leading axes (usually B) index different distributions.
        noise: what samples are drawn from; torch's global generator unless said.

    Examples:
        >>> q = FactorisedBernoulli(torch.logit(torch.tensor([0.5, 0.9])))
        >>> q.mean
        tensor([0.5000, 0.9000])
        >>> q.log_prob(torch.tensor([1.0, 1.0])).exp()
        tensor(0.4500)
        >>> q.sample(3).shape
        torch.Size([3, 2])
    """

    factorised = True

    def __init__(
        self, logits: Tensor, features: Tensor | None = None, noise: Noise = RANDOM
    ) -> None:
        self.logits = logits
        self.noise = noise
        self._features = features

    @property
    def bits(self) -> int:
        """K, the number of bits."""
        return self.logits.shape[-1]

    @property
    def parameters(self) -> Tensor:
        """The logits."""
        return self.logits

    @property
    def features(self) -> Tensor:
        """The features given, else the logits; [..., F]."""
        return self.logits if self._features is None else self._features

    @property
    def mean(self) -> Tensor:
        """E[z] = π, [..., K]: the probability of a one; not itself a bit vector."""
        return torch.sigmoid(self.logits)

    @property
    def variance(self) -> Tensor:
        """The variance of each bit, π (1 − π), [..., K]; also ∂π/∂logit."""
        return torch.exp(F.logsigmoid(self.logits) + F.logsigmoid(-self.logits))

    @property
    def mode(self) -> Tensor:
        """The most probable bit vector, [..., K]; a tie gives a zero."""
        return (self.logits > 0).to(self.logits.dtype)

    def sample(self, samples: int) -> Tensor:
        """Draw S independent bit vectors, [S, ..., K] zeros and ones, without gradient."""
        return self.noise.independent(self.logits.detach(), samples)

    def from_uniform(self, uniform: Tensor) -> Tensor:
        """Compare uniform numbers [S, ..., K] with σ(logit): zeros and ones, without gradient."""
        return is_below(uniform, torch.sigmoid(self.logits.detach())).to(self.logits.dtype)

    def sample_antithetic(self, samples: int) -> Tensor:
        """Draw S ≥ 2 negatively correlated bit vectors, [S, ..., K]; each alone is a sample.

        By a Dirichlet copula (Dimitriev and Zhou 2021, ARMS).
        """
        return self.noise.antithetic(self.logits.detach(), samples)

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) in nats for z [..., K]; broadcasts over leading axes.

        Between bit vectors it is linear in z: Σ z log π + (1 − z) log(1 − π).
        """
        return (z * F.logsigmoid(self.logits) + (1 - z) * F.logsigmoid(-self.logits)).sum(-1)

    def frozen_log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) with no gradient in the logits."""
        return FactorisedBernoulli(self.logits.detach()).log_prob(z)

    def pairwise_log_prob(self, z: Tensor) -> Tensor:
        """Return log q_n(z_m), [M, N], for z [M, K] and logits [N, K], as one matrix product."""
        # z·(log π − log(1−π)) + Σ log(1−π), and the first difference is the logit
        return z @ self.logits.T + F.logsigmoid(-self.logits).sum(-1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats, [...]."""
        return self._expect(-F.logsigmoid(self.logits), -F.logsigmoid(-self.logits)).sum(-1)

    def kl(self, other: FactorisedBernoulli) -> Tensor:
        """Return KL(self ‖ other) in nats, [...]: the sum of `kl_per_bit`."""
        return self.kl_per_bit(other).sum(-1)

    def kl_per_bit(self, other: FactorisedBernoulli) -> Tensor:
        """Return π log(π/α) + (1 − π) log((1 − π)/(1 − α)) for each bit, in nats, [..., K]."""
        return self._expect(
            F.logsigmoid(self.logits) - F.logsigmoid(other.logits),
            F.logsigmoid(-self.logits) - F.logsigmoid(-other.logits),
        )

    def _expect(self, of_one: Tensor, of_zero: Tensor) -> Tensor:
        return torch.sigmoid(self.logits) * of_one + torch.sigmoid(-self.logits) * of_zero
