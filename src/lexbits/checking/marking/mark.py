"""`mark`: whether an exercise is right, and if not, in which way it is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import torch

from lexbits.checking.marking.calls import Reader, in_short, name_of
from lexbits.checking.marking.classes import mark_class
from lexbits.checking.marking.exercises import exercise_of
from lexbits.checking.marking.expectation import (
    OF_Q,
    VALUE,
    Expectation,
    expectation,
    one_by_one,
)
from lexbits.checking.marking.extremes import breaks_down, where_a_bit_is_certain
from lexbits.checking.marking.guarded import generators_of_our_own
from lexbits.checking.marking.looks import Look, look, not_differentiable
from lexbits.checking.marking.marks import Marks, Mistake, Part
from lexbits.checking.marking.noisiness import noise_of
from lexbits.checking.marking.recognition import ratio, recognised, told, wrong_parts
from lexbits.checking.marking.remarks import remarks
from lexbits.checking.marking.returned import CannotBeMarkedError, NotWrittenError
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.unknown import described
from lexbits.checking.marking.world import BATCH, ONE_BIT, TINY_BATCH, TWO_BITS, WHOLE, World
from lexbits.checking.outcomes import NotEnumerableError
from lexbits.errors import UsageError

COMPARED_WITH = (2, 3)
"""Samples with which batches are compared with slips that mix their words."""
NOT_WRITTEN = (
    "So far it returns nothing. What is asked for is a tensor with a number for each word, [B]. If "
    "it is written: does every way through the function end with a return?"
)


def mark(function: Callable[..., object], exercise: str | None = None) -> Marks:
    """Mark an exercise: compare what a function gives, on average, with what is exact.

    ==============  =================================  ======================================
    exercise        parameters                         returns, for each word
    ==============  =================================  ======================================
    elbo            q, prior, log_likelihood, samples  an estimate of the ELBO
    kl              q, p                               KL(q‖p)
    surrogate       q, f, samples                      what has the gradient of E_q[f(z)]
    leave-one-out   q, f, samples                      the same, the others' mean as baseline
    log-likelihood  q, prior, log_likelihood, samples  an importance-sampled log p(x)
    exact           prior, log_likelihood, bits        log p(x), by all codes
    ==============  =================================  ======================================

    q and the prior are distributions over bit vectors (`lexbits.bits`), one for each of B words and
    one for all; log_likelihood and f take z [S, B, K] to [S, B]. All are made here, with five words
    of three bits, so that every outcome of the noise can be weighted with its probability. Values
    are in nats. A class of estimators is marked as `check_estimator` checks it.

    Args:
        function: what the reader has written. Its code is not looked at, only what it gives; what
            it prints is shown once.
        exercise: which exercise it is, or what the lesson calls it, such as reinforce; else
            the names of its parameters tell, and its own name.

    Returns:
        Whether it is right, which mistakes it makes with a hint on each, and what was measured.
        Whatever the function does, also if it raises, becomes a mistake with its line.

    Raises:
        UsageError: what is given cannot be called, or it is not clear which exercise it is.

    Examples:
        >>> def reinforce(q, f, samples):
        ...     z = q.sample(samples)
        ...     values = f(z)
        ...     return (values + values.detach() * q.log_prob(z)).mean(0)
        >>> mark(reinforce).right
        True
        >>> def detached(q, f, samples):
        ...     z = q.sample(samples)
        ...     return (f(z).detach() * q.log_prob(z)).mean(0)
        >>> [mistake.name for mistake in mark(detached).mistakes]
        ["f's own gradient is missing"]
    """
    if isinstance(function, type) and exercise is None:
        return mark_class(function)
    called = ""

    def unmeasured(summary: str, *mistakes: Mistake, notes: tuple[str, ...] = ()) -> Marks:
        return Marks(called, name_of(function), False, summary, mistakes, notes)

    with generators_of_our_own(0), torch.inference_mode(False), torch.enable_grad():
        try:
            meant = exercise_of(function, exercise)
            called = meant.name
            return _marks(Reader(function, meant.parameters), meant)
        except NotWrittenError:
            return unmeasured("is not written yet.", notes=(NOT_WRITTEN,))
        except CannotBeMarkedError as problem:
            mistake = Mistake(problem.name, problem.effect, problem.hint)
            return unmeasured("cannot be measured.", mistake)
        except UsageError:
            raise
        except (
            Exception
        ) as error:  # what nobody has thought of is the reader's to know, not to read
            return unmeasured(
                "cannot be measured.",
                Mistake(
                    "what it gives cannot be worked with",
                    f"{in_short(error)}.",
                    "is it an ordinary tensor, made of the arguments by ordinary operations?",
                ),
            )


def _marks(reader: Reader, exercise: Exercise) -> Marks:
    first = look(reader, exercise, WHOLE)
    found, world = _measured(reader, exercise, first)
    wrong = wrong_parts(found, exercise, world)
    if world.together and not wrong:  # with one S and B alone, a factor of either can hide
        few = [expectation(reader, TINY_BATCH, samples) for samples in COMPARED_WITH]
        if wrong := wrong_parts(few, exercise, TINY_BATCH):
            found, world = few, TINY_BATCH
    mistakes = list(first.mistakes)
    if wrong:
        mistakes += _why(reader, exercise, found, first, world, wrong)
    elif not mistakes and (mistake := breaks_down(reader, exercise)):
        mistakes.append(mistake)
    noise = None
    if OF_Q in exercise.judged and exercise.samples != (1,):
        noise = noise_of(found[-1], world)
    if noise and not mistakes and exercise.name == "leave-one-out":
        mistakes += [m for m in [noise.as_leave_one_out(first.together)] if m]
    right = not mistakes
    notes = remarks(exercise, found, first, world, right, noise)
    if right:
        notes += where_a_bit_is_certain(reader, exercise)
    marks = Marks(
        exercise.name,
        reader.name,
        right,
        f"is right: {exercise.title}." if right else f"is not yet {exercise.title}.",
        tuple(mistakes),
        notes,
        _parts(found, exercise, world, wrong),
        tuple(one.samples for one in found),
    )
    if noise is None:
        return marks
    return replace(
        marks,
        variance=noise.found,
        variance_of_reinforce=noise.reinforce,
        variance_of_rloo=noise.rloo,
        variance_of_best_constant=noise.best_constant,
    )


def _why(
    reader: Reader,
    exercise: Exercise,
    found: Sequence[Expectation],
    first: Look,
    world: World,
    wrong: Sequence[str],
) -> list[Mistake]:
    compared, there = found, world
    if world.together:
        there = TINY_BATCH
        compared = [expectation(reader, there, samples) for samples in COMPARED_WITH]
    slips = recognised(compared, exercise, there)
    if not slips and not first.mistakes:  # of a wrong shape numbers would say little
        return [described(reader, compared, exercise, there, wrong)]
    return [told(slip, exercise, compared[-1].samples, there) for slip in slips]


def _measured(reader: Reader, exercise: Exercise, first: Look) -> tuple[list[Expectation], World]:
    """Return the means, in the first world in which all outcomes can be weighted."""
    average = one_by_one if first.by_calls else expectation
    for world in (BATCH,) if first.together else (WHOLE, TWO_BITS, ONE_BIT):
        found = []
        for samples in exercise.samples:
            try:
                found.append(average(reader, world, samples))
            except NotEnumerableError:
                continue  # fewer samples decide
            except RuntimeError as error:
                raise not_differentiable(error) from None
        if found:
            _refuse_gaps(found)
            return found, world
    draws = f"{len(first.draws)} draw{'s' * (len(first.draws) > 1)}"
    raise CannotBeMarkedError(
        "it draws too often",
        f"With S = {first.samples} it draws {sum(first.draws)} samples of each word, in {draws}: "
        "there are more outcomes of its noise than can be weighted, even for one bit and S = 2.",
        "how often does the function draw, how many samples each time, and can all its terms use "
        "the same ones?",
    )


def _refuse_gaps(found: Sequence[Expectation]) -> None:
    for one in found:
        gaps = [name for name, mean in one.means.items() if not bool(mean.isfinite().all())]
        if gaps:
            raise CannotBeMarkedError(
                "the result holds NaN or infinity for some draws",
                f"With S = {one.samples} the mean over all outcomes of the noise is not finite: "
                f"the {' and the '.join(gaps)}. Among the outcomes are those where all samples of "
                "a word are the same code.",
                "what is the standard deviation of equal numbers, and what is divided by it?",
            )


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
        rows.append(
            Part(exercise.spoken(name), *numbers, max(errors), ratio(mean, expected), verdict)
        )
    return tuple(rows)
