"""Gradient estimators side by side on a model and words: variance, direction, time.

All are given the same budget of decoder evaluations for each word, and are measured by the gradient
of the inference network for one batch, at KL weight 1, without free nats and dropout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from lexbits.accelerators import now
from lexbits.config import Settings
from lexbits.data import Say
from lexbits.errors import UsageError
from lexbits.estimators import Estimator
from lexbits.estimators.registry import find
from lexbits.estimators.settling import settle
from lexbits.likelihood.exact_gradient import exact_gradient
from lexbits.model import LatentWordModel
from lexbits.objective import TrainingObjective
from lexbits.results import Result

WARM_UP_STEPS = 100
TIMED_ROUNDS = 5
TINY = 1e-30
AVERAGED = {"elbo": ("rloo", 32, 100), "iwae": ("vimco", 0, 300), "wake": ("rws", 256, 20)}
"""Where a reference is not exact: estimator, samples (0: as many as what is compared), repeats."""


@dataclass(frozen=True)
class Comparison(Result):
    """An estimator on a batch of words; gradients of the mean over the words, in nats.

    Attributes:
        estimator: its name.
        bound: what it estimates; estimators of different bounds have different gradients.
        unbiased: whether it says it is unbiased.
        samples: S.
        evaluations: of the decoder, for each word.
        variance: of the gradient, summed over the parameters of the inference network.
        signal_to_noise: norm of the mean gradient / standard deviation (root of `variance`).
        cosine: mean cosine of one estimate to the reference gradient of its bound.
        relative_bias: norm of (mean − reference) / norm of the reference.
        bias_noise: what `relative_bias` would be on average for an unbiased estimator, as the mean
            is over finitely many.
        reference: "exact", or what it is an average of.
        variance_times_evaluations: the variance of one evaluation's worth of gradient.
        milliseconds: median time of an estimate with its backward pass through all parameters.
        variance_times_seconds: the variance of one second's worth of gradient.
    """

    estimator: str
    bound: str
    unbiased: bool
    samples: int
    evaluations: int
    variance: float
    signal_to_noise: float
    cosine: float
    relative_bias: float
    bias_noise: float
    reference: str
    variance_times_evaluations: float
    milliseconds: float
    variance_times_seconds: float


@dataclass(frozen=True)
class Moments:
    """Mean [P], total variance, and mean cosine to a reference, of repeated gradients."""

    mean: Tensor
    variance: float
    cosine: float


def plan(
    kinds: dict[str, type[Estimator]], settings: Settings, budget: int
) -> tuple[dict[str, int], dict[str, str]]:
    """Return S for each estimator that the budget, the posterior and the bits allow, and why not.

    The second dictionary gives the reason for each estimator that is left out.
    """
    chosen: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for name, kind in kinds.items():
        samples = kind.samples_within(budget, settings.bits)
        least = min((s for s in range(1, 9) if kind.legal(s)), default=1)
        reason = kind.misfit(settings.bits, settings.posterior == "factorised")
        if reason is not None:
            reasons[name] = reason
        elif not samples:
            needed = kind.evaluations(least, settings.bits)
            reasons[name] = f"needs {needed:,} evaluations, the budget is {budget}"
        else:
            chosen[name] = samples
    return chosen, reasons


def compare(
    model: LatentWordModel,
    settings: Settings,
    words: Tensor,
    kinds: dict[str, type[Estimator]],
    samples: dict[str, int],
    repeats: int,
    exact_limit: int,
    progress: Say | None = None,
) -> list[Comparison]:
    """Measure estimators on words [B, T]; noise comes from torch's global generator.

    Estimators that learn are let settle on the batch first, then held still.

    Args:
        model: the model; it does not change.
        settings: those that it was trained with.
        words: the batch.
        kinds: the estimators by name.
        samples: S for each that is to be measured.
        repeats: estimates for each.
        exact_limit: most bits for which the ELBO's reference gradient is summed over all codes.
        progress: called with what is being done.

    Raises:
        UsageError: the model has no bits.
    """
    if model.bits == 0:
        raise UsageError("this model has no bits (bits = 0): there is nothing to estimate")
    model.eval()
    say = progress or (lambda _: None)
    inference = _inference_parameters(model)
    references: dict[tuple[str, int], tuple[Tensor, str]] = {}
    objectives: dict[str, TrainingObjective] = {}
    moments: dict[str, tuple[Moments, Tensor, str]] = {}
    for name, s in samples.items():
        estimator = kinds[name](model.bits, model.features).to(model.prior_logits)
        objective = objectives[name] = _objective(model, settings, estimator, s).eval()
        settle(estimator, partial(_loss, objective, words), WARM_UP_STEPS)
        key = (kinds[name].bound, s if AVERAGED[kinds[name].bound][1] == 0 else 0)
        if key not in references:
            say(f"the reference gradient ({key[0]})")
            references[key] = _reference(model, settings, words, key, exact_limit, inference)
        reference, origin = references[key]
        say(name)
        found = _moments(objective, words, inference, repeats, reference)
        moments[name] = found, reference, origin
    say("times")
    seconds = _times(objectives, words)
    results = []
    for name, (found, reference, origin) in moments.items():
        evaluations = kinds[name].evaluations(samples[name], model.bits)
        size = max(float(reference.norm()), TINY)
        results.append(
            Comparison(
                estimator=name,
                bound=kinds[name].bound,
                unbiased=kinds[name].unbiased,
                samples=samples[name],
                evaluations=evaluations,
                variance=found.variance,
                signal_to_noise=float(found.mean.norm()) / max(found.variance, TINY) ** 0.5,
                cosine=found.cosine,
                relative_bias=float((found.mean - reference).norm()) / size,
                bias_noise=(found.variance / repeats) ** 0.5 / size,
                reference=origin,
                variance_times_evaluations=found.variance * evaluations,
                milliseconds=1e3 * seconds[name],
                variance_times_seconds=found.variance * seconds[name],
            )
        )
    return results


def gradient_variance(
    model: LatentWordModel, settings: Settings, words: Tensor, objective: TrainingObjective,
    repeats: int,
) -> float:  # fmt: skip
    """Return the total variance of the inference network's gradient for words [B, T].

    As `compare` measures it, in the state that the objective's estimator is in.
    """
    training = objective.training
    measured = _objective(model, settings, objective.estimator, objective.samples).eval()
    found = _moments(measured, words, _inference_parameters(model), repeats, None)
    objective.train(training)
    return found.variance


def _objective(
    model: LatentWordModel, settings: Settings, estimator: Estimator, samples: int
) -> TrainingObjective:
    """Return the objective at KL weight 1, without free nats, with this estimator."""
    plain = {
        "free_nats": 0.0,
        "kl_weight": 1.0,
        "kl_annealing_epochs": 0.0,
        "rate_target": 0.0,
        "estimator": "auto",
    }
    objective = TrainingObjective(model, settings.model_copy(update=plain))
    objective.estimator, objective.samples = estimator, samples
    return objective


def _loss(objective: TrainingObjective, words: Tensor) -> Tensor:
    loss: Tensor = objective(words, 1.0).loss
    return loss


def _inference_parameters(model: LatentWordModel) -> list[nn.Parameter]:
    modules = [module for module in (model.encoder, model.conditioner) if module is not None]
    return [p for module in modules for p in module.parameters() if p.requires_grad]


def _reference(
    model: LatentWordModel,
    settings: Settings,
    words: Tensor,
    key: tuple[str, int],
    exact_limit: int,
    inference: list[nn.Parameter],
) -> tuple[Tensor, str]:
    """Return the gradient [P] of the loss of a bound, and where it comes from."""
    bound, samples = key
    if bound == "elbo" and model.bits <= exact_limit:
        names = {id(p): name for name, p in model.named_parameters()}
        gradients = exact_gradient(model, words, "elbo", exact_limit)
        return -torch.cat([gradients[names[id(p)]].flatten() for p in inference]), "exact"
    name, fixed, repeats = AVERAGED[bound]
    samples = samples or fixed
    estimator = find(name)(model.bits, model.features).to(model.prior_logits)
    objective = _objective(model, settings, estimator, samples).eval()
    mean = _moments(objective, words, inference, repeats, None).mean
    return mean, f"mean of {repeats} x {name} with {samples} samples"


def _moments(
    objective: TrainingObjective,
    words: Tensor,
    inference: list[nn.Parameter],
    repeats: int,
    reference: Tensor | None,
) -> Moments:
    """Return the moments of `repeats` gradients, kept as running sums."""
    size = sum(p.numel() for p in inference)
    mean, squares = inference[0].new_zeros(size), inference[0].new_zeros(size)
    cosine = 0.0
    for n in range(1, repeats + 1):
        found = torch.autograd.grad(
            objective(words, 1.0).loss, inference, allow_unused=True, materialize_grads=True
        )
        gradient = torch.cat([part.flatten() for part in found]) / objective.estimator.scale
        delta = gradient - mean  # Welford (1962): no difference of large numbers
        mean = mean + delta / n
        squares = squares + delta * (gradient - mean)
        if reference is not None:
            cosine += float(torch.cosine_similarity(gradient, reference, dim=0)) / repeats
    return Moments(mean, float(squares.sum()) / max(1, repeats - 1), cosine)


def _times(objectives: dict[str, TrainingObjective], words: Tensor) -> dict[str, float]:
    """Return the median seconds of a forward and backward pass of each, in alternating rounds."""
    taken: dict[str, list[float]] = {name: [] for name in objectives}
    for _ in range(TIMED_ROUNDS):
        for name, objective in objectives.items():
            began = now(words.device)
            objective(words, 1.0).loss.backward()
            taken[name].append(now(words.device) - began)
            objective.zero_grad()
    return {name: sorted(seconds)[len(seconds) // 2] for name, seconds in taken.items()}
