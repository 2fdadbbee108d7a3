"""What is wrong with an estimator that is biased: the mistakes that it looks like."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from lexbits.checking.marking.elbo_terms import expected_log_likelihood
from lexbits.checking.marking.expectation import VALUE, expectation
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.recognition import ratio, recognised, told, wrong_parts
from lexbits.checking.marking.surrogate import SURROGATE
from lexbits.checking.marking.unknown import described
from lexbits.checking.marking.world import WHOLE, Given
from lexbits.checking.outcomes import NotEnumerableError
from lexbits.estimators import Estimate, Estimator


def looks_like(make: Callable[[int], Estimator], samples: Sequence[int]) -> list[Mistake]:
    """Return what a biased estimator of E_q[f] looks like, measured in the world of exercises.

    Args:
        make: S -> the estimator, in double, its averages settled for 3 bits.
        samples: the S to measure it with.
    """
    found, values = [], []
    estimator = make(samples[0])
    for s in samples:
        estimator = make(s).eval()
        if estimator.bound != "elbo" or estimator.scales_gradient:
            return []
        try:
            found.append(expectation(_part(estimator, "surrogate"), WHOLE, s))
            values.append(expectation(_part(estimator, "value"), WHOLE, s))
        except NotEnumerableError:
            continue
    if not found:
        return []
    said = []
    if wrong := wrong_parts(found, SURROGATE, WHOLE):
        slips = recognised(found, SURROGATE, WHOLE)
        said = [told(slip, SURROGATE, found[-1].samples, WHOLE) for slip in slips]
        said = said or [described(_part(estimator, "surrogate"), found, SURROGATE, WHOLE, wrong)]
    exact = expected_log_likelihood()
    if any(one.off(VALUE, exact) > 1 for one in values):
        said.append(_wrong_value(values[-1].means[VALUE], exact, values[-1].samples))
    return said


def _part(estimator: Estimator, name: str) -> Callable[[Given, int], Tensor]:
    def call(given: Given, samples: int) -> Tensor:
        estimate: Estimate = estimator.estimate(
            given.argument("q", samples), given.decoder, samples
        )
        found: Tensor = getattr(estimate, name)
        return found if name == "surrogate" else found.detach()

    return call


def _wrong_value(mean: Tensor, exact: Tensor, samples: int) -> Mistake:
    factor = ratio(mean, exact)
    if factor is not None:
        times = " = S" if math.isclose(factor, samples, rel_tol=1e-6) else ""
        said = f"On average it is {factor:.4g}{times} times E[f(z)], with S = {samples}."
    else:
        off = float((mean - exact).abs().max())
        said = f"On average it is up to {off:.3g} off E[f(z)], with S = {samples}."
    return Mistake("the value is not that of E[f(z)]", said, "what is value the mean of?")
