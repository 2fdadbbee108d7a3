"""Which slips give, on average, what a function gives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from torch import Tensor

from lexbits.checking.marking.expectation import OF_F, OF_Q, VALUE, Expectation
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.slips import Exercise, Slip
from lexbits.checking.marking.world import World
from lexbits.checking.outcomes import NotEnumerableError


def wrong_parts(found: Sequence[Expectation], exercise: Exercise, world: World) -> list[str]:
    """Return the means that are not the exact ones."""
    return [
        name
        for name in exercise.judged
        if any(
            one.off(name, exercise.known((), one.samples, world).means[name]) > 1 for one in found
        )
    ]


def recognised(found: Sequence[Expectation], exercise: Exercise, world: World) -> tuple[Slip, ...]:
    """Return the slip, or the two, that have the same means; none where nothing fits.

    Of several that do, the one whose gradient is as noisy, or that is nearest.
    """
    alike: list[tuple[Slip, ...]] = []
    for slips in exercise.combinations(world.together):
        if alike and len(slips) > len(alike[0]):
            break
        if all(_same(one, exercise, slips, world) for one in found):
            alike.append(slips)
    return min(alike, key=lambda slips: _noise_apart(found[0], exercise, slips, world), default=())


def _same(found: Expectation, exercise: Exercise, slips: tuple[Slip, ...], world: World) -> bool:
    try:
        known = exercise.known(slips, found.samples, world)
    except NotEnumerableError:
        return not found.exact  # what was found draws less, or its outcomes were too many as well
    tolerance = max(slip.tolerance for slip in slips) if found.exact else 1.0
    return all(found.off(name, known.means[name]) <= tolerance for name in exercise.judged)


def _noise_apart(
    found: Expectation, exercise: Exercise, slips: tuple[Slip, ...], world: World
) -> float:
    if found.variance is None:
        known = exercise.known(slips, found.samples, world).means
        return max(found.off(name, known[name]) for name in exercise.judged)
    variance = exercise.known(slips, found.samples, world).variance
    return math.inf if variance is None else abs(variance - found.variance)


def told(slip: Slip, exercise: Exercise, samples: int, world: World) -> Mistake:
    """Return a slip as a mistake, its numbers filled in: those that it alone makes."""
    while True:
        try:
            known = exercise.known((slip,), samples, world)
            break
        except NotEnumerableError:
            samples = exercise.samples[0]
    right = exercise.known((), samples, world).means
    numbers: Mapping[str, object] = {
        "samples": samples,
        "bits": world.bits,
        "batch": world.words,
        "log_samples": f"{math.log(samples):.3g}",
        "off": f"{float((known.means[VALUE] - right[VALUE]).abs().max()):.3g}",
        **{
            f"of_{letter}": _ratio_text(known.means[part], right[part])
            for letter, part in (("q", OF_Q), ("f", OF_F))
        },
        **{
            f"off_{letter}": off_share(known.means[part], right[part])
            for letter, part in (("q", OF_Q), ("f", OF_F))
        },
    }
    return Mistake(slip.name, slip.effect.format_map(numbers), slip.hint)


def ratio(found: Tensor, expected: Tensor) -> float | None:
    """Return c where found = c · expected; None where they are not parallel or nothing is there."""
    square = float(expected @ expected)
    if square == 0:
        return None
    c = float(found @ expected) / square
    rest = found - c * expected
    if float(rest.abs().max()) > 1e-7 * max(1.0, float(found.abs().max())):
        return None
    return c if abs(c) > 1e-9 else 0.0


def factor(c: float, digits: int = 3) -> str:
    """Return a factor as it is read before "the exact one": 0.75 of, 4 times."""
    return f"{c:.{digits}g} {'of' if 0 <= c < 1 else 'times'}".replace("-", "−")


def _ratio_text(found: Tensor, expected: Tensor) -> str:
    c = ratio(found, expected)
    return "not a multiple of" if c is None else factor(c)


def off_share(found: Tensor, expected: Tensor) -> str:
    """Return how far a gradient is off, beside its own length."""
    share = float((found - expected).norm() / expected.norm().clamp_min(1e-30))
    return f"{share:.0%} of its length" if share < 1 else f"{share:,.2g} times its length"
