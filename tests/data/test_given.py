"""Words given from Python: cleaned, limited and split as those of a file are."""

import numpy as np
import pytest

from lexbits.config import resolve
from lexbits.data.bad import BadWords
from lexbits.data.given import clean_words, words_to_learn
from lexbits.errors import DataError, LexbitsWarning, UsageError

WORDS = [a + b for a in ("ba", "de", "ki", "mo", "su", "la") for b in "bdfghklmnprstvz"]
BAD = {
    "nan": float("nan"),
    "None": None,
    "bytes": b"casa",
    "int": 5,
    "tuple": ("casa", "perro"),
}


def forms(entries):
    return [entry.form for entry in entries]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_what_is_no_word_is_named_with_its_index(bad):
    with pytest.raises(UsageError, match=r"^words\[2\]: expected a word, found .*; skip_bad=True"):
        clean_words(["casa", "perro", bad])
    with pytest.raises(UsageError, match=r"^dev\[1\]: expected a word"):
        words_to_learn(WORDS, ["casa", bad], resolve())


@pytest.mark.parametrize(
    ("bad", "said"), [("ca\tsa", "U\\+0009"), ("ca\ud83dsa", "surrogate pair, U\\+D83D")]
)
def test_a_character_that_no_word_can_have_is_named(bad, said):
    with pytest.raises(DataError, match=rf"^words\[1\]: .*{said}"):
        clean_words(["casa", bad])


def test_bad_words_are_left_out_on_request_and_counted():
    with pytest.warns(LexbitsWarning, match=r"3 bad words left out; the first: words\[1\].*nan"):
        found = clean_words(["casa", float("nan"), "perro", None, "a\tb"], skip_bad=True)
    assert found == ["casa", "perro"]
    with pytest.warns(LexbitsWarning), pytest.raises(UsageError, match="found none"):
        clean_words([None], skip_bad=True)


def test_where_nothing_is_bad_nothing_is_said():
    bad = BadWords(skip=True)
    assert bad.take(int, "3") == 3
    assert bad.note() == ""


def test_blank_words_are_bad_to_ask_about_and_skipped_in_learning():
    with pytest.raises(UsageError, match=r"words\[1\]: expected a word, found the text ' '"):
        clean_words(["casa", " "])
    given = words_to_learn([*WORDS, "", "  "], None, resolve())
    assert sorted(forms(given.train + given.dev)) == sorted(WORDS)


def test_a_limit_takes_the_sample_of_the_command_and_auto_and_all_take_everything():
    for limit, size in ((50, 50), ("auto", 90), ("all", 90), (1000, 90)):
        given = words_to_learn(WORDS, None, resolve({"limit": limit}))
        assert len(given.train) + len(given.dev) == size


def test_long_words_are_left_out_and_that_is_said():
    given = words_to_learn([*WORDS, "x" * 31], None, resolve())
    assert given.notes[0].startswith("words: 1 of 91 words longer than 30 characters left out")


def test_dev_words_among_the_training_words_are_left_out_and_that_is_said():
    fresh = [word + "r" for word in WORDS[:60]]
    given = words_to_learn(WORDS, [*WORDS[:7], *fresh], resolve())
    assert forms(given.dev) == fresh
    assert given.notes == ["dev: 7 of 67 words are in words too, and left out"]
    with pytest.raises(DataError, match=r"dev: expected at least 10 .* not in train"):
        words_to_learn(WORDS, WORDS, resolve())


@pytest.mark.parametrize("empty", [[], (), np.array([], dtype=str), iter([]), [""]])
def test_no_words_are_refused(empty):
    with pytest.raises(UsageError, match="expected dev words, found none"):
        words_to_learn(WORDS, empty, resolve())


def test_few_words_are_said_and_fewer_refused():
    given = words_to_learn(WORDS, None, resolve())  # 100 words of a newcomer, about
    assert len(given.dev) >= 10
    assert [note[:4] for note in given.notes] == ["dev:"]
    with pytest.raises(DataError, match=r"^train: expected at least 10 .*lower --dev-share"):
        words_to_learn(WORDS, None, resolve({"dev_share": 0.899}))
    with pytest.raises(DataError, match=r"dev: expected at least 10"):
        words_to_learn(WORDS, ["nuevo"], resolve())
