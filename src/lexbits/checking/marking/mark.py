"""`mark`: whether an exercise is right, and if not, in which way it is wrong."""

from __future__ import annotations

from collections.abc import Callable

import torch

from lexbits.checking.marking.calls import CannotBeMarkedError, Reader
from lexbits.checking.marking.exercises import exercise_of
from lexbits.checking.marking.expectation import VALUE, Expectation, expectation, one_by_one
from lexbits.checking.marking.looks import Look, look
from lexbits.checking.marking.marks import Marks, Mistake, Part
from lexbits.checking.marking.recognition import ratio, recognised, told, wrong_parts
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.world import BATCH, TINY_BATCH, WHOLE, World
from lexbits.checking.outcomes import NotEnumerableError

COMPARED_WITH = 3
"""Samples with which batches are compared with slips that mix their words."""


def mark(function: Callable[..., object], exercise: str | None = None) -> Marks:
    """Mark an exercise.

    Args:
        function: what the reader has written.
        exercise: which exercise it is; else the names of its parameters tell, and its own.

    Raises:
        UsageError: what is given cannot be called, or it is not clear which exercise it is.

    Examples:
        >>> def reinforce(q, f, samples):
        ...     z = q.sample(samples)
        ...     values = f(z)
        ...     return (values + values.detach() * q.log_prob(z)).mean(0)
        >>> mark(reinforce).right
        True
    """
    meant = exercise_of(function, exercise)
    reader = Reader(function, meant.parameters)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(0)
        try:
            return _marks(reader, meant)
        except CannotBeMarkedError as problem:
            mistake = Mistake(problem.name, problem.effect, problem.hint)
            return Marks(meant.name, reader.name, False, "cannot be measured.", (mistake,))


def _marks(reader: Reader, exercise: Exercise) -> Marks:
    first = look(reader, exercise, WHOLE)
    world = BATCH if first.together else WHOLE
    found = _measured(reader, exercise, first, world)
    wrong = wrong_parts(found, exercise, world)
    mistakes = list(first.mistakes)
    if wrong:
        compared, there = found, world
        if first.together:
            compared, there = [expectation(reader, TINY_BATCH, COMPARED_WITH)], TINY_BATCH
        slips = recognised(compared, exercise, there)
        mistakes += [told(slip, exercise, compared[-1].samples, there) for slip in slips]
    right = not wrong and not mistakes
    return Marks(
        exercise.name,
        reader.name,
        right,
        "right." if right else "not right yet.",
        tuple(mistakes),
        (),
        _parts(found, exercise, world, wrong),
        tuple(one.samples for one in found),
    )


def _measured(reader: Reader, exercise: Exercise, first: Look, world: World) -> list[Expectation]:
    average = one_by_one if first.by_calls else expectation
    found = []
    for samples in exercise.samples:
        try:
            found.append(average(reader, world, samples))
        except NotEnumerableError:
            continue  # fewer samples decide
    return found


def _parts(
    found: list[Expectation], exercise: Exercise, world: World, wrong: list[str]
) -> tuple[Part, ...]:
    last = found[-1]
    rows = []
    for name in (*exercise.judged, *exercise.told):
        exact = {one.samples: exercise.known((), one.samples, world).means[name] for one in found}
        errors = [float((one.means[name] - exact[one.samples]).abs().max()) for one in found]
        mean, expected = last.means[name], exact[last.samples]
        if name == VALUE:
            worst = int((mean - expected).abs().argmax())
            numbers = float(mean[worst]), float(expected[worst])
        else:
            numbers = float(mean.norm()), float(expected.norm())
        verdict = None if name in exercise.told else name not in wrong
        rows.append(Part(name, *numbers, max(errors), ratio(mean, expected), verdict))
    return tuple(rows)
