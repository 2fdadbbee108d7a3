"""What is optimised: the negative ELBO or the bound of another estimator; a rate that is held."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor, nn

from lexbits.bits import (
    BitDistribution,
    FactorisedBernoulli,
    Posterior,
    exact_kl_per_bit,
    keyed_samples,
    sampled_kl,
)
from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.estimators import Estimator
from lexbits.estimators.choice import choose
from lexbits.estimators.own import described, is_own
from lexbits.estimators.reinforce import Reinforce
from lexbits.estimators.rloo import Rloo
from lexbits.model import LatentWordModel
from lexbits.processes import batch_mean

LARGEST_WEIGHT = 10.0
"""Of the KL, where a rate is held."""

RATE_SAMPLES = 8
"""Samples of q for a KL that has no closed form; they cost no evaluation of the decoder."""


class Terms(NamedTuple):
    """One batch: the loss to differentiate, and means in nats per word without gradient.

    Attributes:
        loss: scalar; its gradient estimates that of the training objective. Not an ELBO.
        elbo: E_q[log p(x|z)] − KL(q ‖ p), unclamped, at weight 1.
        rate: KL(q ‖ p), unclamped.
        distortion: −E_q[log p(x|z)].

    Examples:
        >>> from lexbits.config import Settings
        >>> objective = TrainingObjective(model.network, model.settings)
        >>> terms = objective(words, kl_weight=1.0)
        >>> bool(abs(terms.elbo + terms.rate + terms.distortion) < 1e-4)
        True
    """

    loss: Tensor
    elbo: Tensor
    rate: Tensor
    distortion: Tensor


class RateControl(nn.Module):
    """The weight w of the KL for the inference model, moved until the rate R is at its target.

    w ← w + η (R − target): gradient ascent in the multiplier of "the least distortion at this
    rate" (Alemi et al. 2018, Fixing a broken ELBO; the multiplier as in Rezende and Viola 2018,
    Taming VAEs). w = 1 is the ELBO, below 1 information is cheaper.

    w starts at zero, where information costs nothing, so that bits are learnt before they are
    charged for; it stays between 0 and 10.

    Args:
        target: the rate in nats.
        learning_rate: η, per step and nat.
    """

    weight: Tensor

    def __init__(self, target: float, learning_rate: float) -> None:
        super().__init__()
        self.target = target
        self.learning_rate = learning_rate
        self.register_buffer("weight", torch.zeros(()))

    @torch.no_grad()
    def update(self, rate: Tensor) -> None:
        """Move the weight after a batch whose mean rate is `rate`."""
        self.weight += self.learning_rate * (rate - self.target)
        self.weight.clamp_(0.0, LARGEST_WEIGHT)


class TrainingObjective(nn.Module):
    """The loss of a batch of words: −E_q[log p(x|z)] + w · KL(Q(z|x) ‖ P(z)), with free nats.

    The expectation is estimated by a plug-in estimator of E_q[f]. The KL is exact where posterior
    and prior have independent bits, with f = log p(x|z); else, or if asked for, it is inside:
    f = log p(x|z) + w (log p(z) − log q(z|x)), without gradient through log q, as that gradient is
    zero on average and only adds noise. An estimator of a multi-sample bound is given
    f = log p(x, z), and a KL of weight w − 1 is added.

    The weight is for the inference model: a prior with parameters always has the gradient of
    weight 1, so that P(z) follows the mean of Q(z|x), whatever holds Q back or lets it go.

    Free nats leave the KL below them without gradient: of each word's KL, or of each bit's KL
    averaged over the batch (Kingma et al. 2016, Improved variational inference with inverse
    autoregressive flow). They shape training only; the reported terms are never clamped.

    Args:
        model: holds prior, posterior and decoder.
        settings: estimator, samples, KL, free nats.

    Examples:
        >>> objective = TrainingObjective(model.network, model.settings)
        >>> objective(words, kl_weight=1.0).loss.backward()
    """

    def __init__(self, model: LatentWordModel, settings: Settings) -> None:
        super().__init__()
        self.model = model
        self.estimator, self.samples = make_estimator(settings, model.features)
        self.analytic_kl = settings.analytic_kl
        self.control = (
            RateControl(settings.rate_target, settings.rate_learning_rate)
            if settings.bits and settings.rate_target
            else None
        )
        self.free_nats = settings.free_nats if settings.bits else 0.0
        self.free_nats_per = settings.free_nats_per

    def forward(self, words: Tensor, kl_weight: float, targets: Tensor | None = None) -> Terms:
        """Return the terms for words [B, T] at KL weight w; a rate that is held has its own.

        With `targets` [B, T, V], for models without bits, the log-likelihood is its expectation
        over these distributions of each symbol.
        """
        if targets is not None:
            likelihood = self.model.decoder.expected_log_prob(words, targets).mean()
            elbo = likelihood.detach()
            return Terms(-likelihood, elbo, torch.zeros_like(elbo), -elbo)
        q, p = self.model.posterior(words), self.model.prior()
        weight = self.kl_weight(kl_weight)
        if self.estimator.bound != "elbo":
            terms = self._multi_sample(words, q, p, weight)
        else:
            exact = self.analytic_kl and not self.estimator.scales_gradient
            if (
                isinstance(q, FactorisedBernoulli)
                and isinstance(p, FactorisedBernoulli)
                and (exact or not q.bits)
            ):
                terms = self._with_exact_kl(words, q, p, weight)
            else:
                terms = self._with_sampled_kl(words, q, p, weight)
        if self.control is not None and self.training:
            self.control.update(batch_mean(terms.rate))
        return terms

    def kl_weight(self, scheduled: float) -> float:
        """Return the weight of the KL: what the schedule says, or what holds the rate."""
        return scheduled if self.control is None else float(self.control.weight)

    def _with_exact_kl(
        self, words: Tensor, q: FactorisedBernoulli, p: FactorisedBernoulli, weight: float
    ) -> Terms:
        likelihood = partial(self.model.decoder.log_prob, words)
        estimate = self.estimator.estimate(q, likelihood, self.samples)
        if self.free_nats:
            with torch.no_grad():
                weights = weight * self._costly(q.kl_per_bit(p))
        else:
            weights = q.logits.new_tensor(weight)
        kl = weighted_kl_per_bit(q, p, weights).sum(-1).mean()
        rate = kl.detach()
        distortion = -estimate.value.mean()
        loss = kl - estimate.surrogate.mean()
        return Terms(loss, -distortion - rate, rate, distortion)

    def _with_sampled_kl(
        self, words: Tensor, q: Posterior, p: BitDistribution, kl_weight: float
    ) -> Terms:
        kl = rate(q, p)
        # A word below its free nats has no KL term. Which words are is decided by samples of their
        # own, so that the weight does not depend on the samples that it weighs.
        costly = self._costly(kl[:, None])[:, 0] if self.free_nats else torch.ones_like(kl)
        weight = kl_weight * costly
        likelihood = partial(self.model.decoder.log_prob, words)

        def f(z: Tensor) -> Tensor:
            log_prior = p.log_prob(with_weighted_gradient(z, weight[:, None]))
            log_q = q.frozen_log_prob(z)
            return likelihood(z) + log_prior + (weight - 1) * log_prior.detach() - weight * log_q

        estimate = self.estimator.estimate(q, f, self.samples)
        elbo = (estimate.value - (1 - weight) * kl).mean()
        return Terms(-estimate.surrogate.mean(), elbo, kl.mean(), -elbo - kl.mean())

    def _multi_sample(
        self, words: Tensor, q: Posterior, p: BitDistribution, weight: float
    ) -> Terms:
        estimate = self.estimator.estimate(
            q, lambda z: self.model.decoder.log_prob(words, z) + p.log_prob(z), self.samples
        )
        elbo = (estimate.value if estimate.elbo is None else estimate.elbo).mean()
        loss = -estimate.surrogate.mean()
        if weight != 1:
            # The bound holds the KL at weight 1: the encoder gets what is missing to w.
            log_ratio = Rloo(q.bits, 0).estimate(
                q, lambda z: p.log_prob(z).detach() - q.frozen_log_prob(z), RATE_SAMPLES
            )
            loss = loss - (weight - 1) * log_ratio.surrogate.mean()
        kl = rate(q, p).mean()
        return Terms(loss, elbo, kl, -elbo - kl)

    def _costly(self, kl_per_bit: Tensor) -> Tensor:
        """Return 1 where the KL costs something, 0 below the free nats: [B, 1] or [K]."""
        if self.free_nats_per == "bit":
            return (batch_mean(kl_per_bit.mean(0)) >= self.free_nats).to(kl_per_bit.dtype)
        return (kl_per_bit.sum(-1, keepdim=True) >= self.free_nats).to(kl_per_bit.dtype)


def weighted_kl_per_bit(q: FactorisedBernoulli, p: FactorisedBernoulli, weight: Tensor) -> Tensor:
    """Return KL(q ‖ p), [B, K], whose gradient in q's parameters is weighted and that in p's not.

    For weights [B, K], or of a shape that broadcasts to it.
    """
    return FactorisedBernoulli(with_weighted_gradient(q.logits, weight)).kl_per_bit(p)


def with_weighted_gradient(values: Tensor, weight: Tensor) -> Tensor:
    """Return `values`, with gradients multiplied by `weight`."""
    fixed = values.detach()
    return fixed + weight * (values - fixed)


@torch.no_grad()
def rate(q: Posterior, p: BitDistribution, keys: Tensor | None = None) -> Tensor:
    """Return KL(q ‖ p) in nats, [B]: exact, or from a few samples where it has no closed form.

    The noise of these is that of the words' keys [B], or without them torch's own.

    Examples:
        >>> rate(model.network.posterior(words), model.network.prior()).shape
        torch.Size([2])
    """
    kl_per_bit = exact_kl_per_bit(q, p)
    if kl_per_bit is not None:
        return kl_per_bit.sum(-1)
    z = q.sample(RATE_SAMPLES) if keys is None else keyed_samples(q, keys, RATE_SAMPLES)
    return sampled_kl(q, p, z)


def make_estimator(settings: Settings, features: int) -> tuple[Estimator, int]:
    """Return the estimator of `settings` and its S; with zero bits any will do, and one sample.

    Raises:
        UsageError: an unknown estimator, or one that does not fit the other settings.

    Examples:
        >>> from lexbits.config import Settings
        >>> estimator, samples = make_estimator(Settings(estimator="disarm", samples=4), features=8)
        >>> type(estimator).__name__, samples
        ('Disarm', 4)
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
    try:
        return kind(settings.bits, features), samples
    except Exception as error:
        if not is_own(settings.estimator):
            raise
        raise UsageError(
            f"the estimator {settings.estimator}: expected a class that is made with bits and "
            f"features, found {described(error)}"
        ) from error
