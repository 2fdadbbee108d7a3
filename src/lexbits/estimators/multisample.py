"""Estimators for the importance-weighted bound of S samples, and reweighted wake-sleep.

f(z) = log p(x, z), w_s = exp f(z_s) / q(z_s), L = log 1/S Σ_s w_s, v_s = w_s / Σ w.
∇E[L] = E[Σ_s (L − v_s) ∇ log q(z_s) + v_s ∇f(z_s)], and L may be replaced by L minus anything that
does not depend on z_s.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lexbits.bits import Posterior
from lexbits.estimators.base import Estimate, Estimator, Function


class VimcoGeometric(Estimator):
    """The bound minus what it would be with a sample's weight replaced by the others' mean log.

    Estimates: ∇E[L] with the learning signal  L − log 1/S (Σ_{j≠s} w_j + exp mean_{j≠s} log w_j).
    With: z_s ~ q independent.
    Requires: S ≥ 2; f is the log joint.
    Reference: Mnih and Rezende (2016), Variational inference for Monte Carlo objectives.
    """

    summary = "importance-weighted bound, baseline from the geometric mean of the other weights"
    reference = "Mnih and Rezende 2016"
    bound = "iwae"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        w = Weights.draw(q, f, samples)
        total = w.log_w.detach().sum(0)
        replaced = (total - w.log_w.detach()) / (samples - 1)
        signal = w.bound - (torch.logaddexp(w.others, replaced) - math.log(samples))
        return w.estimate(signal - w.share)


class VimcoArithmetic(Estimator):
    """The bound minus that of the other samples alone.

    Estimates: ∇E[L] with the learning signal  L − log 1/(S−1) Σ_{j≠s} w_j.
    With: z_s ~ q independent: a leave-one-out baseline.
    Requires: S ≥ 2; f is the log joint.
    Reference: Mnih and Rezende (2016), Variational inference for Monte Carlo objectives.
    """

    summary = "importance-weighted bound, baseline from the arithmetic mean of the other weights"
    reference = "Mnih and Rezende 2016"
    bound = "iwae"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        w = Weights.draw(q, f, samples)
        return w.estimate(w.bound - (w.others - math.log(samples - 1)) - w.share)


class Ovis(Estimator):
    """VIMCO with the constant that keeps its signal above its noise for large S.

    Estimates: ∇E[L] with the learning signal and the pathwise share together
        L − v_s − [log 1/(S−1) Σ_{j≠s} w_j + log(1 − 1/S)] = −v_s − log(1 − v_s).
    With: z_s ~ q independent. For small shares this is v_s²/2, where VIMCO's is −1/S + v_s²/2:
        without that constant the signal-to-noise ratio grows as √S in place of falling as 1/√S.
        The bracket does not depend on z_s, so nothing is lost.
    Requires: S ≥ 2; f is the log joint.
    Reference: Liévin et al. (2020), Optimal variance control of the score-function gradient
        estimator for importance-weighted bounds, the asymptotic form with γ = 0.
    """

    summary = "importance-weighted bound, baseline that stays good for many samples"
    reference = "Liévin et al. 2020"
    bound = "iwae"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        w = Weights.draw(q, f, samples)
        rest = w.others - torch.logsumexp(w.log_w.detach(), 0)  # log(1 − v_s)
        return w.estimate(-rest - w.share)


class ReweightedWakeSleep(Estimator):
    """Wake-phase updates of both networks with the same self-normalised weights.

    Estimates: in q  ∇ −KL(p(z|x) ‖ q) by Σ_s v_s ∇ log q(z_s); in f  ∇ log p(x) by Σ_s v_s ∇f(z_s).
    With: z_s ~ q independent. Both are biased, as the weights are divided by their own sum; the
        bias vanishes as S grows.
    Requires: f is the log joint. With one sample q learns nothing.
    Reference: Bornschein and Bengio (2015), Reweighted wake-sleep; Le et al. (2020), Revisiting
        reweighted wake-sleep, for learning q from these weights alone.
    """

    summary = "both networks follow the importance weights; q learns from KL(p(z|x) ‖ q)"
    reference = "Bornschein and Bengio 2015; Le et al. 2020"
    bound = "wake"
    unbiased = False
    bias = "self-normalised weights; vanishes as S grows"
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        w = Weights.draw(q, f, samples)
        return w.estimate(w.share)


class Weights:
    """S importance weights of B words.

    Attributes:
        values: [S, B] f(z_s).
        log_q: [S, B] log q(z_s).
        log_w: [S, B] their difference, without gradient.
        bound: [B] L.
        share: [S, B] v_s.
        others: [S, B] log Σ_{j≠s} w_j.
    """

    def __init__(self, values: Tensor, log_q: Tensor) -> None:
        samples = len(values)
        self.values, self.log_q = values, log_q
        self.log_w = (values - log_q).detach()
        self.bound = torch.logsumexp(self.log_w, 0) - math.log(samples)
        self.share = torch.softmax(self.log_w, 0)
        itself = torch.eye(samples, dtype=torch.bool, device=values.device)[..., None]
        rows = self.log_w.expand(samples, *self.log_w.shape)
        # Summed afresh: subtracting a dominant weight from the sum would leave nothing.
        self.others = torch.logsumexp(rows.masked_fill(itself, -torch.inf), 1)

    @classmethod
    def draw(cls, q: Posterior, f: Function, samples: int) -> Weights:
        """Draw z_s ~ q and weigh them."""
        z = q.sample(samples)
        return cls(f(z), q.log_prob(z))

    def estimate(self, signal: Tensor) -> Estimate:
        """Return the estimate whose gradient is Σ_s signal_s ∇ log q(z_s) + v_s ∇f(z_s)."""
        surrogate = (signal.detach() * self.log_q + self.share * self.values).sum(0)
        ess = 1 / (self.share**2).sum(0)
        return Estimate(
            self.bound, surrogate, elbo=self.log_w.mean(0), diagnostics={"ess": ess.mean()}
        )
