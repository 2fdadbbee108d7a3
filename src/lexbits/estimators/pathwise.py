"""Biased estimators that differentiate through the bits as if they were continuous."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.base import Estimate, Estimator, Function

TEMPERATURE = 1.0


class StraightThrough(Estimator):
    """The bit's derivative taken to be that of its mean.

    Estimates: ∂/∂φ_k E_q[f] by  ∂f/∂z_k · π_k (1−π_k), averaged over S samples.
    With: z ~ q. Unbiased where f is linear in each bit, biased otherwise.
    Requires: a factorised q, f differentiable in z.
    Reference: Bengio, Léonard and Courville (2013), Estimating or propagating gradients through
        stochastic neurons for conditional computation.
    """

    summary = "∂z/∂φ taken to be ∂π/∂φ"
    reference = "Bengio et al. 2013"
    bound = "elbo"
    unbiased = False
    bias = "biased unless f is linear in each bit"
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "S"

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        return _through(f, q.sample(samples), q.mean)


class GumbelStraightThrough(Estimator):
    """The bit's derivative taken to be that of the relaxed bit it was rounded from.

    Estimates: ∂/∂φ_k E_q[f] by  ∂f/∂z_k · ∂σ((φ_k + logistic noise)/τ)/∂φ_k.
    With: z = 1[φ + noise > 0], τ = 1. Biased.
    Requires: a factorised q, f differentiable in z.
    Reference: Jang, Gu and Poole (2017), Categorical reparameterization with Gumbel-softmax.
    """

    summary = "∂z/∂φ taken to be that of the relaxed bit"
    reference = "Jang et al. 2017"
    bound = "elbo"
    unbiased = False
    bias = "biased"
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "S"

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        zeta = q.logits + torch.logit(q.noise.uniform(q.logits.detach(), samples), eps=1e-7)
        return _through(f, (zeta > 0).to(zeta.dtype).detach(), torch.sigmoid(zeta / TEMPERATURE))


class ReinMax(Estimator):
    """Straight-through corrected to second order.

    Estimates: ∂/∂φ_k E_q[f] by  ∂f/∂z_k · [2 m_k (1−m_k) − ½ π_k (1−π_k)],  m = (z + π)/2.
    With: z ~ q; the trapezoidal rule (Heun's method) for f(1) − f(0). Unbiased where f is quadratic
        in each bit.
    Requires: a factorised q, f differentiable in z.
    Reference: Liu et al. (2023), Bridging discrete and backpropagation: straight-through and
        beyond, at temperature 1.
    """

    summary = "straight-through, accurate to second order"
    reference = "Liu et al. 2023"
    bound = "elbo"
    unbiased = False
    bias = "biased unless f is quadratic in each bit"
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "S"

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        middle = 0.5 * (z + q.mean.detach())
        slope = 2 * middle * (1 - middle) - 0.5 * q.variance.detach()
        return _through(f, z, slope * q.logits)


def _through(f: Function, z: Tensor, path: Tensor) -> Estimate:
    """Evaluate f at z with the gradient of `path`."""
    values = f(z + (path - path.detach())).mean(0)
    return Estimate(values.detach(), values)
