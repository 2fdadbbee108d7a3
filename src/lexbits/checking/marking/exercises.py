"""The exercises that can be marked, and which one a function is meant for."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import torch

from lexbits.arguments import choice, show
from lexbits.checking.marking.divergence import KL
from lexbits.checking.marking.elbo import ELBO
from lexbits.checking.marking.exact import EXACT
from lexbits.checking.marking.likelihood import LOG_LIKELIHOOD
from lexbits.checking.marking.returned import CannotBeMarkedError
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.surrogate import LEAVE_ONE_OUT, SURROGATE
from lexbits.errors import UsageError

EXERCISES = {
    exercise.name: exercise
    for exercise in (ELBO, KL, SURROGATE, LEAVE_ONE_OUT, LOG_LIKELIHOOD, EXACT)
}
ALIASES = {alias: exercise.name for exercise in EXERCISES.values() for alias in exercise.aliases}
"""What else an exercise is called, such as what the lesson calls the function to be written."""


def exercise_of(function: Callable[..., object], name: str | None) -> Exercise:
    """Return the exercise of this name, or else the one that a function's parameters are those of.

    Raises:
        UsageError: there is none of that name, or `function` is none.
        CannotBeMarkedError: the parameters are those of no exercise.
    """
    if not callable(function):
        raise UsageError(f"expected a function or a class to mark, found {show(function)}")
    if name is not None:
        if isinstance(name, str) and name not in EXERCISES:
            name = ALIASES.get(name, name)
        return EXERCISES[choice(name, "the exercise", list(EXERCISES))]
    parameters = _parameters(function)
    called = str(getattr(function, "__name__", type(function).__name__)).lower()
    every = list(EXERCISES.values())
    fitting = [e for e in every if e.parameters == parameters]
    fitting = fitting or [e for e in every if sorted(e.parameters) == sorted(parameters)]
    fitting = fitting or [e for e in every if len(e.parameters) == len(parameters)]
    if "*" in parameters:  # it takes however many it is given, so only its name can tell
        fitting = [e for e in every if any(alias in called for alias in e.aliases)]
    if not fitting:
        known = "; ".join(f"{e.name}({', '.join(e.parameters)})" for e in every)
        raise CannotBeMarkedError(
            "its parameters are those of no exercise",
            f"Found {called}({', '.join(parameters)}); the exercises are {known}.",
            "compare the first line of the function with that of the exercise; or name the "
            "exercise, as in mark(function, 'elbo')",
        )
    meant = [e for e in fitting if any(alias in called for alias in e.aliases)]
    return max(
        meant,
        key=lambda e: max(len(alias) for alias in e.aliases if alias in called),
        default=fitting[0],
    )


def _parameters(function: Callable[..., object]) -> tuple[str, ...]:
    """Return the names of the parameters that have to be given; "*" for any number of them."""
    code = function.forward if isinstance(function, torch.nn.Module) else function
    try:
        found = inspect.signature(code).parameters.values()
    except (TypeError, ValueError):
        raise UsageError(
            f"expected a function of Python, found {show(function)}; name the exercise, one of "
            f"{', '.join(EXERCISES)}"
        ) from None
    return tuple(
        "*" if p.kind is p.VAR_POSITIONAL else p.name
        for p in found
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    )
