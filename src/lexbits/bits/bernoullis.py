"""The product of K independent Bernoulli distributions.

Everything is computed from logits: π = σ(logit), log π = −softplus(−logit) and
log(1 − π) = −softplus(logit) stay finite and exact where π rounds to 0 or 1.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


class Bernoullis:
    """A distribution over bit vectors with independent bits.

    Attributes:
        logits: [..., K]; the leading axes (usually B) index different distributions.
    """

    def __init__(self, logits: Tensor) -> None:
        self.logits = logits

    @property
    def bits(self) -> int:
        """K, the number of bits."""
        return self.logits.shape[-1]

    @property
    def mean(self) -> Tensor:
        """E[z] = π, [..., K]: the probability of a one; not itself a bit vector."""
        return torch.sigmoid(self.logits)

    @property
    def std(self) -> Tensor:
        """The standard deviation of each bit, √(π (1 − π)), [..., K]."""
        return torch.exp(0.5 * (F.logsigmoid(self.logits) + F.logsigmoid(-self.logits)))

    @property
    def mode(self) -> Tensor:
        """The most probable bit vector, [..., K]; a tie gives a zero."""
        return (self.logits > 0).to(self.logits.dtype)

    def sample(self, samples: int) -> Tensor:
        """Draw from torch's global generator: [S, ..., K] zeros and ones, without gradient."""
        logits = self.logits.detach()
        noise = torch.rand((samples, *logits.shape), dtype=logits.dtype, device=logits.device)
        return (noise < torch.sigmoid(logits)).to(logits.dtype)

    def log_prob(self, z: Tensor) -> Tensor:
        """Return log q(z) in nats for bit vectors z [..., K]; broadcasts over leading axes."""
        return -F.softplus((1 - 2 * z) * self.logits).sum(-1)

    def entropy(self) -> Tensor:
        """Return the entropy in nats, [...]."""
        return self._expect(-F.logsigmoid(self.logits), -F.logsigmoid(-self.logits)).sum(-1)

    def kl(self, other: Bernoullis) -> Tensor:
        """Return KL(self ‖ other) in nats, [...]: the sum of `kl_per_bit`."""
        return self.kl_per_bit(other).sum(-1)

    def kl_per_bit(self, other: Bernoullis) -> Tensor:
        """Return π log(π/α) + (1 − π) log((1 − π)/(1 − α)) for each bit, in nats, [..., K]."""
        return self._expect(
            F.logsigmoid(self.logits) - F.logsigmoid(other.logits),
            F.logsigmoid(-self.logits) - F.logsigmoid(-other.logits),
        )

    def _expect(self, of_one: Tensor, of_zero: Tensor) -> Tensor:
        return torch.sigmoid(self.logits) * of_one + torch.sigmoid(-self.logits) * of_zero
