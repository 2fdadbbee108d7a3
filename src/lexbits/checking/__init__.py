"""Whether an estimator does what it says: exact checks on toys, for ours and for anybody's.

In a test suite: `from lexbits.checking import assert_sound`, then `assert_sound(MyEstimator)`.
"""

from lexbits.checking.checks import Check, assert_sound, check_estimator, measured, samples_to_try
from lexbits.checking.measure import Measurement, measure
from lexbits.checking.toys import Toy, ToyNumbers, built_in_toys, read_toys

__all__ = [
    "Check",
    "Measurement",
    "Toy",
    "ToyNumbers",
    "assert_sound",
    "built_in_toys",
    "check_estimator",
    "measure",
    "measured",
    "read_toys",
    "samples_to_try",
]
