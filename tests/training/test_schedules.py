import math

import pytest

from lexbits.training.schedules import WARM_UP, kl_weight, learning_rate
from tests.exact import tiny_settings

STEPS = 100


def rates(schedule):
    settings = tiny_settings(schedule=schedule, learning_rate=0.01)
    return [learning_rate(settings, step, STEPS) for step in range(STEPS)]


def test_a_constant_rate_is_constant():
    assert set(rates("constant")) == {0.01}


def test_cosine_falls_from_the_peak_to_zero_as_half_a_cosine():
    found = rates("cosine")
    assert found[0] == 0.01
    assert found[50] == pytest.approx(0.005)
    assert found[25] == pytest.approx(0.01 * (1 + math.cos(math.pi / 4)) / 2)
    assert 0 < found[-1] < 1e-5
    assert found == sorted(found, reverse=True)


def test_one_cycle_climbs_from_a_25th_to_the_peak_and_falls_to_zero():
    found = rates("onecycle")
    top = round(WARM_UP * STEPS)
    assert found[0] == pytest.approx(0.01 / 25)
    assert found[top // 2] == pytest.approx((0.01 / 25 + 0.01) / 2)
    assert found[top] == max(found) == pytest.approx(0.01)
    assert found[60] == pytest.approx(0.005)
    assert 0 < found[-1] < 1e-5
    assert found[:top] == sorted(found[:top])
    assert found[top:] == sorted(found[top:], reverse=True)


@pytest.mark.parametrize("schedule", ["constant", "cosine", "onecycle"])
def test_one_step_in_all_has_a_positive_rate(schedule):
    assert learning_rate(tiny_settings(schedule=schedule), 0, 1) > 0


def test_the_kl_weight_grows_linearly_from_zero_and_stays():
    settings = tiny_settings(kl_weight=0.6, kl_annealing_epochs=1.5)
    weights = [kl_weight(settings, step, 10) for step in (0, 5, 10, 15, 16, 500)]
    assert weights == pytest.approx([0, 0.2, 0.4, 0.6, 0.6, 0.6])


def test_without_annealing_the_kl_has_its_weight_at_once():
    assert kl_weight(tiny_settings(kl_weight=0.6), 0, 10) == 0.6
