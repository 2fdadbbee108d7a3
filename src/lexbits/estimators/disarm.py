"""DisARM: antithetic pairs, what can be summed out summed out."""

from __future__ import annotations

import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.base import Estimate, Estimator, Function, with_gradient


class Disarm(Estimator):
    """The mean of S/2 antithetic pairs.

    Estimates: ∂/∂φ_k E_q[f] by  ½ (f(b₁) − f(b₂)) (b₁ − b₂)_k σ(|φ_k|).
    With: b₁ = 1[u < π], b₂ = 1[1 − u < π], u uniform; (b₁ − b₂)_k = 1[b₁ ≠ b₂] (−1)^{b₂} vanishes
        where the pair agrees. f's own gradient is the mean over both.
    Requires: a factorised q, an even S ≥ 2.
    Reference: Dong, Mnih and Tucker (2020), DisARM: an antithetic gradient estimator for binary
        latent variables; Yin et al. (2020) found the same as U2G.
    """

    summary = "antithetic pairs, the augmentation summed out (= U2G)"
    reference = "Dong et al. 2020; Yin et al. 2020"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2
    sample_step = 2

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = torch.cat([q.sample_antithetic(2) for _ in range(samples // 2)])
        values = f(z)
        first, second = values.detach()[0::2], values.detach()[1::2]
        unlike = z[0::2] - z[1::2]
        larger = torch.sigmoid(q.logits.detach().abs())
        gradient = (0.5 * (first - second)[..., None] * unlike * larger).mean(0)
        return Estimate(values.detach().mean(0), values.mean(0) + with_gradient(q, gradient))
