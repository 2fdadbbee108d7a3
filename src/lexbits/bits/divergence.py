"""The rate KL(q ‖ p): exact where both have independent bits, else from samples."""

from __future__ import annotations

from torch import Tensor

from lexbits.bits.base import BitDistribution, Posterior
from lexbits.bits.factorised import FactorisedBernoulli


def exact_kl_per_bit(q: Posterior, p: BitDistribution) -> Tensor | None:
    """Return KL(q ‖ p) bit by bit in nats, [..., K]; None where q or p is not factorised.

    Examples:
        >>> q = FactorisedBernoulli(torch.tensor([9.0, 0.0]))
        >>> p = FactorisedBernoulli(torch.zeros(2))
        >>> exact_kl_per_bit(q, p)
        tensor([0.6919, 0.0000])
    """
    if isinstance(q, FactorisedBernoulli) and isinstance(p, FactorisedBernoulli):
        return q.kl_per_bit(p)
    return None


def sampled_kl(q: Posterior, p: BitDistribution, z: Tensor) -> Tensor:
    """Estimate KL(q ‖ p) in nats, [...], by the mean of log q(z) − log p(z) over z [S, ..., K].

    Examples:
        >>> q = FactorisedBernoulli(torch.tensor([9.0, 0.0]))
        >>> p = FactorisedBernoulli(torch.zeros(2))
        >>> abs(float(sampled_kl(q, p, q.sample(1000))) - 0.692) < 0.05
        True
    """
    return (q.log_prob(z) - p.log_prob(z)).mean(0)
