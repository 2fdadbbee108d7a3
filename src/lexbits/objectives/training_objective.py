"""What is optimised: the negative ELBO, or the bound of another estimator."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from lexbits.bits import BitDistribution, Posterior, exact_kl_per_bit, sampled_kl
from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.estimators import Estimator
from lexbits.estimators.choice import choose
from lexbits.estimators.reinforce import Reinforce
from lexbits.model import LatentWordModel

RATE_SAMPLES = 8
"""Samples of q for a KL that has no closed form; they cost no evaluation of the decoder."""


class Terms(NamedTuple):
    """One batch: the loss to differentiate, and means in nats per word without gradient.

    Attributes:
        loss: scalar; its gradient estimates that of the training objective. Not an ELBO.
        elbo: E_q[log p(x|z)] − KL(q ‖ p), unclamped, at weight 1.
        rate: KL(q ‖ p), unclamped.
        distortion: −E_q[log p(x|z)].
    """

    loss: Tensor
    elbo: Tensor
    rate: Tensor
    distortion: Tensor


class TrainingObjective(nn.Module):
    """The loss of a batch of words: −E_q[log p(x|z)] + w · KL(Q(z|x) ‖ P(z)), with free nats.

    The expectation is estimated by a plug-in estimator of E_q[f]. The KL is exact where posterior
    and prior have independent bits, with f = log p(x|z); else, or if asked for, it is inside:
    f = log p(x|z) + w (log p(z) − log q(z|x)), without gradient through log q, as that gradient is
    zero on average and only adds noise. An estimator of a multi-sample bound is given
    f = log p(x, z).

    Free nats leave the KL below them without gradient: of each word's KL, or of each bit's KL
    averaged over the batch (Kingma et al. 2016, Improved variational inference with inverse
    autoregressive flow). They shape training only; the reported terms are never clamped.

    Args:
        model: holds prior, posterior and decoder.
        settings: estimator, samples, KL, free nats.
    """

    def __init__(self, model: LatentWordModel, settings: Settings) -> None:
        super().__init__()
        self.model = model
        self.estimator, self.samples = make_estimator(settings, model.features)
        self.analytic_kl = settings.analytic_kl
        self.free_nats = settings.free_nats if settings.bits else 0.0
        self.free_nats_per = settings.free_nats_per

    def forward(self, words: Tensor, kl_weight: float) -> Terms:
        """Return the terms for words [B, T] at KL weight w."""
        q, p = self.model.posterior(words), self.model.prior()
        if self.estimator.bound != "elbo":
            return self._multi_sample(words, q, p)
        kl_per_bit = exact_kl_per_bit(q, p)
        exact = self.analytic_kl and not self.estimator.scales_gradient
        if kl_per_bit is not None and (exact or not self.model.bits):
            return self._with_exact_kl(words, q, kl_per_bit, kl_weight)
        return self._with_sampled_kl(words, q, p, kl_weight)

    def _with_exact_kl(
        self, words: Tensor, q: Posterior, kl_per_bit: Tensor, kl_weight: float
    ) -> Terms:
        estimate = self.estimator.estimate(
            q, lambda z: self.model.decoder.log_prob(words, z), self.samples
        )
        loss = kl_weight * self._free(kl_per_bit) - estimate.surrogate.mean()
        rate = kl_per_bit.detach().sum(-1).mean()
        distortion = -estimate.value.mean()
        return Terms(loss, -distortion - rate, rate, distortion)

    def _with_sampled_kl(
        self, words: Tensor, q: Posterior, p: BitDistribution, kl_weight: float
    ) -> Terms:
        kl = rate(q, p)
        # A word below its free nats has no KL term. Which words are is told by samples of their
        # own, so that the weight does not depend on the samples that it weighs.
        costly = kl >= self.free_nats if self.free_nats else torch.ones_like(kl)
        weight = kl_weight * costly.to(kl.dtype)

        def f(z: Tensor) -> Tensor:
            log_ratio = p.log_prob(z) - q.frozen_log_prob(z)
            return self.model.decoder.log_prob(words, z) + weight * log_ratio

        estimate = self.estimator.estimate(q, f, self.samples)
        elbo = (estimate.value - (1 - weight) * kl).mean()
        return Terms(-estimate.surrogate.mean(), elbo, kl.mean(), -elbo - kl.mean())

    def _multi_sample(self, words: Tensor, q: Posterior, p: BitDistribution) -> Terms:
        estimate = self.estimator.estimate(
            q, lambda z: self.model.decoder.log_prob(words, z) + p.log_prob(z), self.samples
        )
        elbo = (estimate.value if estimate.elbo is None else estimate.elbo).mean()
        kl = rate(q, p).mean()
        return Terms(-estimate.surrogate.mean(), elbo, kl, -elbo - kl)

    def _free(self, kl_per_bit: Tensor) -> Tensor:
        """Reduce [B, K] to a scalar, constant where it is below the free nats."""
        if self.free_nats_per == "bit":
            return torch.clamp(kl_per_bit.mean(0), min=self.free_nats).sum()
        return torch.clamp(kl_per_bit.sum(-1), min=self.free_nats).mean()


@torch.no_grad()
def rate(q: Posterior, p: BitDistribution) -> Tensor:
    """Return KL(q ‖ p) in nats, [B]: exact, or from a few samples where it has no closed form."""
    kl_per_bit = exact_kl_per_bit(q, p)
    return sampled_kl(q, p, q.sample(RATE_SAMPLES)) if kl_per_bit is None else kl_per_bit.sum(-1)


def make_estimator(settings: Settings, features: int) -> tuple[Estimator, int]:
    """Return the estimator of `settings` and its S; with zero bits any will do, and one sample.

    Raises:
        UsageError: an unknown estimator, or one that does not fit the other settings.
    """
    if settings.bits == 0:
        return Reinforce(0, features), 1
    factorised = settings.posterior == "factorised"
    kind, samples = choose(settings.estimator, settings.samples, settings.bits, factorised)
    weighted = settings.kl_weight != 1 or settings.kl_annealing_epochs or settings.free_nats
    if kind.bound != "elbo" and (weighted or settings.kl == "analytic"):
        raise UsageError(
            f"the estimator {settings.estimator} optimises a bound of its own, in which the KL has "
            "no weight: give --kl-weight 1 --kl-annealing-epochs 0 --free-nats 0, and no --kl "
            "analytic"
        )
    per_bit = settings.free_nats and settings.free_nats_per == "bit"
    if kind.scales_gradient and (settings.kl == "analytic" or per_bit):
        raise UsageError(
            f"the estimator {settings.estimator} scales its gradient, so the KL must be sampled "
            "inside it: give no --kl analytic, and free nats per word only"
        )
    return kind(settings.bits, features), samples
