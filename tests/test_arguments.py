"""What callers give is checked in one place, and refused in one line."""

from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from lexbits import arguments
from lexbits.errors import UsageError

LISTS = {
    "a list": ["a", "b"],
    "a tuple": ("a", "b"),
    "a set": {"b", "a"},
    "a generator": (letter for letter in "ab"),
    "an iterator": iter(["a", "b"]),
    "the keys of a dict": {"a": 1, "b": 2}.keys(),
    "an array": np.array(["a", "b"]),
    "an array of objects": np.array(["a", "b"], dtype=object),
}


@pytest.mark.parametrize("found", LISTS.values(), ids=LISTS)
def test_whatever_holds_one_item_after_another_is_a_list(found):
    assert arguments.listed(found, "words") == ["a", "b"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ("casa", "the text 'casa'"),
        (b"casa", "bytes"),
        ({"casa": 3}, "a dict"),
        (3, r"3 \(int\)"),
        (None, "None"),
        (Path("words.txt"), "PosixPath|WindowsPath"),
        (np.array([["a"], ["b"]]), "2 dimensions"),
        (np.array("a"), "0 dimensions"),
    ],
)
def test_what_holds_none_is_refused_by_name(found, said):
    with pytest.raises(UsageError, match=f"expected a list of words, found .*({said})"):
        arguments.listed(found, "words")


def test_a_text_of_several_words_is_to_be_split():
    with pytest.raises(UsageError, match=r"text\.split\(\)"):
        arguments.listed("casa\nperro\n", "words")


def test_a_long_value_is_shortened_in_the_message():
    with pytest.raises(UsageError) as refused:
        arguments.listed("a" * 10_000, "words")
    assert len(str(refused.value)) < 120


def test_numbers_of_numpy_are_numbers():
    assert arguments.whole(np.int64(3), "n") == 3
    assert type(arguments.whole(np.int64(3), "n")) is int
    assert arguments.number(np.float32(0.5), "t") == 0.5
    assert arguments.seed(np.uint64(2**62)) == 2**62
    assert arguments.flag(np.bool_(True), "f") is True
    assert type(arguments.text(np.str_("a"), "w")) is str


@pytest.mark.parametrize("found", [True, 2.0, "2", None, np.float64(2), np.bool_(True), [2]])
def test_what_is_no_whole_number_is_refused(found):
    with pytest.raises(UsageError, match="expected n to be a whole number, found"):
        arguments.whole(found, "n")


@pytest.mark.parametrize(("found", "said"), [(-1, "at least 0"), (10**30, "at most 10,000,000")])
def test_a_whole_number_out_of_bounds_is_refused(found, said):
    with pytest.raises(UsageError, match=said):
        arguments.whole(found, "n")


@pytest.mark.parametrize("found", [float("nan"), float("inf"), True, "1", None, 1j])
def test_what_is_no_finite_number_is_refused(found):
    with pytest.raises(UsageError, match="finite number"):
        arguments.number(found, "t")


@pytest.mark.parametrize("found", [-1, 2**63, 0.0, True, "0"])
def test_a_seed_is_a_whole_number_that_fits_63_bits(found):
    with pytest.raises(UsageError, match="the seed"):
        arguments.seed(found)


@pytest.mark.parametrize("found", [1, "yes", None])
def test_what_merely_counts_as_true_is_refused(found):
    with pytest.raises(UsageError, match="True or False"):
        arguments.flag(found, "search")


@pytest.mark.parametrize("found", ["mean", "", None, 1, ["means"]])
def test_a_choice_is_one_of_the_known_words(found):
    with pytest.raises(UsageError, match="one of means, bits, found"):
        arguments.choice(found, "through", ("means", "bits"))
    assert arguments.choice("bits", "through", ("means", "bits")) == "bits"


@pytest.mark.parametrize("found", ["", b"run", 3, None, "a\0b", "a\ud83d"])
def test_what_can_be_no_path_is_refused(found):
    with pytest.raises(UsageError, match="expected the path"):
        arguments.path(found)


def test_a_path_is_text_or_a_path():
    assert arguments.path("run") == arguments.path(Path("run")) == Path("run")


def test_an_enumeration_of_texts_gives_its_text():
    kind = Enum("kind", {"a": "means"}, type=str)
    assert arguments.choice(kind.a, "through", ("means",)) == "means"


def test_the_path_of_a_file_in_the_place_of_words_is_refused_with_how_to_read_it(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("casa\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"to read that file: open\(FILE, .*\.split\(\)$"):
        arguments.listed(str(path), "words")
    with pytest.raises(UsageError, match=r"write \[\.\.\.\] around it$"):
        arguments.listed("a" * 5000, "words")
