"""What a training is planned to be is what it becomes."""

import pytest

from lexbits.config import resolve
from lexbits.training.plan import plan
from tests.word_model.conftest import TINY, WORDS, fit


@pytest.mark.parametrize("settings", [{}, {"synthetic_words": 1.0}, {"batch_size": 7}])
def test_a_training_takes_the_planned_steps(settings):
    model = fit(WORDS, **settings)
    found = plan(model.settings, model.words.sizes["train"])
    assert (found.epochs, found.steps) == (len(model.history), model.history[-1]["step"])
    assert found.steps == found.epochs * found.steps_in_epoch


def test_synthetic_words_are_counted_beside_the_real_ones():
    found = plan(resolve({**TINY, "synthetic_words": 2.0}), 100)
    assert (found.real_words_in_epoch, found.synthetic_words_in_epoch) == (100, 200)
    assert found.synthetic_words_in_all == 200 * TINY["epochs"]
    assert found.steps_in_epoch == -(-300 // found.batch_size)


def test_teachers_are_planned_with_their_own_settings():
    assert plan(resolve(TINY), 100).teacher_steps is None
    found = plan(resolve({**TINY, "teachers": 2, "teacher_epochs": 5}), 640)
    assert (found.teachers, found.teacher_epochs) == (2, 5)
    assert found.teacher_steps == 5 * -(-640 // found.batch_size)


def test_larger_networks_and_batches_take_more_memory():
    small, large = (plan(resolve({**TINY, "hidden_size": h}), 100).memory_bytes for h in (16, 512))
    assert small < large
