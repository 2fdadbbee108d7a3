"""Storchastic: its gradient estimation methods, with the draws as an independent plate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from libraries.toys import SEED, Case, Estimates, Foreign, Library, Toy, Toys, mean_gradient

WARM_UP = 200
POINTS = 100  # of the integration of the unordered set: the result is the same as with 1000

MOVING = (
    "baseline.py:30-34 mixes the present cost into the average (weight 0.05) before subtracting "
    "it: with one draw a step the gradient shrinks by 5 %"
)
DISARM = (
    "arm.py:111 never registers the weighting function of lines 131-138 (ARM registers its own), "
    "and lines 172-175 return the antithetic cost, not (1 - magic_box) times it, so it is added, "
    "not subtracted; with both mended the mean agrees"
)
CONDITIONAL = (
    "storch.py:289 draws z given b from log p + log1p(p) + log v + log1p(v) in place of "
    "log p - log1p(-p) + log v - log1p(-v), not the conditional distribution; mended, the mean "
    "agrees"
)
WITHOUT = (
    "multi_sample_reinforce.py:65, 70, 75 return the whole surrogate, costs included, and "
    "inference.py:202 multiplies by the cost again; swor.py:66 starts from the maximum 0 in place "
    "of a Gumbel draw, for which the importance weights do not hold; with both mended the unbiased "
    "variants agree"
)
NORMALISED = WITHOUT + " (this variant, the default, is biased by design besides)"
UNORDERED = (
    "unordered_set.py:102: the leave-two-out term subtracts terms[s] twice ([..., None, :] where "
    "[..., None, :, :] is meant), and unordered.py:73 sums the baseline over the wrong axis; with "
    "both mended the mean agrees"
)
NO_BASELINE = "unordered.py:69 returns one tensor where a pair is expected"

BATCH_AVERAGE = {"baseline_factory": "batch_average"}
BARE = {"use_baseline": False, "num_int_points": POINTS}
PLAIN = {"biased": False, "use_baseline": False}


def cases(toys: Toys, draws: int) -> Iterator[Case]:
    """Yield Storchastic's estimators of E[f]."""
    method = import_module("storch.method")
    toy, exact = toys.single, mean_gradient(toys.single)
    options: dict[str, Any]
    for name, samples, build, options, why in (
        ("ScoreFunction", 1, method.ScoreFunction, {}, ""),
        ("ScoreFunction, batch average", 2, method.ScoreFunction, BATCH_AVERAGE, ""),
        ("ScoreFunction, batch average", 4, method.ScoreFunction, BATCH_AVERAGE, ""),
        ("ARM", 1, method.ARM, {}, ""),
        ("DisARM", 1, method.DisARM, {}, DISARM),
        ("REBAR", 1, method.REBAR, {}, CONDITIONAL),
        ("RELAX, its own network", 1, method.RELAX, {"in_dim": len(toy.phi)}, CONDITIONAL),
    ):
        make = partial(build, "z", n_samples=samples, **options)
        yield Case(name, partial(estimate, toy, draws, make), exact, samples, why=why)
    yield Case("RELAX, c = f", partial(relax_with_f, toy, draws), exact, why=CONDITIONAL)
    for name, build, options, why in (
        ("ScoreFunctionWOR, biased=False", method.ScoreFunctionWOR, {"biased": False}, WITHOUT),
        ("ScoreFunctionWOR, no baseline", method.ScoreFunctionWOR, PLAIN, WITHOUT),
        ("ScoreFunctionWOR, default", method.ScoreFunctionWOR, {}, NORMALISED),
        ("UnorderedSet", method.UnorderedSetEstimator, {"num_int_points": POINTS}, UNORDERED),
        (
            "UnorderedSet, no baseline",
            method.UnorderedSetEstimator,
            BARE,
            NO_BASELINE,
        ),
    ):
        make = partial(build, "z", 4, **options)
        yield Case(name, partial(estimate, toy, draws, make), exact, 4, why=why)
    make = partial(method.Expect, "z")
    yield Case("Expect", partial(estimate, toy, draws, make), exact, enumerates=True)
    yield Case("ScoreFunction, moving average", partial(one_by_one, toy, draws), exact, why=MOVING)


def start(toy: Toy) -> tuple[Any, Any]:
    """Forget the last graph, set the seed, return f with and without Storchastic's wrapping."""
    torch, storch = import_module("torch"), import_module("storch")
    storch.reset()
    torch.manual_seed(SEED)
    torch.set_default_dtype(torch.float64)
    f = toy.function(torch.tensor, torch.tanh)
    return f, storch.deterministic(lambda z: f(z.double()))


def estimate(toy: Toy, draws: int, make: Foreign) -> Estimates:
    """Draw gradients in one backward pass."""
    f, wrapped = start(toy)
    gradients = backward(toy, draws, make(), wrapped)
    return Estimates(gradients, f.codes / draws)


def relax_with_f(toy: Toy, draws: int) -> Estimates:
    """RELAX whose control variate is f of the relaxed sample, a strong one."""
    f, wrapped = start(toy)
    relax = import_module("storch.method").RELAX("z", c_phi=wrapped)
    return Estimates(backward(toy, draws, relax, wrapped), f.codes / draws)


def one_by_one(toy: Toy, draws: int) -> Estimates:
    """A moving average learns from step to step: one draw a step, after a warm-up."""
    f, wrapped = start(toy)
    score = import_module("storch.method").ScoreFunction("z", baseline_factory="moving_average")
    for _ in range(WARM_UP):
        backward(toy, 1, score, wrapped)
    f.codes = 0
    gradients = np.concatenate([backward(toy, 1, score, wrapped) for _ in range(draws)])
    return Estimates(gradients, f.codes / draws)


def backward(toy: Toy, draws: int, method: Foreign, f: Foreign) -> Foreign:
    """Return one gradient for each draw; the library averages over the plate of draws."""
    torch, storch = import_module("torch"), import_module("storch")
    phi = torch.tensor(toy.phi).expand(draws, -1).clone().requires_grad_()
    logits = storch.denote_independent(phi, 0, "draws") if draws > 1 else phi[0]
    storch.add_cost(f(method(torch.distributions.Bernoulli(logits=logits))), "f")
    storch.backward()
    return phi.grad.detach().numpy() * draws


LIBRARY = Library("storchastic", "storch", "pip install torch storchastic", cases)
