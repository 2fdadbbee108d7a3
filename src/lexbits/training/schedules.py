"""Settings that change over training, each a function of the step alone: nothing to save."""

from __future__ import annotations

import math

from lexbits.config import Settings

WARM_UP = 0.2
"""Share of all steps in which the one-cycle schedule climbs to its peak."""


def learning_rate(settings: Settings, step: int, steps: int) -> float:
    """Return the learning rate of `step` (from 0) of `steps` in a leg of a training.

    A later leg begins anew, a warm restart (Loshchilov and Hutter 2017, SGDR).

    constant; cosine: half a cosine from the peak to zero; onecycle: linear climb from a 25th of the
    peak, then half a cosine to zero (Smith and Topin 2017, Super-convergence, in its common form).
    """
    peak, done = settings.learning_rate, step / steps
    if settings.schedule == "constant":
        return peak
    if settings.schedule == "cosine":
        return peak * _half_cosine(done, settings.final_learning_rate)
    if done < WARM_UP:
        return peak * (1 + 24 * done / WARM_UP) / 25
    return peak * _half_cosine((done - WARM_UP) / (1 - WARM_UP), settings.final_learning_rate)


def kl_weight(settings: Settings, step: int, steps_per_epoch: int) -> float:
    """Return the weight of the KL term at `step`: linear from 0 to its final value."""
    annealing = settings.kl_annealing_epochs * steps_per_epoch
    return settings.kl_weight * (min(1.0, step / annealing) if annealing else 1.0)


def _half_cosine(done: float, final: float) -> float:
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * done))
