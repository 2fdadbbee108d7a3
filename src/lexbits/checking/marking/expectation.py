"""What a function gives on average over its noise: its value, and its gradients.

Every outcome of the noise is weighted with its probability. Where a function treats each word
alone, the outcomes stand side by side, in the places of words; where it does not, they come one
after another; and noise from elsewhere than q is drawn at random, which leaves a standard error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lexbits.bits.noise import RANDOM
from lexbits.checking.marking.guarded import generators, generators_of_our_own
from lexbits.checking.marking.noise import NotSideBySideError, OneByOne, SideBySide
from lexbits.checking.marking.world import Given, World
from lexbits.checking.outcomes import NotEnumerableError

ROUNDING = 1e-6
"""Largest error of a mean over all outcomes, relative to the size of what is averaged: a constant
of the reader's in single precision is no mistake."""
MOST_SIGMA = 4.5
DRAWS, GROUPS = 40_000, 40

VALUE, OF_Q, OF_F, OF_PRIOR = "value", "gradient in q", "gradient in f", "gradient in the prior"

Call = Callable[[Given, int], Tensor]
"""A function of the reader's or of ours, called with what it asks for: -> [B]."""


@dataclass(frozen=True)
class Expectation:
    """The means of a function with S samples, and their standard errors where noise was drawn.

    Attributes:
        samples: S.
        means: by name, each flat: the value of each word [W], and the gradients.
        errors: standard errors of the means, of the same shapes; zeros where all is weighed.
        exact: whether all outcomes were weighed.
        sizes: by name, how large the numbers are that were averaged.
        weights: [W, N] the probability of each outcome, where they stood side by side; else empty.
        of_q: [W, N, K] the gradient in q's logits with each outcome; else empty.
    """

    samples: int
    means: dict[str, Tensor]
    errors: dict[str, Tensor]
    exact: bool
    sizes: dict[str, float]
    weights: Tensor
    of_q: Tensor

    @property
    def variance(self) -> float | None:
        """Of the gradient in q's logits, summed over bits, mean over words; None if not known."""
        if not self.of_q.numel():
            return None
        mean = (self.weights[..., None] * self.of_q).sum(1, keepdim=True)
        spread = (self.weights[..., None] * (self.of_q - mean) ** 2).sum((1, 2))
        return float(spread.mean())

    def off(self, name: str, other: Tensor) -> float:
        """Return how far a mean lies from another, in units of the largest error allowed."""
        error = (self.means[name] - other).abs()
        if not bool(error.isfinite().all()):
            return float("inf")
        if self.exact:
            return float(error.max()) / (ROUNDING * self.sizes[name])
        allowed = MOST_SIGMA * self.errors[name] + ROUNDING * self.sizes[name]
        return float((error / allowed).max())


def expectation(call: Call, world: World, samples: int) -> Expectation:
    """Return the means of a function over all its noise, for every word of a world.

    Raises:
        NotEnumerableError: there are too many outcomes, and they come from q.
    """
    if world.together:
        return one_by_one(call, world, samples)
    try:
        return side_by_side(call, world, samples)
    except NotSideBySideError:
        return one_by_one(call, world, samples)
    except _NoiseElsewhereError:
        return at_random(call, world, samples)


class _NoiseElsewhereError(Exception):
    """A function draws its noise elsewhere than from q."""


def side_by_side(call: Call, world: World, samples: int) -> Expectation:
    """Return the means of a function that treats each word alone."""
    noise = SideBySide()
    words = torch.arange(world.words)
    state = generators()
    try:
        call(world.given(words, noise), samples)
        elsewhere = state != generators()
        weights = noise.prepare()
    except NotEnumerableError:
        if noise.noted:
            raise
        raise _NoiseElsewhereError from None
    if elsewhere:
        raise _NoiseElsewhereError
    count = weights.shape[1]
    weights = weights.expand(world.words, count)
    given = world.given(words.repeat_interleave(count), noise)
    out = call(given, samples)
    of_q, of_rest = _gradients(out, weights.flatten(), given)
    of_q = of_q.reshape(world.words, count, -1)
    values = out.detach().reshape(world.words, count)
    means = {
        VALUE: (weights * values).sum(1),
        OF_Q: (weights[..., None] * of_q).sum(1).flatten(),
        **of_rest,
    }
    largest = {VALUE: float(values.abs().max()), OF_Q: float(of_q.abs().max())}
    return _exactly(samples, means, largest, weights, of_q)


def one_by_one(call: Call, world: World, samples: int) -> Expectation:
    """Return the means of a function of a batch, called once for each outcome.

    The words are one batch, with all combinations of their outcomes, if they are to be given
    together; else each is a batch.
    """
    every = torch.arange(world.words)
    largest: dict[str, float] = {}
    means = []
    for words in [every] if world.together else every[:, None]:
        noise = OneByOne()
        call(world.given(words, noise), samples)
        parts: dict[str, Tensor] = {}
        for probability in noise.runs():
            given = world.given(words, noise)
            out = call(given, samples)
            of_q, of_rest = _gradients(out, torch.ones(len(words)).double(), given)
            found = {VALUE: out.detach(), OF_Q: of_q.flatten(), **of_rest}
            for name, part in found.items():
                parts[name] = parts.get(name, torch.zeros(())) + probability * part
                largest[name] = max(largest.get(name, 0.0), float(part.abs().max()))
        means.append(parts)
    whole = {
        name: torch.cat([part[name] for part in means])
        if name in (VALUE, OF_Q)
        else torch.stack([part[name] for part in means]).sum(0)
        for name in means[0]
    }
    return _exactly(samples, whole, largest, torch.empty(0), torch.empty(0))


def at_random(call: Call, world: World, samples: int) -> Expectation:
    """Return the means over random draws, with a fixed seed, and their standard errors."""
    groups: list[dict[str, Tensor]] = []
    words = torch.arange(world.words).repeat_interleave(DRAWS // GROUPS // world.words)
    with generators_of_our_own(1):
        for _ in range(GROUPS):
            given = world.given(words, RANDOM)
            out = call(given, samples)
            weights = torch.full_like(out, world.words / len(words)).detach()
            of_q, of_rest = _gradients(out, weights, given)
            rows = of_q.reshape(world.words, -1, world.bits)
            values = out.detach().reshape(world.words, -1).mean(1)
            groups.append({VALUE: values, OF_Q: rows.mean(1).flatten(), **of_rest})
    stacked = {name: torch.stack([group[name] for group in groups]) for name in groups[0]}
    return Expectation(
        samples,
        {name: part.mean(0) for name, part in stacked.items()},
        {name: part.std(0) / GROUPS**0.5 for name, part in stacked.items()},
        False,
        {name: max(1.0, float(part.abs().max())) for name, part in stacked.items()},
        torch.empty(0),
        torch.empty(0),
    )


def _exactly(
    samples: int,
    means: dict[str, Tensor],
    largest: dict[str, float],
    weights: Tensor,
    of_q: Tensor,
) -> Expectation:
    return Expectation(
        samples,
        means,
        {name: torch.zeros_like(part) for name, part in means.items()},
        True,
        {n: max(1.0, largest.get(n, 0.0), float(part.abs().max())) for n, part in means.items()},
        weights,
        of_q,
    )


def _gradients(out: Tensor, weights: Tensor, given: Given) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the gradient [B, K] in q's logits, and the weighted ones in all else, by name."""
    leaves = given.leaves
    if not out.requires_grad:
        found: Sequence[Tensor | None] = [None] * len(leaves)
    else:
        (of_q,) = torch.autograd.grad(out.sum(), given.logits, retain_graph=True, allow_unused=True)
        rest = torch.autograd.grad((weights * out).sum(), leaves[1:], allow_unused=True)
        found = [of_q, *rest]
    full = [
        torch.zeros_like(leaf) if part is None else part
        for leaf, part in zip(leaves, found, strict=True)
    ]
    of_f = torch.cat([part.flatten() for part in full[2:]])
    return full[0], {OF_PRIOR: full[1], OF_F: of_f}
