"""REBAR and RELAX: score function minus a control variate from relaxed bits."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.base import (
    Estimate,
    Estimator,
    Function,
    RunningMean,
    silent_network,
    with_gradient,
)
from lexbits.estimators.double_cv import Regression

TEMPERATURE = 0.5


class Relaxation(NamedTuple):
    """Bits and the continuous variables they come from, each [S, B, K], differentiable in φ.

    Attributes:
        phi: the logits [B, K], a leaf to differentiate in.
        z: 1[ζ > 0], ζ = φ + logistic noise.
        free: ζ.
        given_z: ζ drawn again under the condition that it gives z.
    """

    phi: Tensor
    z: Tensor
    free: Tensor
    given_z: Tensor


class Rebar(Estimator):
    """The score function minus the relaxed f at a variable that is conditioned on the bits.

    Estimates: ∂/∂φ E_q[f] by  f(z) ∇ log q(z) − η [c(ζ̃) ∇ log q(z) − ∇c(ζ) + ∇c(ζ̃)],
        c(ζ) = f(σ(ζ/λ)).
    With: ζ = φ + logit(u), z = 1[ζ > 0], ζ̃ ~ p(ζ | z). The bracket has mean zero; η is the
        least-squares coefficient from earlier batches and λ = ½.
    Requires: a factorised q, f defined and differentiable between bit vectors; three evaluations.
    Reference: Tucker et al. (2017), REBAR: low-variance, unbiased gradient estimates for discrete
        latent variable models. There η and λ are learned by gradient descent.
    """

    summary = "score function with the relaxed f as control variate, its weight learned"
    reference = "Tucker et al. 2017"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "3 S"

    def __init__(self, bits: int, features: int) -> None:
        super().__init__(bits, features)
        self.regression = Regression()

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return 3 S."""
        return 3 * samples

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        r = relax(q, samples)
        values, free, given_z = _evaluate_relaxed(f, r)
        score = r.z - torch.sigmoid(r.phi.detach())
        plain = (values.detach()[..., None] * score).mean(0)
        slope = _gradient(free - given_z, r.phi, samples)
        variate = slope - (given_z.detach()[..., None] * score).mean(0)
        eta = self.regression()
        if self.training:
            self.regression.update(plain, variate)
        surrogate = values.mean(0) + with_gradient(q, plain + eta * variate)
        return Estimate(values.detach().mean(0), surrogate, diagnostics={"eta": eta})


class Relax(Estimator):
    """REBAR whose control variate has a learned part.

    Estimates: as REBAR, with c(ζ) = η f(σ(ζ/λ)) + r(ζ, x).
    With: r a network of the relaxed bits and q's features, which minimises the squared norm of the
        gradient estimate, of which the mean does not depend on r; a running average of f belongs
        to r. η is the least-squares coefficient from earlier batches.
    Requires: as REBAR.
    Reference: Grathwohl et al. (2018), Backpropagation through the void: optimizing control
        variates for black-box gradient estimation. There η is learned as r is.
    """

    summary = "REBAR with a learned network in the control variate"
    reference = "Grathwohl et al. 2018"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "3 S"

    def __init__(self, bits: int, features: int) -> None:
        super().__init__(bits, features)
        self.regression = Regression()
        self.level = RunningMean(decay=0.95)
        self.size = RunningMean(decay=0.95)
        self.network = silent_network(bits + features)

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return 3 S."""
        return 3 * samples

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        r = relax(q, samples)
        values, free, given_z = _evaluate_relaxed(f, r)
        score = r.z - torch.sigmoid(r.phi.detach())
        level = self.level()
        variate = _gradient(free - given_z, r.phi, samples)
        variate = variate - ((given_z.detach() - level)[..., None] * score).mean(0)
        learned_free, learned_given = self._learned(q, r.free), self._learned(q, r.given_z)
        learned = _gradient(learned_free - learned_given, r.phi, samples, create_graph=True)
        advantage = values.detach() - level - learned_given
        plain = (advantage[..., None] * score).mean(0) + learned
        eta = self.regression()
        gradient = plain + eta * variate
        size = (gradient**2).sum(-1)
        own_loss = size / (self.size() + 1)
        if self.training:
            self.regression.update(plain, variate)
            self.level.update(values.mean())
            self.size.update(size.mean())
        surrogate = values.mean(0) + with_gradient(q, gradient) - own_loss
        return Estimate(values.detach().mean(0), surrogate, diagnostics={"eta": eta})

    def _learned(self, q: FactorisedBernoulli, zeta: Tensor) -> Tensor:
        """Return r(ζ, x), [S, B]."""
        features = q.features.detach().expand(len(zeta), -1, -1)
        relaxed = torch.sigmoid(zeta / TEMPERATURE)
        values: Tensor = self.network(torch.cat([relaxed, features], dim=-1))[..., 0]
        return values


def relax(q: FactorisedBernoulli, samples: int) -> Relaxation:
    """Draw bits with their relaxation, and the relaxation again given the bits.

    ζ̃ = log(v/((1−v)(1−π)) + 1) where z = 1 and −log(v/((1−v)π) + 1) where z = 0, v uniform; both
    through softplus, so that saturated bits give finite numbers.
    """
    phi = q.logits.detach().requires_grad_()
    with torch.enable_grad():
        u, v = (q.noise.uniform(phi.detach(), samples) for _ in range(2))
        free = phi + _logit(u)
        z = (free > 0).to(phi.dtype).detach()
        one = F.softplus(_logit(v) + F.softplus(phi))
        zero = -F.softplus(_logit(v) + F.softplus(-phi))
        return Relaxation(phi, z, free, torch.where(z > 0, one, zero))


def _logit(u: Tensor) -> Tensor:
    return torch.log(u) - torch.log1p(-u.clamp_max(1 - torch.finfo(u.dtype).eps / 2))


def _evaluate_relaxed(f: Function, r: Relaxation) -> tuple[Tensor, Tensor, Tensor]:
    """Return f at the bits and at both relaxations, each [S, B], from one call of f."""
    relaxed = [torch.sigmoid(zeta / TEMPERATURE) for zeta in (r.free, r.given_z)]
    values = f(torch.cat([r.z, *relaxed])).view(3, *r.z.shape[:-1])
    return values[0], values[1], values[2]


def _gradient(values: Tensor, phi: Tensor, samples: int, create_graph: bool = False) -> Tensor:
    """Return the gradient of the mean over S of values [S, B] in φ, [B, K]."""
    (found,) = torch.autograd.grad(
        values.sum() / samples, phi, retain_graph=True, create_graph=create_graph
    )
    return found
