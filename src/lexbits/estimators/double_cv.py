"""Leave-one-out REINFORCE with a second control variate from f's gradient."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.estimators.base import Estimate, Estimator, Function, RunningMean, with_gradient


class DoubleControlVariates(Estimator):
    """Leave-one-out REINFORCE of f + α·(linear Taylor expansion of f).

    Estimates: ∂/∂φ E_q[f] by  RLOO[f_s + α d_s] − α ḡ π(1−π),  d_s = ḡ_{−s}·(z_s − π).
    With: g_s = ∂f/∂z at z_s, ḡ their mean, ḡ_{−s} the mean over the other samples. d_s has mean
        zero given the others, so it corrects the baseline of the other samples (the first control
        variate), and its own gradient is known, ḡ_{−s} π(1−π) (the second). α is the least-squares
        coefficient from earlier batches, so it is independent of z.
    Requires: a factorised q, f differentiable in z, S ≥ 2; a backward pass through f besides.
    Reference: Titsias and Shi (2022), Double control variates for gradient estimation in discrete
        latent variable models.
    """

    summary = "leave-one-out plus a linear Taylor control variate, its weight learned"
    reference = "Titsias and Shi 2022"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = True
    needs_differentiable_f = True
    cost = "S"
    least_samples = 2

    def __init__(self, bits: int, features: int) -> None:
        super().__init__(bits, features)
        self.regression = Regression()

    def _estimate(self, q: FactorisedBernoulli, f: Function, samples: int) -> Estimate:
        z = q.sample(samples).requires_grad_()
        values = f(z)
        (slopes,) = torch.autograd.grad(values.sum(), z, retain_graph=True)
        score = z.detach() - q.mean.detach()
        others = (slopes.sum(0) - slopes) / (samples - 1)
        plain = leave_one_out(values.detach(), score)
        linear = (others * score).sum(-1)
        variate = leave_one_out(linear, score) - slopes.mean(0) * q.variance.detach()
        alpha = self.regression()
        gradient = plain + alpha * variate
        if self.training:
            self.regression.update(plain, variate)
        return Estimate(
            values.detach().mean(0),
            values.mean(0) + with_gradient(q, gradient),
            diagnostics={"alpha": alpha},
        )


def leave_one_out(values: Tensor, score: Tensor) -> Tensor:
    """Return 1/(S−1) Σ_s (values_s − mean) score_s, [B, K], for values [S, B], score [S, B, K]."""
    return ((values - values.mean(0))[..., None] * score).sum(0) / (len(values) - 1)


class Regression(torch.nn.Module):
    """The coefficient α that minimises E|g + α c|² for a control variate c of mean zero.

    α = −E[g·c] / E[c·c], both averaged over earlier batches; 0 before the first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.product = RunningMean(decay=0.99)
        self.square = RunningMean(decay=0.99)

    def forward(self) -> Tensor:
        """Return α."""
        square = self.square()
        return -self.product() / square if square > 0 else torch.zeros_like(square)

    def update(self, gradient: Tensor, variate: Tensor) -> None:
        """Take in a batch of gradients and control variates, both [B, K]."""
        self.product.update((gradient * variate).sum(-1).mean())
        self.square.update((variate * variate).sum(-1).mean())
