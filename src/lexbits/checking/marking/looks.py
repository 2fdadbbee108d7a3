"""A first look at what a function gives: its shape, and whether words are treated each alone."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from lexbits.checking.marking.calls import Reader, all_finite
from lexbits.checking.marking.guarded import generators, seed_generators
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.noise import SameAgain
from lexbits.checking.marking.returned import CannotBeMarkedError
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.world import World
from lexbits.checking.outcomes import NotEnumerableError

SETTLED_AFTER = 100
"""Calls after which averages that are kept have settled."""

LOOKED_AT_WITH = 4
"""Samples of the first look; B, S, K and 2^K all differ there."""


@dataclass(frozen=True)
class Look:
    """What the first look has found.

    Attributes:
        mistakes: in shape.
        by_calls: whether words have to be given one at a time, as no place in a batch is left.
        together: whether the estimate of a word depends on the others of its batch.
        stateful: whether it depends on earlier calls.
        draws: how many samples each draw from q or the prior takes.
        samples: S when it was looked at.
    """

    mistakes: tuple[Mistake, ...] = ()
    by_calls: bool = False
    together: bool = False
    stateful: bool = False
    draws: tuple[int, ...] = ()
    samples: int = LOOKED_AT_WITH


def look(reader: Reader, exercise: Exercise, world: World) -> Look:
    """Look at one batch, and let what the function prints be seen; set how its result is repaired.

    Raises:
        CannotBeMarkedError: there is nothing to measure.
    """
    samples = LOOKED_AT_WITH if exercise.samples != (1,) else 1
    every = torch.arange(world.words)
    noise = SameAgain(every)
    state = generators()
    try:
        out = reader.raw(world.given(every, noise), samples)
    except NotEnumerableError:  # continuous noise of q, or too many samples
        out = reader.raw(world.given(every), samples)
    drawn_elsewhere = state != generators()
    if drawn_elsewhere:
        _refuse_seeds(reader, samples, world)
    draws = tuple(number for _, _, number in noise.noted)
    if out.numel() and not all_finite(out):
        bad = "NaN" if bool(out.isnan().any()) else "infinity"
        raise CannotBeMarkedError(
            f"the result holds {bad}",
            f"On ordinary numbers, logits within ±5 and log-likelihoods about −8, it gives {bad}.",
            "which logarithm is taken of zero or less, or which quotient divides by zero?",
        )
    mistakes, by_calls = _shape(reader, out.shape, samples, world)
    if exercise.samples == (1,) and (draws or drawn_elsewhere):
        raise CannotBeMarkedError(
            "it is estimated from samples",
            f"It draws, and gives another number at each call. What is asked for is exact: "
            f"{exercise.title}.",
            "which values can the bits have, and how probable is each? A sum over them needs no "
            "sample.",
        )
    seen = Look(mistakes, by_calls, draws=draws, samples=samples)
    if drawn_elsewhere:
        return seen
    if by_calls:
        collapsed = _collapsed(reader, out, samples, world)
        return replace(seen, mistakes=(*mistakes, collapsed))
    again = reader(world.given(every, SameAgain(every)), samples)
    first = reader.repair(out).double()
    if not torch.allclose(again, first, rtol=0, atol=1e-10):
        _settle(reader, samples, world)
        return replace(seen, stateful=True)
    return replace(seen, together=_mixes(reader, samples, world))


def _refuse_seeds(reader: Reader, samples: int, world: World) -> None:
    """Raise CannotBeMarkedError if random numbers are the same after each call, whatever before."""
    ends = []
    for seed in (1, 2):
        seed_generators(seed)
        start = generators()
        reader(world.given(torch.arange(world.words)), samples)
        ends.append((start, generators()))
    (before, one), (_, other) = ends
    if any(a == b and a != start for start, a, b in zip(before, one, other, strict=True)):
        raise CannotBeMarkedError(
            "it sets the seed of the random numbers",
            "Each call begins with the same ones, so that all calls draw the same: an average over "
            "many steps is as far off as one of them.",
            "where in a program is a seed set, and how often?",
        )


def _shape(
    reader: Reader, shape: torch.Size, samples: int, world: World
) -> tuple[tuple[Mistake, ...], bool]:
    """Set how the result becomes [B]; return what was wrong, and whether words are lost in it."""
    batch, bits = world.words, world.bits
    found = tuple(shape)
    said = _expected(world, shape)
    by_shape = {
        (batch,): None,
        (samples, batch, bits): ("samples and bits", lambda out: out.mean(0).sum(-1)),
        (batch, bits): ("bits", lambda out: out.sum(-1)),
        (2**bits, batch): ("codes", lambda out: torch.logsumexp(out, 0)),
        (samples, batch): ("samples", lambda out: out.mean(0)),
        (1, batch): ("an axis of one", lambda out: out[0]),
        (batch, 1): ("an axis of one", lambda out: out[:, 0]),
        (1, batch, 1): ("an axis of one", lambda out: out[0, :, 0]),
    }
    if found in ((), (1,), (samples,), (2**bits,)):
        reader.repair = lambda out: out.mean().reshape(1)
        return (), True
    if found == (batch, batch):
        raise CannotBeMarkedError(
            "words meet each other",
            f"{said}: each word has a number for each other one. Tensors of shapes [B, 1] and [B] "
            "were put together, perhaps, and torch broadcasts them to [B, B].",
            "print the shapes on both sides of each + and −",
        )
    if found not in by_shape:
        letters = (
            f"with S = {samples}, B = {batch}, K = {bits}"
            if samples > 1
            else (f"with B = {batch}, K = {bits}, 2^K = {2**bits}")
        )
        raise CannotBeMarkedError(
            "the shape of the result is wrong",
            f"{said}, {letters}.",
            "go through the lines and write the shape of each result beside it",
        )
    kept = by_shape[found]
    if kept is None:
        return (), False
    what, reader.repair = kept
    return (
        Mistake(
            f"{what} {'is' if what.startswith('an ') else 'are'} left in the result",
            f"{said}.",
            "which axes has what you return, and which one is to be left?",
        ),
    ), False


def _expected(world: World, shape: torch.Size) -> str:
    batch = world.words
    return (
        f"Expected one number for each of B = {batch} words, of shape [{batch}]; found {[*shape]}"
    )


def _collapsed(reader: Reader, out: Tensor, samples: int, world: World) -> Mistake:
    said = _expected(world, out.shape)
    hint = "which axis does mean() or sum() take, and which does it take without an argument?"
    if out.numel() > 1:
        each, axes = ("sample", "[S, B]") if out.numel() == samples else ("code", "[2^K, B]")
        name = f"the words are put together, in place of the {each}s"
        return Mistake(name, f"{said}, one number for each {each}. Values are {axes}.", hint)
    words = torch.arange(world.words)[:, None]
    alone = torch.stack([reader(world.given(w, SameAgain(w)), samples)[0] for w in words])
    total = float(out.detach().reshape(-1)[0])
    for how, value in (("averaged", alone.mean()), ("summed", alone.sum())):
        if math.isclose(total, float(value.detach()), rel_tol=1e-9, abs_tol=1e-9):
            return Mistake(f"the words of the batch are {how}", f"{said}.", hint)
    return Mistake("the batch is reduced to one number", f"{said}.", hint)


def _settle(reader: Reader, samples: int, world: World) -> None:
    """Let what a function keeps between calls settle; see that it keeps no graph.

    Raises:
        CannotBeMarkedError: a second step would go back through the first.
    """
    every = torch.arange(world.words)
    for _ in range(SETTLED_AFTER):
        reader(world.given(every), samples)
    given = world.given(every)
    for _ in range(2):
        out = reader(given, samples)
        if out.requires_grad:
            try:
                torch.autograd.backward(out.sum())
            except RuntimeError as error:
                raise not_differentiable(error) from None


def _mixes(reader: Reader, samples: int, world: World) -> bool:
    """Whether a word has another value, or gradient, alone than in its batch."""
    every = torch.arange(world.words)
    together = world.given(every, SameAgain(every))
    out = reader(together, samples)
    of_words = _gradient(out, together.logits)
    for word in every[:, None]:
        alone = world.given(word, SameAgain(word))
        value = reader(alone, samples)
        same = torch.allclose(value, out[word], rtol=0, atol=1e-9) and torch.allclose(
            _gradient(value, alone.logits)[0], of_words[word[0]], rtol=0, atol=1e-9
        )
        if not same:
            return True
    return False


def not_differentiable(error: RuntimeError) -> CannotBeMarkedError:
    """Return why autograd cannot go through what a function gives."""
    text = " ".join(str(error).split())
    if "second time" in text:
        return CannotBeMarkedError(
            "a graph is used twice",
            "Something that carries a gradient is kept from one call to the next, or .backward() "
            "is called inside: the graph behind it is gone at the next step.",
            "what do you keep between calls, such as an average of f, and is it detached?",
        )
    return CannotBeMarkedError(
        "no gradient can be taken",
        text[:300],
        "is a tensor changed in place, as by += or by writing to part of it?",
    )


def _gradient(out: Tensor, logits: Tensor) -> Tensor:
    if not out.requires_grad:
        return torch.zeros_like(logits)
    try:
        (found,) = torch.autograd.grad(out.sum(), logits, allow_unused=True)
    except RuntimeError as error:
        raise not_differentiable(error) from None
    return torch.zeros_like(logits) if found is None else found
