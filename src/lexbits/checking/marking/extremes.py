"""Whether numbers stay finite where a bit is certain, and for words that are very improbable."""

from __future__ import annotations

from dataclasses import replace

import torch

from lexbits.checking.marking.calls import Reader, all_finite
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.returned import CannotBeMarkedError
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.world import WHOLE, World

CERTAIN, IMPROBABLE = 50.0, -900.0
"""A logit, and nats: e^−900 is zero even in double precision."""


def where_a_bit_is_certain(reader: Reader, exercise: Exercise) -> tuple[str, ...]:
    """Return a caution where numbers do not stay finite if a bit is certain."""
    signs = torch.tensor([1.0, -1.0, 1.0]).double()
    certain = replace(WHOLE, logits=WHOLE.logits + CERTAIN * signs)
    if "q" not in exercise.parameters or _finite(reader, exercise, certain, torch.float32):
        return ()
    return (
        f"Mind: it breaks down where a bit is certain. With a logit of ±{CERTAIN:.0f} in single "
        "precision, where σ rounds to 0 or 1, value or gradient is not finite, and a training ends "
        "there. torch.nn.functional.logsigmoid takes the logit itself, and stays finite.",
    )


def breaks_down(reader: Reader, exercise: Exercise) -> Mistake | None:
    """Return what is not finite for improbable words, if anything is: the logarithm was left."""
    improbable = replace(WHOLE, offset=IMPROBABLE)
    if "log_likelihood" in exercise.parameters and not _finite(
        reader, exercise, improbable, torch.float64
    ):
        return Mistake(
            "it breaks down for improbable words",
            f"On ordinary numbers it is right. With log p(x|z) about {IMPROBABLE:.0f} nats, as of "
            "a long word, the result is not finite, as exp of that is zero.",
            "can a sum of exponentials be had without leaving the logarithm? torch has a function "
            "for it.",
        )
    return None


def _finite(reader: Reader, exercise: Exercise, world: World, dtype: torch.dtype) -> bool:
    given = world.given(torch.arange(world.words), dtype=dtype)
    try:
        out = reader(given, max(exercise.samples))
        if not all_finite(out):
            return False
        if not out.requires_grad:
            return True
        found = torch.autograd.grad(out.sum(), given.logits, allow_unused=True)[0]
    except (CannotBeMarkedError, RuntimeError):
        return True  # it is about the type of numbers, not their size
    return found is None or all_finite(found)
