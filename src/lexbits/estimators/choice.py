"""Which estimator to take: the one that is named, if it fits, or what the budget allows."""

from __future__ import annotations

from lexbits.errors import UsageError
from lexbits.estimators.base import Estimator
from lexbits.estimators.registry import available, find

AUTO = "auto"
FEW_CODES = 16
"""At most this many codes are summed over exactly, whatever the budget is."""


def choose(name: str, budget: int, bits: int, factorised: bool) -> tuple[type[Estimator], int]:
    """Return the estimator `name` and its number of samples.

    `budget` is S for an estimator that is named; for `auto` it is the largest number of evaluations
    of f for each word.

    `auto` takes the exact sum over few codes, all single flips where K + 1 evaluations are
    affordable, else the best of the comparison in docs/results.md: double control variates;
    leave-one-out where the bits depend on one another.

    Raises:
        UsageError: an unknown estimator, one that does not fit the posterior or the bits, or a
            budget that is too small for it.

    Examples:
        >>> kind, samples = choose("auto", budget=4, bits=16, factorised=True)
        >>> kind.__name__, samples
        ('DoubleControlVariates', 4)
    """
    if name == AUTO:
        if 2**bits <= max(budget, FEW_CODES):
            return find("enumeration"), 1
        if factorised and bits + 1 <= budget:
            return find("leg"), budget // (bits + 1)
        name = "reinforce-average" if budget < 2 else "double-cv" if factorised else "rloo"
    estimator = find(name)
    if reason := estimator.misfit(bits, factorised):
        fitting = (n for n, kind in available().items() if not kind.misfit(bits, factorised))
        raise UsageError(f"the estimator {name} {reason}; take one of: {', '.join(fitting)}")
    if reason := estimator.too_few(budget):
        raise UsageError(
            f"the estimator {name} {reason}; or choose reinforce-average, which works with one"
        )
    return estimator, budget
