"""The length of a training that fits into a time: chosen by speeds that are given here."""

import pytest

from lexbits.config import resolve
from lexbits.data.training_words import ListedWords
from lexbits.errors import UsageError
from lexbits.training import pace
from lexbits.training.length import MOST_EPOCHS, epochs, synthetic_in_all
from lexbits.training.pace import Speed, Stopwatch, fit_into
from lexbits.training.teachers import teacher_settings
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN, start

SPEED = Speed(start=1.0, step=0.1, evaluation=2.0)
MINUTES = 10


@pytest.fixture
def still(monkeypatch):
    """A clock that stands still, and speeds that are known; those of teachers are higher."""
    monkeypatch.setattr(pace, "clock", lambda: 100.0)

    def measured(settings, *_):
        return (SPEED if settings.bits else Speed(1.0, 0.05, 1.0)), None

    monkeypatch.setattr(pace, "_measure", measured)

    def drawing(speed, *_):
        return Speed(speed.start, speed.step, speed.evaluation, 3.0, 0.001)

    monkeypatch.setattr(pace, "_with_drawing", drawing)


def planned(real, minutes=MINUTES, dev=2000, began=100.0, **changes):
    settings = resolve({"synthetic_words": 0.0} | changes)
    words = ListedWords(["abc"] * real)
    return fit_into(minutes, began, settings, ALPHABET, words, ["abc"] * dev)


@pytest.mark.parametrize("real", [600, 5_000, 30_000, 10**6])
@pytest.mark.parametrize("minutes", [2, 10, 60])
def test_the_time_is_used_and_not_exceeded(real, minutes, still):
    settings, said = planned(real, minutes)
    share = SPEED.seconds(settings, real) / (60 * minutes)
    assert share <= pace.AIM
    if epochs(settings, real) < MOST_EPOCHS:
        assert share > 0.75
    else:
        assert "more than 100 epochs make no sense for so few words" in said
    assert settings.epochs == "auto"
    assert f"steps={settings.steps} repeats it" in said


def test_the_time_that_is_over_already_counts(still):
    late = planned(5_000, began=100.0 - 300)[0]
    assert late.steps == pytest.approx(planned(5_000, 5)[0].steps, rel=0.2)


def test_teachers_have_the_part_of_the_time_that_they_usually_have(still):
    def teaching(settings):
        each = Speed(1.0, 0.05, 1.0, 3.0, 0.001).seconds(teacher_settings(settings, 0), 5_000)
        return settings.teachers * each

    usual = resolve({"teachers": 2, "synthetic_words": 1.0})
    settings, said = planned(5_000, teachers=2, synthetic_words=1.0)
    own = Speed(1.0, 0.1, 2.0, 3.0, 0.001).seconds(settings, 5_000)
    assert 0.75 * 600 < teaching(settings) + own <= pace.AIM * 600
    share = teaching(usual) / (teaching(usual) + SPEED.seconds(usual, 5_000))
    assert 0.8 * share < teaching(settings) / (pace.AIM * 600) <= share
    assert f"teacher_steps={settings.teacher_steps}" in said


def test_teachers_whose_epochs_are_given_have_those(still):
    settings, said = planned(5_000, teachers=1, teacher_epochs=3, synthetic_words=1.0)
    assert settings.teacher_epochs == 3
    assert "teacher" not in said


def test_the_time_of_synthetic_words_counts(still):
    settings, _ = planned(1_000, synthetic_words=2.0)
    whole = Speed(1.0, 0.1, 2.0, 3.0, 0.001).seconds(settings, 1_000)
    assert synthetic_in_all(settings, 1_000) > 0
    assert 0.75 * 600 < whole <= pace.AIM * 600


def test_where_evaluations_would_take_the_time_fewer_dev_words_are_scored(still):
    settings, said = planned(30_000, 0.8)
    assert pace.FEWEST_DEV_WORDS <= settings.dev_words < 2000
    assert f"dev_words={settings.dev_words} repeat it" in said
    assert settings.steps > 100


def test_a_time_too_short_for_an_epoch_is_refused(still):
    with pytest.raises(UsageError, match=r"minutes 0.01: expected more than 0\.\d+, which"):
        planned(5_000, 0.01)


def test_steps_and_evaluations_are_told_apart(monkeypatch):
    times = iter(range(1000))
    monkeypatch.setattr(pace, "clock", lambda: next(times))
    watch = Stopwatch(seconds=12.0)
    for _ in range(10):
        watch.step_done(None)
    assert not watch.stop_requested()
    watch.epoch_done(None, {}, is_best=True)
    watch.save(None)
    watch.step_done(None)
    assert watch.stop_requested()
    assert (watch.steps, watch.evaluations) == ([1] * 11, [1])


def test_measuring_gives_positive_speeds_and_leaves_no_trace():
    settings = resolve(TINY | {"patience": 1})
    speed, trained = pace._measure(settings, ALPHABET, ListedWords(TRAIN), DEV, 0.05)
    assert min(speed.step, speed.evaluation, speed.start) > 0
    assert trained.bits == 3
    words = ListedWords(TRAIN)
    drawn = pace._with_drawing(speed, [trained], words, DEV, ALPHABET, settings)
    assert drawn.synthetic_word > 0
    assert start().progress.step == 0
