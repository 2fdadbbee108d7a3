import math

import numpy as np
import pytest

from lexbits.config import Settings, resolve
from lexbits.data import load_splits
from lexbits.data.drawing import drawn, shares, weights_of
from lexbits.data.entry import Entry
from lexbits.data.weights import merged, parse_weight, weight_text, weights_note
from lexbits.errors import DataError, UsageError

TOKENS, LOG, TYPES = (
    Settings(weights=2, weighting=weighting) for weighting in ("tokens", "log", "types")
)
FREQUENCIES = np.array([1000.0, 100.0, 10.0, 1.0, 1.0, 0.5, 0.1, 3.0])


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "words.tsv"
    rows = [f"word{i}\t{1 + i % 7}\n" for i in range(60)]
    path.write_text("".join(["Word\tFreq\n", *rows, "word3\t100\n"]))
    return str(path)


def counts(parts, size, seed, epochs):
    found = [np.bincount(drawn(parts, size, seed, e), minlength=len(parts)) for e in epochs]
    return np.array(found)


@pytest.mark.parametrize("settings", [TOKENS, LOG], ids=["tokens", "log"])
def test_expected_counts_are_the_weights(settings):
    parts = shares(FREQUENCIES, settings)
    expected = np.log1p(FREQUENCIES) if settings is LOG else FREQUENCIES
    assert parts == pytest.approx(expected / expected.mean())
    size = 100
    found = counts(parts, size, 0, range(1)), *(counts(parts, size, s, [0]) for s in range(400))
    mean = np.concatenate(found).mean(0)
    wanted = size * parts / len(parts)
    # A number is its floor or its ceiling: its variance is at most 1/4, over 400 seeds.
    assert np.abs(mean - wanted).max() < 4 * 0.5 / math.sqrt(400)


def test_each_word_is_drawn_as_often_as_its_share_rounded_down_or_up():
    parts, size = shares(FREQUENCIES, TOKENS), 50
    wanted = size * parts / len(parts)
    for found in counts(parts, size, 3, range(20)):
        assert found.sum() == size
        assert (found >= np.floor(wanted)).all()
        assert (found <= np.ceil(wanted)).all()


def test_rare_words_take_turns_from_epoch_to_epoch():
    parts, size, epochs = shares(FREQUENCIES, LOG), 5, 1000
    found = counts(parts, size, 1, range(epochs)).sum(0)
    assert np.abs(found - epochs * size * parts / len(parts)).max() < 10


def test_what_is_drawn_depends_on_seed_and_epoch_alone():
    parts = shares(FREQUENCIES, LOG)
    first = drawn(parts, 20, 7, 3)
    drawn(parts, 20, 7, 4)
    assert (drawn(parts, 20, 7, 3) == first).all()
    assert (drawn(parts, 20, 8, 3) != first).any()
    assert (np.bincount(drawn(parts, 20, 7, 4)) != np.bincount(first)).any()


def test_equal_weights_draw_each_word_once():
    parts = shares(np.full(50, 1e300), TOKENS)
    assert sorted(drawn(parts, 50, 0, 5)) == list(range(50))


def test_huge_and_tiny_weights_do_not_overflow():
    parts = shares(np.array([1.7e308, 1.7e308, 5e-324, 1.0]), TOKENS)
    assert np.isfinite(parts).all()
    assert parts == pytest.approx([2, 2, 0, 0])
    assert set(drawn(parts, 1000, 0, 0).tolist()) <= {0, 1, 2, 3}


def test_types_and_no_weights_count_every_word_once():
    assert shares(FREQUENCIES, TYPES) is None
    assert shares(None, TOKENS) is None
    assert weights_of([Entry("a"), Entry("b")]) is None


def test_weights_of_equal_forms_are_added_up_at_the_first():
    rows = [Entry("a", weight=2.0), Entry("b", weight=0.5), Entry("a", "x", weight=3.0)]
    assert merged(rows) == [Entry("a", weight=5.0), Entry("b", weight=0.5)]


@pytest.mark.parametrize("weight", [1.0, 22038615.0, 0.1, 1e-300, 2.0**60, 1e300, 1 / 3])
def test_a_weight_survives_as_text(weight):
    assert parse_weight(weight_text(weight), "here") == weight
    assert weight_text(22038615.0) == "22038615"


@pytest.mark.parametrize("cell", ["0", "-3", "", "many", "nan", "inf", "1e999", "1,234"])
def test_what_is_no_weight_is_refused_in_one_line(cell):
    with pytest.raises(DataError, match="f, line 3: expected a weight, a number above 0") as caught:
        parse_weight(cell, "f, line 3")
    assert "\n" not in str(caught.value)


def test_words_with_weights_are_read_merged_and_split(table):
    words = load_splits(resolve({"data": table, "weights": "freq"}))
    assert words.layout == "column 1, weights in column freq"
    every = {e.form: e.weight for e in words.train}
    assert len(every) == len(words.train)
    assert every["word5"] == 6
    assert max(every.values()) == (104 if "word3" in every else 7)
    assert all(e.weight == 1 for e in [*words.dev, *words.test])
    assert any("the weight of 1 row is added" in note for note in words.notes)
    assert any("figures stay by type" in note for note in words.notes)
    plain = load_splits(resolve({"data": table, "column": "word"}))
    assert all(e.weight == 1 for e in plain.train)
    assert {e.form for e in plain.train} == set(every)


def test_a_note_says_how_much_the_heaviest_word_is():
    entries = [Entry("the", weight=3.0), Entry("of", weight=1.0)]
    note = weights_note(entries, TOKENS)
    assert "'the' is 75 %" in note
    assert "count as 2 words" in note  # (3 + 1)² / (9 + 1) = 1.6
    assert "without effect" in weights_note(entries, TYPES)
    assert weights_note([Entry("the")], TOKENS) == ""


@pytest.mark.parametrize("data", ["simplemma:es", "sigmorphon2016:spanish"])
def test_data_sets_without_weights_are_refused(data):
    with pytest.raises(UsageError, match="has no weights"):
        load_splits(resolve({"data": data, "weights": 2}))


def test_weighting_without_weights_would_change_nothing():
    with pytest.raises(UsageError, match="there are no weights"):
        resolve({"weighting": "log"})
