import numpy as np
import pytest

from lexbits.config import PRESETS, resolve
from lexbits.training.length import (
    FEWEST_EPOCHS,
    MOST_EPOCHS,
    MOST_IN_EPOCH,
    MOST_SYNTHETIC,
    epochs,
    parts,
    real_in_epoch,
    steps_in_epoch,
    synthetic_in_all,
    synthetic_in_epoch,
    synthetic_note,
)
from lexbits.training.teachers import teacher_settings
from tests.training.trainings import start


def settings(**changes):
    length = {} if "epochs" in changes else {"steps": 1000}
    return resolve(length | {"synthetic_words": 0.0, "batch_size": 64} | changes)


def test_a_number_of_epochs_that_is_given_is_taken():
    assert [epochs(settings(epochs=7), words) for words in (10, 10**6)] == [7, 7]


@pytest.mark.parametrize("words", [700, 5_000, 30_000])
@pytest.mark.parametrize("drawn", [0.0, 2.0])
def test_auto_epochs_make_about_the_steps_that_are_asked_for(words, drawn):
    asked = settings(synthetic_words=drawn)
    per_epoch = steps_in_epoch(asked, words)
    assert abs(epochs(asked, words) * per_epoch - 1000) <= per_epoch / 2


def test_auto_epochs_are_bounded_on_both_sides():
    assert epochs(settings(), 20) == MOST_EPOCHS
    assert epochs(settings(), 10**7) == FEWEST_EPOCHS


@pytest.mark.parametrize("words", [8_001, 60_000, 10**7])
def test_of_a_list_too_long_for_the_steps_an_epoch_is_a_part(words):
    per_epoch = steps_in_epoch(settings(), words)
    assert per_epoch <= 1000 // FEWEST_EPOCHS
    assert epochs(settings(), words) * per_epoch == pytest.approx(1000, rel=0.1)


def test_passes_that_are_given_are_made_in_parts_of_a_million_words():
    asked = settings(epochs=3)
    assert parts(asked, MOST_IN_EPOCH) == 1
    assert epochs(asked, 10**7) == 3 * parts(asked, 10**7) == 30
    assert 10 * real_in_epoch(asked, 10**7) == 10**7


def test_the_epochs_of_a_long_list_pass_over_all_of_it():
    session = start(epochs="auto", steps=16, batch_size=3)  # 40 words, 6 in an epoch
    seen = []
    for session.progress.epoch in range(7):
        seen += np.concatenate(session.batches()).tolist()
    assert sorted(set(seen)) == list(range(40))
    assert max(seen.count(word) for word in range(40)) == 2  # the seventh begins a second pass
    assert seen[:6] != list(range(6))


def test_drawn_words_count_into_the_epoch_and_have_a_bound():
    asked = settings(synthetic_words=1.5, epochs=4)
    assert synthetic_in_epoch(asked, 100) == 150
    assert steps_in_epoch(asked, 100) == 4
    assert synthetic_in_all(asked, 100) == 600
    assert synthetic_in_epoch(asked, 10**7) == synthetic_in_all(asked, 10**7) == MOST_SYNTHETIC
    assert synthetic_in_all(settings(), 100) == 0


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        pytest.param(2_000, 4_000, id="32 passes: all that are asked for"),
        pytest.param(4_000, 2_400, id="16 passes: so many that 10 are left"),
        pytest.param(7_000, 0, id="9 passes: none"),
    ],
)
def test_drawn_words_leave_room_for_passes_over_the_real_ones(words, drawn):
    assert synthetic_in_epoch(settings(synthetic_words=2.0), words) == drawn
    assert synthetic_in_epoch(settings(synthetic_words=2.0, epochs=1), words) == 2 * words


@pytest.mark.parametrize(
    ("words", "drawn"),
    [
        pytest.param(400, 4_000, id="160 passes: ten for each"),
        pytest.param(2_000, 4_400, id="32 passes: so many that 10 are left"),
        pytest.param(7_000, 0, id="9 passes: none"),
    ],
)
def test_drawn_words_take_all_the_room_there_is(words, drawn):
    assert synthetic_in_epoch(settings(synthetic_words="auto"), words) == drawn


@pytest.mark.parametrize(("epochs", "drawn"), [(5, 0), (20, 100), (200, 1000)])
def test_drawn_words_take_the_room_of_the_epochs_that_are_given(epochs, drawn):
    assert synthetic_in_epoch(settings(synthetic_words="auto", epochs=epochs), 100) == drawn


def test_a_training_of_auto_epochs_ends_after_its_steps():
    session = start(epochs="auto", steps=40)
    assert session.epochs == 8
    assert session.steps == 8 * session.steps_per_epoch == 40


def test_teachers_take_the_steps_of_the_plain_preset():
    teacher = teacher_settings(resolve({}, "best"), 0)
    assert (teacher.epochs, teacher.steps) == ("auto", PRESETS["plain"]["steps"])


def test_words_beyond_a_million_are_said_to_be_drawn_no_more():
    asked = settings(synthetic_words=2.0, epochs=10)
    assert synthetic_note(asked, 50_000) == ""
    assert synthetic_note(asked, 100_000) == (
        "synthetic_words 2 asks for 2,000,000 words in all: 1,000,000 are generated, and learned "
        "from several times"
    )
    assert synthetic_note(settings(epochs=10), 10**6) == ""
