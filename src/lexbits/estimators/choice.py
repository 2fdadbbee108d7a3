"""Which estimator to take where the user leaves it open, and whether one fits."""

from __future__ import annotations

from lexbits.errors import UsageError
from lexbits.estimators.base import Estimator
from lexbits.estimators.registry import available, find

AUTO = "auto"
FEW_CODES = 16
"""So many codes are summed over exactly whatever the budget is."""


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
    if estimator.needs_factorised_q and not factorised:
        raise UsageError(
            f"the estimator {name} works on the bits one by one and needs a factorised posterior; "
            f"for an autoregressive one take one of: {', '.join(_fitting(bits))}"
        )
    if estimator.most_bits is not None and bits > estimator.most_bits:
        raise UsageError(
            f"the estimator {name} works up to {estimator.most_bits} bits, found {bits}"
        )
    if not estimator.legal(budget):
        step = f" in multiples of {estimator.sample_step}" if estimator.sample_step > 1 else ""
        raise UsageError(
            f"the estimator {name} needs at least {estimator.least_samples} samples{step}, found "
            f"{budget}; or choose reinforce-average, which works with one"
        )
    return estimator, budget


def misfit(estimator: type[Estimator], bits: int, factorised: bool) -> str | None:
    """Return why an estimator cannot work with K bits and such a posterior; None if it can."""
    if estimator.needs_factorised_q and not factorised:
        return "needs a factorised posterior"
    if estimator.most_bits is not None and bits > estimator.most_bits:
        return f"works up to {estimator.most_bits} bits"
    return None


def _fitting(bits: int) -> list[str]:
    return [name for name, kind in available().items() if misfit(kind, bits, False) is None]
