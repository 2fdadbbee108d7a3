"""REINFORCE with the leave-one-out baseline."""

from __future__ import annotations

from lexbits.bits import Posterior
from lexbits.estimators.base import Estimate, Estimator, Function


class Rloo(Estimator):
    """The score-function estimator whose baseline is the mean of a word's other samples.

    Estimates: ∇ E_q[f] by  1/(S−1) Σ_s (f(z_s) − f̄) ∇ log q(z_s) + 1/S Σ_s ∇f(z_s).
    With: z_s ~ q independent, f̄ their mean, f detached in the first term. Subtracting f̄, which
        holds the sample's own value, and dividing by S − 1 equals subtracting the mean of the
        others and dividing by S; dividing f − f̄ by S would shrink the gradient by 1 − 1/S.
    Requires: S ≥ 2.
    Reference: Kool, van Hoof and Welling (2019), Buy 4 REINFORCE samples, get a baseline for free!
        Equal to VarGrad: Richter et al. (2020).
    """

    summary = "score function minus the mean of the other samples (= VarGrad)"
    reference = "Kool et al. 2019; Richter et al. 2020"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    least_samples = 2

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        values = f(z)
        advantage = (values - values.mean(0)).detach()
        score = (advantage * q.log_prob(z)).sum(0) / (samples - 1)
        return Estimate(values.detach().mean(0), values.mean(0) + score)
