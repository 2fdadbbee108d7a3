"""What is said of a bias that no usual slip explains: what was measured, as closely as may be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from lexbits.checking.marking.elbo_terms import free_nats, weights
from lexbits.checking.marking.expectation import OF_F, OF_Q, VALUE, Expectation
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.recognition import off_share, ratio
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.world import WHOLE, World

FORMULAS: dict[str, Callable[[int], float]] = {
    "S": lambda s: s,
    "1/S": lambda s: 1 / s,
    "(S − 1)/S": lambda s: (s - 1) / s,
    "S/(S − 1)": lambda s: s / (s - 1),
    "S − 1": lambda s: s - 1,
    "1/(S − 1)": lambda s: 1 / (s - 1),
    "(S + 1)/S": lambda s: (s + 1) / s,
    "1/S²": lambda s: 1 / s**2,
    "((S − 1)/S)²": lambda s: ((s - 1) / s) ** 2,
    "K": lambda s: WHOLE.bits,
    "1/K": lambda s: 1 / WHOLE.bits,
    "1/(S K)": lambda s: 1 / (s * WHOLE.bits),
    "1/ln 2": lambda s: 1 / math.log(2),
}
"""Factors that slips make, by what they look like; those of K for the world of single words."""

NAMES = {
    VALUE: "value",
    OF_Q: "gradient in q's logits",
    OF_F: "gradient in f's parameters",
}


def described(
    found: Sequence[Expectation], exercise: Exercise, world: World, wrong: Sequence[str]
) -> Mistake:
    """Return what is known of a bias."""
    if exercise.name == "elbo" and VALUE in wrong and not world.together:
        of_elbo = free_nats(found[-1].means[VALUE]) or weights(found[-1].means[VALUE])
        if of_elbo:
            return of_elbo
    said = [_part(name, found, exercise, world) for name in wrong]
    fine = [name for name in exercise.judged if name not in wrong]
    if fine:
        said.append(f"Right: {', '.join(NAMES.get(name, name) for name in fine)}.")
    similar = _similar(found, exercise, world, wrong)
    return Mistake(
        "a bias that is none of the usual mistakes",
        " ".join([*said, *similar]),
        "take the parts of the formula one by one: which of them, set to zero, changes what is "
        "wrong and leaves what is right?",
    )


def _part(name: str, found: Sequence[Expectation], exercise: Exercise, world: World) -> str:
    factors = []
    for one in found:
        exact = exercise.known((), one.samples, world).means[name]
        factors.append((one.samples, ratio(one.means[name], exact), one.means[name], exact))
    samples, factor, mean, exact = factors[-1]
    called = NAMES.get(name, name)
    if factor is None:
        if name == VALUE:
            off = mean - exact
            return f"The {called} is off by {_span(off)} nats with S = {samples}."
        cosine = float(mean @ exact / (mean.norm() * exact.norm()).clamp_min(1e-30))
        return (
            f"The {called} is {off_share(mean, exact)} off, with a cosine of {cosine:.2f} to the "
            f"exact one, S = {samples}."
        )
    if factor == 0:
        return f"The {called} is zero."
    formula = next(
        (
            text
            for text, of in FORMULAS.items()
            if all(f is not None and math.isclose(f, of(s), rel_tol=1e-6) for s, f, *_ in factors)
        ),
        "",
    )
    shown = f"{factor:.4g}".replace("-", "−")
    times = f", {formula}" if formula else ""
    return f"The {called} is {shown} of the exact one{times}, with S = {samples}."


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
            if slip.mixes != world.together:
                continue
            known = exercise.known((slip,), found[0].samples, world)
            right = exercise.known((), found[0].samples, world)
            if found[0].off(name, known.means[name]) <= 1 < known.off(name, right.means[name]):
                said.append(f"The {NAMES.get(name, name)} alone is as if {slip.name}.")
                break
    return said
