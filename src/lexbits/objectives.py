"""What is optimised: the negative ELBO."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from lexbits.config import Settings
from lexbits.estimators import ESTIMATORS, Estimator
from lexbits.model import LatentWordModel


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


class NegativeElbo(nn.Module):
    """−E_q[log p(x|z)] + w · KL(Q(z|x) ‖ P(z)), with free nats, for a batch of words.

    The expectation is estimated by a plug-in estimator; the KL of a factorised posterior is exact.
    Free nats leave the KL below them without gradient: of each word's KL, or of each bit's KL
    averaged over the batch (Kingma et al. 2016, Improved variational inference with inverse
    autoregressive flow). They shape training only; the reported terms are never clamped.

    Args:
        model: holds prior, posterior and decoder.
        settings: estimator, samples, free nats.
    """

    def __init__(self, model: LatentWordModel, settings: Settings) -> None:
        super().__init__()
        self.model = model
        self.estimator = make_estimator(settings)
        self.samples = settings.samples if settings.bits else 1
        self.free_nats = settings.free_nats if settings.bits else 0.0
        self.free_nats_per = settings.free_nats_per

    def forward(self, words: Tensor, kl_weight: float) -> Terms:
        """Return the terms for words [B, T] at KL weight w."""
        q = self.model.posterior(words)
        estimate = self.estimator.estimate(
            q, lambda z: self.model.decoder.log_prob(words, z), self.samples
        )
        kl_per_bit = q.kl_per_bit(self.model.prior())
        loss = kl_weight * self._free(kl_per_bit) - estimate.surrogate.mean()
        rate = kl_per_bit.detach().sum(-1).mean()
        distortion = -estimate.value.mean()
        return Terms(loss, -distortion - rate, rate, distortion)

    def _free(self, kl_per_bit: Tensor) -> Tensor:
        """Reduce [B, K] to a scalar, constant where it is below the free nats."""
        if self.free_nats_per == "bit":
            return torch.clamp(kl_per_bit.mean(0), min=self.free_nats).sum()
        return torch.clamp(kl_per_bit.sum(-1), min=self.free_nats).mean()


def make_estimator(settings: Settings) -> Estimator:
    """Return the estimator of `settings`; with zero bits any will do, and one sample."""
    return ESTIMATORS[settings.estimator if settings.bits else "reinforce"]()
