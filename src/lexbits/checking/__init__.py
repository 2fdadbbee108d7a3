"""Whether an estimator does what it says: exact checks on toys, for ours and for anybody's.

In a test suite: `from lexbits.checking import assert_sound`, then `assert_sound(MyEstimator)`.
`mark(elbo)` marks an exercise: whether a function is right, and if not, in which way it is wrong.
"""

from lexbits.checking.checks import Check, assert_sound, check_estimator, measured, samples_to_try
from lexbits.checking.marking.mark import mark
from lexbits.checking.marking.marks import Marks, Mistake, Part
from lexbits.checking.measure import Measurement, measure
from lexbits.checking.toys import Toy, ToyNumbers, built_in_toys, read_toys

__all__ = [
    "Check",
    "Marks",
    "Measurement",
    "Mistake",
    "Part",
    "Toy",
    "ToyNumbers",
    "assert_sound",
    "built_in_toys",
    "check_estimator",
    "mark",
    "measure",
    "measured",
    "read_toys",
    "samples_to_try",
]
