"""ARMS: leave-one-out REINFORCE with S mutually antithetic samples."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.bits.precision import in_double
from lexbits.estimators.base import Estimate, Estimator, Function, with_gradient


class Arms(Estimator):
    """REINFORCE with S antithetic samples from a Dirichlet copula.

    Estimates: ∂/∂φ_k E_q[f] by  1/(S−1) Σ_s (f(b_s) − f̄)(b_sk − π_k) · 1/(1 − ρ_k).
    With: b_s each ~ q, any two correlated by ρ < 0 bit by bit. The last factor corrects what the
        correlation of a sample with the others' mean does to the expectation; without it the
        estimate is biased. Two samples are DisARM, independent ones (ρ = 0) leave-one-out.
    Requires: a factorised q, S ≥ 2.
    Reference: Dimitriev and Zhou (2021), ARMS: antithetic-REINFORCE-multi-sample gradient for
        binary variables.
    """

    summary = "leave-one-out with mutually antithetic samples (Dirichlet copula)"
    reference = "Dimitriev and Zhou 2021"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = q.sample_antithetic(samples)
        values = f(z)
        advantage = (values - values.mean(0)).detach()
        covariance = (advantage[..., None] * (z - q.mean.detach())).sum(0) / (samples - 1)
        gradient = covariance * debias_factor(q.logits.detach(), samples)
        return Estimate(values.detach().mean(0), values.mean(0) + with_gradient(q, gradient))


def debias_factor(logits: Tensor, samples: int) -> Tensor:
    """Return 1/(1 − ρ) = r (1 − r) / (r − P₂), ρ the correlation of a bit in any two of S samples.

    r is the probability of the bit's rarer value and P₂ = (2 r^{1/(S−1)} − 1)₊^{S−1} that of two
    samples holding it. Computed in double by expm1 and log1p: exact for saturated bits.
    """
    log_rare = F.logsigmoid(-in_double(logits).abs())
    two = 1 + 2 * torch.expm1(log_rare / (samples - 1))
    both = two.clamp_min(0.0) ** (samples - 1)
    rare = log_rare.exp()
    # r ≤ ½, so P₂ ≤ r² ≤ r/2 and the difference loses no digits; r cancels for tiny r.
    tiny = torch.finfo(torch.float64).tiny
    return ((1 - rare) * rare / (rare - both).clamp_min(tiny)).where(rare > tiny, 1.0).to(logits)
