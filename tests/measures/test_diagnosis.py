"""What is said of the bits, word for word."""

import dataclasses
import itertools
import math

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.measures import evaluate
from lexbits.measures.diagnosis import (
    COLLAPSED_BELOW,
    collapse_advice,
    describe_ignored,
    describe_information,
    describe_limits,
    describe_negative,
    describe_unseen,
)
from lexbits.measures.position_gain import Gain, PositionGain
from tests.exact import tiny_model


@pytest.fixture(scope="module")
def figures():
    words = ["".join(w) for w in itertools.product("ab", repeat=4)]
    return evaluate(tiny_model(), Corpus.from_words(words, Alphabet("ab")), 2)


@pytest.fixture
def rich(figures):
    return dataclasses.replace(figures, mutual_information=4.567, active_bits=9, nll=16.0)


def gains(*nats):
    """Return the gains of words of one length."""
    start = [Gain(i, value, 10) for i, value in enumerate(nats, 1)]
    end = [Gain(i, value, 10) for i, value in enumerate(reversed(nats), 1)]
    return PositionGain(10, sum(nats), start, end)


def test_little_information_is_called_collapse_with_advice(figures):
    poor = dataclasses.replace(figures, mutual_information=0.123)
    said = describe_information(poor, 16, gains(1, 2, 3))
    assert "ignored (posterior collapse)" in said
    assert "only 0.12 nats" in said
    assert "11.09" in said
    assert "--rate-target 4 " in collapse_advice(poor, Settings(bits=16))
    assert "--free-nats" in collapse_advice(poor, Settings(bits=16))


def test_few_words_are_no_ground_for_calling_the_bits_ignored(figures):
    few = dataclasses.replace(figures, mutual_information=0.0, words=1)
    assert "these are 1" in describe_information(few, 16)
    assert collapse_advice(few, Settings(bits=16)) == ""


def test_no_information_has_no_sign(figures):
    none = dataclasses.replace(figures, mutual_information=-1e-15)
    assert "only 0.00 nats" in describe_information(none, 16)


@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_the_advice_is_a_rate_that_the_bits_can_carry(figures, bits):
    poor = dataclasses.replace(figures, mutual_information=0.0)
    target = float(collapse_advice(poor, Settings(bits=bits)).split("--rate-target ")[1].split()[0])
    assert 0 < target < bits * math.log(2)


def test_enough_information_is_told_beside_what_there_could_be_and_without_advice(rich):
    assert describe_information(rich, 16) == (
        "The bits carry 4.57 nats about the word: 41% of the 11.09 that 16 bits can hold, and 29% "
        "of the 16.00 that telling a word takes; 9 of 16 are active."
    )
    assert collapse_advice(rich, Settings(bits=16)) == ""


def test_where_the_bits_help_is_the_second_sentence(rich):
    said = describe_information(rich, 16, gains(1, 0.5, 0.25, 0.1, 0.1, 0.1, 0.2, 0))
    assert said.startswith(describe_information(rich, 16) + " ")
    assert said.endswith(
        "They help most at the start of a word: of the 2.25 nats that they save on it, 1.75 go to "
        "the first 3 characters and 0.40 to the last 3 and the end."
    )


@pytest.mark.parametrize(
    ("nats", "place"),
    [
        ((1, 1, 1, 0, 0, 0, 0, 0), "most at the start"),
        ((0, 0, 0, 0, 0, 1, 1, 1), "most at the end"),
        ((0, 0, 0, 0, 0, 0, 0, 1), "most at the end"),
        ((1, 0, 0, 0, 0, 0, 0, 1), "about as much at the start"),
        ((0, 0, 0, 0.01, 0, 0, 0, 0), "next to nothing"),
    ],
)
def test_the_place_is_where_the_nats_are(rich, nats, place):
    assert place in describe_information(rich, 16, gains(*nats))


def test_the_border_counts_as_enough(figures):
    border = dataclasses.replace(figures, mutual_information=COLLAPSED_BELOW)
    assert "ignored" not in describe_information(border, 16)
    assert collapse_advice(border, Settings(bits=16)) == ""


def test_without_bits_there_is_nothing_to_say(figures):
    assert describe_information(figures, 0) == collapse_advice(figures, Settings(bits=0)) == ""


def test_unseen_characters_are_said_with_the_nll_of_the_other_words():
    def of(words):
        return evaluate(tiny_model(), Corpus.from_words(words, Alphabet("ab")), 2)

    assert describe_unseen(of(["ab", "ba"])) == ""
    mixed = of(["ab", "xxb", "ba"])
    said = describe_unseen(mixed)
    assert "1 of 3 words" in said
    assert "2 in all" in said
    assert f"{mixed.seen_nll:.3f}" in said
    assert "no word is without them" in describe_unseen(of(["x"]))


def test_the_advice_is_nothing_that_is_set_already(figures):
    poor = dataclasses.replace(figures, mutual_information=0.0)
    tried = {
        "free_nats": 0.0, "rate_target": 2.0, "estimator": "nvil", "symbol_dropout": 0.1,
        "z_at_logits": False,
    }  # fmt: skip
    assert collapse_advice(poor, Settings(**tried)) == "Try --z-at-logits; or a longer training."
    assert collapse_advice(poor, Settings(**tried | {"z_at_logits": True})) == (
        "Try a longer training: all else that helps is set."
    )
    both = "without a target, --free-nats 4 or --kl-annealing-epochs 5; "
    assert both in collapse_advice(poor, Settings(free_nats=0.0))
    assert "--free-nats 4" not in collapse_advice(poor, Settings(free_nats=4.0))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"mutual_information": 0.2, "marginal_kl": 0.1}, ""),
        ({"mutual_information": -1e-9, "marginal_kl": 0.1}, ""),
        ({"mutual_information": -0.2, "marginal_kl": 0.1}, "The mutual information below 0 is"),
        ({"mutual_information": 0.2, "marginal_kl": -0.1}, "The marginal KL below 0 is"),
        (
            {"mutual_information": -0.2, "marginal_kl": -0.1},
            "The mutual information and the marginal KL below 0 are",
        ),
    ],
)
def test_what_cannot_be_negative_and_is_shown_so_is_explained(figures, values, said):
    explained = describe_negative(dataclasses.replace(figures, **values))
    assert explained.startswith(said)
    assert bool(explained) == bool(said)


def test_ignored_bits_and_too_few_nats_are_two_things():
    assert "make next to no difference" in describe_ignored(0.1)
    assert describe_limits(0.1, 25, searched=False) == ""
    assert describe_ignored(4.0) == ""
    said = describe_limits(4.0, 25, searched=False)
    assert "4.0 of the 25.0 nats" in said
    assert "--search" in said
    assert "--search" not in describe_limits(4.0, 25, searched=True)
    assert describe_limits(20.0, 25, searched=False) == ""
