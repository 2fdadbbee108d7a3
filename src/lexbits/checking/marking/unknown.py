"""What is said of a bias that no usual slip explains: what was measured, as closely as may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from lexbits.checking.marking.elbo_terms import free_nats, rates, weights
from lexbits.checking.marking.expectation import (
    OF_Q,
    VALUE,
    Call,
    Expectation,
    expectation,
)
from lexbits.checking.marking.gaussians import of_gaussians
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.recognition import factor, off_share, ratio
from lexbits.checking.marking.slips import Exercise, Slip
from lexbits.checking.marking.world import WHOLE, World
from lexbits.checking.outcomes import NotEnumerableError

FORMULAS: dict[str, Callable[[int, World], float]] = {
    "S": lambda s, world: s,
    "1/S": lambda s, world: 1 / s,
    "(S − 1)/S": lambda s, world: (s - 1) / s,
    "S/(S − 1)": lambda s, world: s / (s - 1),
    "S − 1": lambda s, world: s - 1,
    "1/(S − 1)": lambda s, world: 1 / (s - 1),
    "(S + 1)/S": lambda s, world: (s + 1) / s,
    "1/S²": lambda s, world: 1 / s**2,
    "((S − 1)/S)²": lambda s, world: ((s - 1) / s) ** 2,
    "K": lambda s, world: world.bits,
    "1/K": lambda s, world: 1 / world.bits,
    "1/(S K)": lambda s, world: 1 / (s * world.bits),
    "1/ln 2": lambda s, world: 1 / math.log(2),
    "1/ln 10": lambda s, world: 1 / math.log(10),
}
"""Factors that slips make, by what they look like."""
OF_BATCHES: dict[str, Callable[[int, World], float]] = {
    "B": lambda s, world: world.words,
    "1/B": lambda s, world: 1 / world.words,
    "1/(S B)": lambda s, world: 1 / (s * world.words),
    "1 − 1/B": lambda s, world: 1 - 1 / world.words,
}
"""And those of what puts the words of a batch together."""
OFFSETS: dict[str, Callable[[int, World], float]] = {
    "log S": lambda s, world: math.log(s),
    "2 log S": lambda s, world: 2 * math.log(s),
    "log S − log(S − 1)": lambda s, world: math.log(s) - math.log(s - 1),
    "log S − log₂ S": lambda s, world: math.log(s) - math.log2(s),
    "log S − log₁₀ S": lambda s, world: math.log(s) - math.log10(s),
}
"""Numbers of nats that a value may be off."""


def described(
    call: Call,
    found: Sequence[Expectation],
    exercise: Exercise,
    world: World,
    wrong: Sequence[str],
) -> Mistake:
    """Return what is known of the bias of a function that was measured."""
    if VALUE in wrong and world is WHOLE and (known := _known(found[-1], exercise)):
        return known
    said = [_part(name, found, exercise, world) for name in wrong]
    fine = [name for name in exercise.judged if name not in wrong]
    if fine:
        said.append(f"Right: {', '.join(exercise.spoken(name) for name in fine)}.")
    said += _similar(found, exercise, world, wrong)
    if getattr(call, "fractions", False):
        return Mistake(
            "f is given a z that is no bit vector",
            " ".join(["Some of its entries lie between 0 and 1.", *said]),
            "print the z that goes into f: which numbers can a bit be?",
        )
    if list(wrong) == [OF_Q] and world is WHOLE and _shift_changes_nothing(call, found[0]):
        return Mistake(
            "the advantage is not f minus something that does not know the sample",
            " ".join(
                [
                    "f + 5 gives the same gradient, so f is compared with something; but with "
                    "something that depends on the sample itself, or the difference is bent, as by "
                    "clipping or a softmax.",
                    *said,
                ]
            ),
            "add 1 to f of the first sample only: by how much does its advantage change?",
        )
    if _only_factors(found, exercise, world, wrong):
        return Mistake(
            "a factor is there that does not belong there",
            " ".join(said),
            "which number stands before each term, and which is to stand there?",
        )
    if exercise.judged == (VALUE,) and _only_a_number(found[-1], exercise, world):
        return Mistake(
            "a number is added that does not belong there",
            " ".join(said),
            "which logarithm of a number is left, or is missing? Write the formula out for two "
            "samples or codes.",
        )
    return Mistake(
        "a bias that is none of the usual mistakes",
        " ".join(said),
        "take the parts of the formula one by one: which of them, set to zero, changes what is "
        "wrong and leaves what is right?",
    )


def _known(found: Expectation, exercise: Exercise) -> Mistake | None:
    """Return what explains the values of an ELBO or of a KL, if it is a known formula."""
    values = found.means[VALUE]
    if exercise.name == "kl":
        return of_gaussians(values)
    if exercise.name == "elbo":
        return of_gaussians(rates(values)) or free_nats(values) or weights(values)
    return None


def _only_factors(
    found: Sequence[Expectation], exercise: Exercise, world: World, wrong: Sequence[str]
) -> bool:
    """Whether each part that is wrong is a multiple of what it is to be."""
    return all(
        ratio(one.means[name], exercise.known((), one.samples, world).means[name])
        for one in found
        for name in wrong
    )


def _only_a_number(found: Expectation, exercise: Exercise, world: World) -> bool:
    """Whether the value of each word is off by the same number of nats."""
    off = found.means[VALUE] - exercise.known((), found.samples, world).means[VALUE]
    return bool((off - off[0]).abs().max() < 1e-6)


def _shift_changes_nothing(call: Call, found: Expectation) -> bool:
    """Whether each outcome's gradient in q's logits is the same for f + 5."""
    if not found.of_q.numel() or not float(found.of_q.abs().max()):
        return False
    shifted = expectation(call, replace(WHOLE, offset=WHOLE.offset + 5), found.samples)
    return shifted.of_q.shape == found.of_q.shape and torch.allclose(
        shifted.of_q, found.of_q, rtol=1e-6, atol=1e-6
    )


def _part(name: str, found: Sequence[Expectation], exercise: Exercise, world: World) -> str:
    factors = []
    for one in found:
        exact = exercise.known((), one.samples, world).means[name]
        factors.append((one.samples, ratio(one.means[name], exact), one.means[name], exact))
    samples, c, mean, exact = factors[-1]
    called = exercise.spoken(name)
    drawn = exercise.samples != (1,)  # of what draws no samples S is not spoken of
    with_s = f" with S = {samples}" if drawn else ""
    if c is None:
        if name == VALUE:
            offs = [(s, mean - exact) for s, _, mean, exact in factors]
            return (
                f"The {called} is off by {_span(offs[-1][1])}{_as_formula(offs, world)} nats"
                f"{with_s}."
            )
        cosine = float(mean @ exact / (mean.norm() * exact.norm()).clamp_min(1e-30))
        return (
            f"The {called} is {off_share(mean, exact)} off, with a cosine of {cosine:.2f} to the "
            f"exact one{f', S = {samples}' * drawn}."
        )
    if c == 0:
        return f"The {called} is zero."
    formulas = [
        text
        for text, of in {**FORMULAS, **(OF_BATCHES if world.together else {})}.items()
        if (drawn or "S" not in text)
        and all(
            f is not None and math.isclose(f, of(s, world), rel_tol=1e-6) for s, f, *_ in factors
        )
    ]
    if formulas:
        formula = " or ".join(formulas)
        return f"The {called} is {factor(c, 4)} the exact one, {formula}{',' * drawn}{with_s}."
    by_samples = [
        f"{factor(f, 4)} the exact one{f' with S = {s}' * drawn}" for s, f, *_ in factors if f
    ]
    same = all(f is not None and math.isclose(f, c, rel_tol=1e-6) for _, f, *_ in factors)
    return f"The {called} is {' and '.join(by_samples[-1:] if same else by_samples)}."


def _as_formula(offs: Sequence[tuple[int, Tensor]], world: World) -> str:
    """Return what a number of nats is in terms of S, where it is the same for all words."""
    if offs[0][0] == 1:
        return ""
    for text, of in OFFSETS.items():
        for sign, shown in ((1, ""), (-1, "−")):
            if all(bool((off - sign * of(s, world)).abs().max() < 1e-6) for s, off in offs):
                return f" = {shown}{text if not shown or ' ' not in text else f'({text})'}"
    return ""


def _span(off: Tensor) -> str:
    least, most = float(off.min()), float(off.max())
    if math.isclose(least, most, rel_tol=1e-6):
        return f"{least:+.4g}"
    return f"{least:+.3g} to {most:+.3g}"


def _similar(
    found: Sequence[Expectation], exercise: Exercise, world: World, wrong: Sequence[str]
) -> list[str]:
    """Name the slips that explain one of the parts alone."""
    said = []
    for name in wrong if len(wrong) > 1 else ():
        for slip in exercise.slips:
            if slip.mixes == world.together and _explains(slip, name, found, exercise, world):
                said.append(f"The {exercise.spoken(name)} alone is as if {slip.name}.")
                break
    return said


def _explains(
    slip: Slip, name: str, found: Sequence[Expectation], exercise: Exercise, world: World
) -> bool:
    """Whether a slip makes one part wrong in the way that was found."""
    for one in found:
        try:
            known = exercise.known((slip,), one.samples, world)
        except NotEnumerableError:
            return False
        right = exercise.known((), one.samples, world)
        if one.off(name, known.means[name]) > 1 or known.off(name, right.means[name]) <= 1:
            return False
    return True
