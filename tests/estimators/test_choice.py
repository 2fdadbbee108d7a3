import pytest

from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.estimators.choice import choose


@pytest.mark.parametrize(
    ("bits", "budget", "factorised", "name", "samples"),
    [
        (3, 2, True, "enumeration", 1),
        (4, 1, False, "enumeration", 1),
        (6, 64, True, "enumeration", 1),
        (8, 9, True, "leg", 1),
        (8, 20, True, "leg", 2),
        (16, 4, True, "double-cv", 4),
        (16, 4, False, "rloo", 4),
        (16, 1, True, "reinforce-average", 1),
        (8, 9, False, "rloo", 9),
    ],
)
def test_auto_takes_what_bits_budget_and_posterior_allow(bits, budget, factorised, name, samples):
    assert choose("auto", budget, bits, factorised) == (ESTIMATORS[name], samples)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_named_estimator_is_taken_with_its_samples_or_refused(name):
    kind = ESTIMATORS[name]
    assert choose(name, 4, 8, True) == (kind, 4)
    if kind.needs_factorised_q:
        with pytest.raises(UsageError, match=f"{name} .*factorised.*take one of: .*rloo, "):
            choose(name, 4, 8, False)
    else:
        assert choose(name, 4, 8, False) == (kind, 4)


def test_what_does_not_fit_is_refused_with_what_would():
    with pytest.raises(UsageError, match="unknown estimator 'rlo'; did you mean 'rloo'"):
        choose("rlo", 2, 8, True)
    with pytest.raises(UsageError, match="rloo needs at least 2 samples, found 1; or choose"):
        choose("rloo", 1, 8, True)
    with pytest.raises(UsageError, match="disarm needs at least 2 samples in multiples of 2"):
        choose("disarm", 3, 8, True)
    with pytest.raises(UsageError, match="enumeration works up to 16 bits, found 20"):
        choose("enumeration", 1, 20, True)
