"""The score-function estimator, with nothing or a running average subtracted."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits import Bernoullis
from lexbits.estimators.base import Estimate, Estimator, Function


class Reinforce(Estimator):
    """The plain score-function estimator.

    Estimates: ∇ E_q[f] by  1/S Σ_s f(z_s) ∇ log q(z_s) + ∇f(z_s).
    With: z_s ~ q, f detached in the first term. Its variance grows with the square of f's offset.
    Requires: nothing of q or f.
    Reference: Williams (1992), Simple statistical gradient-following algorithms for connectionist
        reinforcement learning.
    """

    unbiased = True

    def _estimate(self, q: Bernoullis, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        values = f(z)
        return _score_function(q, z, values, values.new_zeros(()))


class AverageReinforce(Estimator):
    """The score-function estimator with a running average of f as its baseline.

    Estimates: ∇ E_q[f] by  1/S Σ_s (f(z_s) − c) ∇ log q(z_s) + ∇f(z_s).
    With: c an exponential average of the f of earlier batches only, so it is independent of z_s and
        the estimate stays unbiased; divided by 1 − decayⁿ, as it starts from zero.
    Requires: nothing of q or f. The first batch has no baseline.
    Reference: Williams (1992); Mnih and Gregor (2014), Neural variational inference and learning in
        belief networks, for the average over batches.
    """

    unbiased = True
    decay = 0.95
    total: Tensor
    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("total", torch.zeros(()))
        self.register_buffer("weight", torch.zeros(()))

    def _estimate(self, q: Bernoullis, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        values = f(z)
        baseline = self.total / self.weight if self.weight > 0 else torch.zeros_like(self.total)
        estimate = _score_function(q, z, values, baseline)
        if self.training:
            self.total.lerp_(estimate.value.mean().to(self.total.dtype), 1 - self.decay)
            self.weight.lerp_(torch.ones_like(self.weight), 1 - self.decay)
        return estimate


def _score_function(q: Bernoullis, z: Tensor, values: Tensor, baseline: Tensor) -> Estimate:
    advantage = values.detach() - baseline
    surrogate = (values + advantage * q.log_prob(z)).mean(0)
    return Estimate(values.detach().mean(0), surrogate, {"baseline": baseline})
