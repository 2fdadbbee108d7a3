"""No two of the usual mistakes are taken for one another."""

import itertools

import pytest
import torch

from lexbits.checking.marking.exercises import EXERCISES
from lexbits.checking.marking.recognition import recognised, told
from lexbits.checking.marking.world import TINY_BATCH, WHOLE
from lexbits.checking.outcomes import NotEnumerableError

NAMES = [name for name in EXERCISES if name != "leave-one-out"]


def averages(exercise, slip):
    """Return what a slip gives, for as many samples as can be enumerated."""
    world, counts = (TINY_BATCH, (2, 3)) if slip.mixes else (WHOLE, exercise.samples)
    found = []
    for samples in counts:
        try:
            found.append(exercise.known((slip,), samples, world))
        except NotEnumerableError:
            assert found
    return found, world


@pytest.mark.parametrize("name", NAMES)
def test_a_slip_is_recognised_as_itself(name):
    exercise = EXERCISES[name]
    for slip in exercise.slips:
        found, world = averages(exercise, slip)
        assert [s.name for s in recognised(found, exercise, world)] == [slip.name]


@pytest.mark.parametrize("name", NAMES)
def test_any_two_slips_that_go_together_can_be_computed(name):
    exercise = EXERCISES[name]
    for mixing in (False, True):
        for slips in exercise.combinations(mixing):
            words = torch.arange(TINY_BATCH.words)
            out = exercise.with_slips(slips)(TINY_BATCH.given(words), 3)
            assert out.shape == (2,), slips


@pytest.mark.parametrize("name", NAMES)
def test_a_slip_is_told_without_gaps(name):
    exercise = EXERCISES[name]
    for slip in exercise.slips:
        found, world = averages(exercise, slip)
        mistake = told(slip, exercise, found[-1].samples, world)
        assert "{" not in mistake.effect
        assert "not a multiple" not in mistake.effect
        assert slip.hint.rstrip().endswith(("?", ".", ")"))
        assert "`" not in slip.hint  # no line of code is given away


@pytest.mark.parametrize("name", NAMES)
def test_slips_differ_from_what_is_right_and_from_each_other(name):
    exercise = EXERCISES[name]
    for mixing in (False, True):
        slips = [slip for slip in exercise.slips if slip.mixes == mixing]
        found = {slip.name: averages(exercise, slip)[0] for slip in slips}
        world, counts = (TINY_BATCH, (2, 3)) if mixing else (WHOLE, exercise.samples)
        found["right"] = [exercise.known((), samples, world) for samples in counts]
        for (first, one), (second, other) in itertools.combinations(found.items(), 2):
            apart = max(
                a.off(part, b.means[part])
                for a, b in zip(one, other, strict=False)
                for part in exercise.judged
            )
            same_mean = apart < 5
            if same_mean:  # then it is the noise that tells them apart
                assert abs(one[0].variance - other[0].variance) > 0.001, (first, second)
