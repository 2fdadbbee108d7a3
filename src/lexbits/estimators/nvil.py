"""The score-function estimator with a learned, input-dependent baseline."""

from __future__ import annotations

from torch import Tensor

from lexbits.bits import Posterior
from lexbits.estimators.base import (
    Estimate,
    Estimator,
    Function,
    RunningMean,
    silent_network,
)


class Nvil(Estimator):
    """The score-function estimator of neural variational inference and learning.

    Estimates: ∇ E_q[f] by  1/S Σ_s t_s ∇ log q(z_s) + ∇f(z_s),
        t_s = (f(z_s) − c) / max(1, sd) − b(x).
    With: c and sd running mean and standard deviation of the f of earlier batches; b a network of
        q's features (a summary of the word) that minimises t². All are independent of z_s. The
        division scales the gradient in the parameters of q; before it the estimate is unbiased.
    Requires: nothing of q; all of the objective in f, or the division would tip its balance.
    Reference: Mnih and Gregor (2014), Neural variational inference and learning in belief networks.
    """

    summary = "score function minus a learned baseline b(x), divided by max(1, sd)"
    reference = "Mnih and Gregor 2014"
    bound = "elbo"
    unbiased = True
    bias = "unbiased before the division by max(1, sd)"
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "S"
    scales_gradient = True

    def __init__(self, bits: int, features: int) -> None:
        super().__init__(bits, features)
        self.mean = RunningMean(decay=0.95)
        self.square = RunningMean(decay=0.95)
        self.baseline = silent_network(features)

    @property
    def scale(self) -> Tensor:
        """1 / max(1, sd)."""
        scale: Tensor = (self.square() - self.mean() ** 2).clamp_min(1.0).rsqrt()
        return scale

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        z = q.sample(samples)
        values = f(z)
        mean = self.mean()
        spread = 1 / self.scale
        target = (values.detach() - mean) / spread
        advantage = target - self.baseline(q.features.detach())[..., 0]
        surrogate = values + advantage.detach() * q.log_prob(z) - 0.5 * advantage**2
        if self.training:
            self.mean.update(values.mean())
            self.square.update((values.detach() ** 2).mean())
        return Estimate(
            values.detach().mean(0),
            surrogate.mean(0),
            diagnostics={"unexplained": advantage.detach().pow(2).mean(), "spread": spread},
        )
