"""Whole estimators as exercises: a class in the place of a function."""

from __future__ import annotations

from lexbits.checking.checks import check_estimator, mistakes_of
from lexbits.checking.marking.marks import Marks, Mistake
from lexbits.estimators import Estimator
from lexbits.estimators.registry import estimator_class


def mark_class(given: type[Estimator]) -> Marks:
    """Return the marks of a class of estimators: those of its checks, and what it looks like."""
    kind = estimator_class(given)
    checks = check_estimator(kind)
    failed = [check for check in checks if check.passed is False]
    biased = [check for check in failed if check.name.startswith("unbiased")]
    mistakes = mistakes_of(kind) if biased else []
    if biased and not mistakes:
        mistakes = [
            Mistake(check.name, check.detail, "which terms do not vanish on average?")
            for check in biased
        ]
    mistakes += [
        Mistake(
            f"it fails the check {check.name!r}",
            check.detail,
            "help(lexbits.estimators.Estimator) shows one that passes",
        )
        for check in failed
        if check not in biased
    ]
    right = not failed
    return Marks(
        "estimator",
        kind.__name__,
        right,
        "is right: it passes all checks."
        if right
        else f"fails {len(failed)} of {len(checks)} checks.",
        tuple(mistakes),
        tuple(
            f"{check.name[:1].upper()}{check.name[1:]}: {check.detail}."
            for check in checks
            if right and check.name.startswith(("unbiased", "variance", "shift of f"))
        ),
    )
