"""Estimators from flips of single bits: of all (LEG), of a random one (bitflip-1, UGC)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.base import Estimate, Estimator, Function, with_gradient


class LocalExpectation(Estimator):
    """The local expectation gradient: each bit summed out, the others sampled.

    Estimates: ∂/∂φ_k E_q[f] by  π_k (1−π_k) [f(z, z_k=1) − f(z, z_k=0)], averaged over S.
    With: z ~ q; value and f's own gradient average π_k f(z, z_k=1) + (1−π_k) f(z, z_k=0) over k.
    Requires: a factorised q; f is evaluated K + 1 times a sample. Exact for one bit.
    Reference: Titsias and Lázaro-Gredilla (2015), Local expectation gradients for black box
        variational inference.
    """

    summary = "every bit summed out in turn, the others sampled"
    reference = "Titsias and Lázaro-Gredilla 2015"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = False
    cost = "S (K + 1)"
    least_bits = 1

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return S (K + 1)."""
        return samples * (bits + 1)

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        each = torch.eye(q.bits).to(z)[:, None, None]  # [K, 1, 1, K]
        points = torch.cat([z[None], (z - each).abs()])
        values = f(points.flatten(0, 1)).view(points.shape[:-1])
        here, flipped = values[:1], values[1:]  # [1, S, B] and [K, S, B]
        sign = (2 * z - 1).movedim(-1, 0)  # f(z) − f(flipped) is f(1) − f(0) where z_k is 1
        gain = (sign * (here - flipped)).detach().mean(1).T  # [B, K]
        expected = _summed_out(q, z, here, flipped).mean((0, 1))
        surrogate = expected + with_gradient(q, q.variance * gain)
        return Estimate(expected.detach(), surrogate)


class Bitflip(Estimator):
    """One flip of a random bit, K times as heavy.

    Estimates: ∂/∂φ_k E_q[f] by  K 1[k = j] π_k (1−π_k) [f(z, z_k=1) − f(z, z_k=0)].
    With: z ~ q and j uniform over the K bits. Its second moment is K times that of the local
        expectation gradient, also where π nears 0 or 1 and that of an antithetic pair is not.
    Requires: a factorised q; two evaluations a sample.
    Reference: Kunes et al. (2023), Gradient estimation for binary latent variables via gradient
        variance clipping, as bitflip-1.
    """

    summary = "one random bit summed out, times K"
    reference = "Kunes et al. 2023"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = False
    cost = "2 S"
    least_bits = 1

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return 2 S."""
        return 2 * samples

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        chosen = _one_hot(q.noise.index(q.logits, samples), q)
        here, flipped = f(torch.cat([z, (z - chosen).abs()])).view(2, *z.shape[:-1])
        gain = (2 * z - 1) * (here - flipped).detach()[..., None] * chosen
        gradient = q.variance * q.bits * gain.mean(0)
        stays = _probability(q, z, chosen)
        expected = (stays * here + (1 - stays) * flipped).mean(0)
        return Estimate(expected.detach(), expected + with_gradient(q, gradient))


class GradientVarianceClipping(Estimator):
    """DisARM where a bit is undecided, bitflip-1 among the bits that are nearly decided.

    Estimates: the coordinates with min(π, 1−π) ≥ 1/(2K) as DisARM does, the others as bitflip-1.
    With: an antithetic pair, and its first sample with one random bit flipped. Where f(b₁) − f(b₂)
        and a single flip change f alike, DisARM's second moment is ½ M² m Δ² and that of bitflip-1
        K M² m² Δ² (m the smaller, M the larger of π and 1−π): they are equal at m = 1/(2K).
    Requires: a factorised q; three evaluations a sample.
    Reference: Kunes et al. (2023), as UGC; the border between the two is derived above.
    """

    summary = "DisARM for undecided bits, bitflip-1 for nearly decided ones"
    reference = "Kunes et al. 2023"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = False
    cost = "3 S"
    least_bits = 1

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return 3 S."""
        return 3 * samples

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        first, second = torch.stack(
            [q.sample_antithetic(2) for _ in range(samples)], dim=1
        )  # [S, B, K] each
        chosen = _one_hot(q.noise.index(q.logits, samples), q)
        points = torch.cat([first, second, (first - chosen).abs()])
        values = f(points).view(3, *first.shape[:-1])
        at_first, at_second, at_flipped = values.detach()[..., None].unbind(0)
        larger = torch.sigmoid(q.logits.detach().abs())
        by_pair = 0.5 * (at_first - at_second) * (first - second) * larger
        by_flip = q.variance.detach() * q.bits * (2 * first - 1) * (at_first - at_flipped) * chosen
        decided = torch.sigmoid(-q.logits.detach().abs()) < 1 / (2 * q.bits)
        gradient = torch.where(decided, by_flip, by_pair).mean(0)
        expected = values[:2].mean((0, 1))
        return Estimate(expected.detach(), expected + with_gradient(q, gradient))


def _one_hot(index: Tensor, q: FactorisedBernoulli) -> Tensor:
    return F.one_hot(index, q.bits).to(q.logits.dtype)


def _probability(q: FactorisedBernoulli, z: Tensor, chosen: Tensor) -> Tensor:
    """Return q's probability of the chosen bit's value in z, [S, B]."""
    each = torch.sigmoid((2 * z - 1) * q.logits.detach())
    return (each * chosen).sum(-1)


def _summed_out(q: FactorisedBernoulli, z: Tensor, here: Tensor, flipped: Tensor) -> Tensor:
    """Return E[f] over bit k alone, for every k, [K, S, B]."""
    stays = torch.sigmoid((2 * z - 1) * q.logits.detach()).movedim(-1, 0)
    return stays * here + (1 - stays) * flipped
