"""The score-function estimator, with nothing or a running average subtracted."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits import Posterior
from lexbits.estimators.base import Estimate, Estimator, Function, RunningMean


class Reinforce(Estimator):
    """The plain score-function estimator.

    Estimates: ∇ E_q[f] by  1/S Σ_s f(z_s) ∇ log q(z_s) + ∇f(z_s).
    With: z_s ~ q, f detached in the first term. Its variance grows with the square of f's offset.
    Requires: nothing of q or f.
    Reference: Williams (1992), Simple statistical gradient-following algorithms for connectionist
        reinforcement learning.
    """

    summary = "score function, nothing subtracted"
    reference = "Williams 1992"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
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

    summary = "score function minus a running average of f"
    reference = "Williams 1992"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"

    def __init__(self, bits: int, features: int) -> None:
        super().__init__(bits, features)
        self.average = RunningMean(decay=0.95)

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        values = f(z)
        estimate = _score_function(q, z, values, self.average())
        if self.training:
            self.average.update(estimate.value.mean())
        return estimate


def _score_function(q: Posterior, z: Tensor, values: Tensor, baseline: Tensor) -> Estimate:
    advantage = values.detach() - baseline
    surrogate = (values + advantage * q.log_prob(z)).mean(0)
    diagnostics = {"baseline": torch.as_tensor(baseline)}
    return Estimate(values.detach().mean(0), surrogate, diagnostics=diagnostics)
