"""Bias and variance of an estimator on a toy: exact where its noise can be enumerated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.outcomes import EnumeratedNoise, NotEnumerableError
from lexbits.checking.toys import Toy, ToyFunction
from lexbits.checking.weighted import WeightedNoise
from lexbits.estimators import Estimator
from lexbits.estimators.settling import settle
from lexbits.results import Result

EXACT = 1e-9
"""Largest error of a mean over all outcomes, relative to the size of f."""
MOST_SIGMA = 4.5
"""Largest z-score of a mean over random draws."""
DRAWS, GROUPS = 100_000, 50
WARM_UP_BATCHES, WARM_UP_BATCH = 300, 64


@dataclass(frozen=True)
class Measurement(Result):
    """An estimator with S samples on a toy.

    Attributes:
        samples: S.
        evaluations: evaluations of f for one estimate.
        method: whether every outcome of the noise was weighted, or random draws were taken.
        unbiased: whether the mean gradients and the mean value are the exact ones.
        max_abs_bias: largest error of the mean gradient in q's logits.
        max_abs_bias_of_f: the same in the parameters of f.
        abs_bias_of_value: error of the mean value.
        total_variance: variance of the gradient in q's logits, summed over the bits.
        z_score: largest abs(mean error) / standard error of all these; None where enumerated.

    Examples:
        >>> from lexbits.checking import built_in_toys
        >>> from lexbits.estimators.rloo import Rloo
        >>> found = measure(Rloo(3, 3).double(), built_in_toys()[0], samples=2)
        >>> found.method, found.evaluations, found.max_abs_bias < 1e-9
        ('enumeration', 2, True)
    """

    samples: int
    evaluations: int
    method: Literal["enumeration", "sampling"]
    unbiased: bool
    max_abs_bias: float
    max_abs_bias_of_f: float
    abs_bias_of_value: float
    total_variance: float
    z_score: float | None


@dataclass(frozen=True)
class Draws:
    """N estimates.

    Attributes:
        weights: [N] what each counts for: its probability, or 1/N times its weight.
        of_phi: [N, K] gradients in the logits, the estimator's own scaling undone.
        values: [N] estimates of the objective.
        of_f: [G, P] mean gradients in f's parameters, flat, of each of G groups.
    """

    weights: Tensor
    of_phi: Tensor
    values: Tensor
    of_f: Tensor


def measure(estimator: Estimator, toy: Toy, samples: int) -> Measurement:
    """Measure bias and variance in the state that the estimator is in, which does not change.

    Every outcome of its noise is weighted with its probability if the noise is discrete and small
    enough; else a fixed number of random draws gives z-scores, with torch's global generator.

    Examples:
        >>> from lexbits.checking import built_in_toys
        >>> from lexbits.estimators.rloo import Rloo
        >>> measure(Rloo(3, 3).double(), built_in_toys()[0], samples=3).unbiased
        True
    """
    estimator.eval()
    f = toy.function()
    phi = toy.logits()
    objective = toy.objective(phi, f, estimator.bound, samples)
    of_phi, *of_f = torch.autograd.grad(objective, [phi, *f.parameters()])
    try:
        draws, enumerated = _all_outcomes(estimator, toy, f, samples), True
    except NotEnumerableError:
        draws, enumerated = _random_draws(estimator, toy, f, samples), False
    mean = draws.weights @ draws.of_phi
    errors = {
        "phi": mean - of_phi,
        "f": draws.of_f.mean(0) - torch.cat([g.flatten() for g in of_f]),
        # The wake phase has no scalar objective of its own: its value is not compared.
        "value": (draws.weights @ draws.values - objective.detach())[None],
    }
    if estimator.bound == "wake":
        errors["value"] = torch.zeros(1)
    largest = {name: float(error.abs().max()) for name, error in errors.items()}
    z_score = None
    if not enumerated:
        n = len(draws.weights)
        of_phi_and_value = torch.cat([draws.of_phi, draws.values[:, None]], 1)
        counted = n * draws.weights[:, None] * of_phi_and_value
        error = torch.cat([errors["phi"], errors["value"]])
        groups = draws.of_f.var(0) / len(draws.of_f)
        z_score = max(_z(error, counted.var(0) / n), _z(errors["f"], groups))
    size = max(1.0, float(draws.values.abs().max()))
    return Measurement(
        samples=samples,
        evaluations=_count_evaluations(estimator, toy, samples),
        method="enumeration" if enumerated else "sampling",
        unbiased=max(largest.values()) < EXACT * size if z_score is None else z_score < MOST_SIGMA,
        max_abs_bias=largest["phi"],
        max_abs_bias_of_f=largest["f"],
        abs_bias_of_value=largest["value"],
        total_variance=float((draws.weights @ (draws.of_phi - mean) ** 2).sum()),
        z_score=z_score,
    )


def warm_up(estimator: Estimator, toy: Toy, samples: int) -> Estimator:
    """Let averages and parameters of the estimator's own settle on the toy; return it."""
    q = FactorisedBernoulli(toy.logits().expand(WARM_UP_BATCH, -1))
    f = toy.function().requires_grad_(False)
    settle(
        estimator,
        lambda: -estimator.estimate(q, f, samples).surrogate.mean(),
        WARM_UP_BATCHES,
    )
    return estimator


def _all_outcomes(estimator: Estimator, toy: Toy, f: ToyFunction, samples: int) -> Draws:
    noise = EnumeratedNoise()
    phi = toy.logits().detach()
    estimator.estimate(FactorisedBernoulli(phi[None].requires_grad_(), noise=noise), f, samples)
    weights = noise.rewind().exp()
    rows = phi.expand(len(weights), -1).clone().requires_grad_()
    state = torch.get_rng_state()
    estimate = estimator.estimate(FactorisedBernoulli(rows, noise=noise), f, samples)
    if not torch.equal(state, torch.get_rng_state()):
        raise NotEnumerableError  # it draws elsewhere too
    (of_phi,) = gradients(estimate.surrogate, [rows], keep=True)
    of_f = _gradients_of_f((weights * estimate.surrogate).sum(), f)
    return Draws(weights, of_phi / estimator.scale, estimate.value.detach(), of_f[None])


def _random_draws(estimator: Estimator, toy: Toy, f: ToyFunction, samples: int) -> Draws:
    parts = []
    size = DRAWS // GROUPS
    for _ in range(GROUPS):
        noise = WeightedNoise(size)
        rows = toy.logits().detach().expand(size, -1).clone().requires_grad_()
        estimate = estimator.estimate(FactorisedBernoulli(rows, noise=noise), f, samples)
        weights = noise.log_weight.exp() / size
        (of_phi,) = gradients(estimate.surrogate, [rows], keep=True)
        of_f = _gradients_of_f((weights * estimate.surrogate).sum(), f)
        value = estimate.value.detach()
        parts.append((weights / GROUPS, of_phi / estimator.scale, value, of_f[None]))
    return Draws(*(torch.cat(part) for part in zip(*parts, strict=True)))


def _gradients_of_f(total: Tensor, f: ToyFunction) -> Tensor:
    return torch.cat([found.flatten() for found in gradients(total, list(f.parameters()))])


def gradients(surrogate: Tensor, of: list[Tensor], keep: bool = False) -> list[Tensor]:
    """Return the gradients of a surrogate's sum, zeros where it does not depend on a tensor.

    Args:
        surrogate: the surrogate.
        of: the tensors that it is differentiated by.
        keep: whether it is differentiated again.
    """
    found = dependence(surrogate, of, keep)
    return [torch.zeros_like(x) if g is None else g for x, g in zip(of, found, strict=True)]


def dependence(surrogate: Tensor, on: list[Tensor], keep: bool = False) -> Sequence[Tensor | None]:
    """Return the same gradients, None where a surrogate does not depend on a tensor."""
    if not surrogate.requires_grad:
        return [None] * len(on)
    found: Sequence[Tensor | None] = torch.autograd.grad(
        surrogate.sum(), on, retain_graph=keep, allow_unused=True
    )
    return found


def _z(errors: Tensor, variances: Tensor) -> float:
    """Return the largest |error| in standard errors; an error without variance counts fully."""
    scale = variances.sqrt().clamp_min(1e-12)
    return float((errors.abs() / scale).max())


def _count_evaluations(estimator: Estimator, toy: Toy, samples: int) -> int:
    f = toy.function()
    estimator.estimate(FactorisedBernoulli(toy.logits()[None]), f, samples)
    return f.evaluations
