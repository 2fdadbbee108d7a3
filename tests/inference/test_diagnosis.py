import dataclasses

import pytest

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.inference import evaluate
from lexbits.inference.diagnosis import COLLAPSED_BELOW, collapse_advice, describe_information
from tests.exact import tiny_model


@pytest.fixture(scope="module")
def figures():
    return evaluate(tiny_model(), Corpus.from_words(["ab", "b"], Alphabet("ab")), 2)


def test_little_information_is_called_collapse_with_advice(figures):
    poor = dataclasses.replace(figures, mutual_information=0.123)
    assert "ignored (posterior collapse)" in describe_information(poor, 16)
    assert "0.12 nats" in describe_information(poor, 16)
    assert "--free-nats" in collapse_advice(poor, 16)


def test_enough_information_is_told_without_advice(figures):
    rich = dataclasses.replace(figures, mutual_information=4.567, active_bits=9)
    assert describe_information(rich, 16) == (
        "The bits carry 4.57 nats about the word; 9 of 16 are active."
    )
    assert collapse_advice(rich, 16) == ""


def test_the_border_counts_as_enough(figures):
    border = dataclasses.replace(figures, mutual_information=COLLAPSED_BELOW)
    assert "ignored" not in describe_information(border, 16)
    assert collapse_advice(border, 16) == ""


def test_without_bits_there_is_nothing_to_say(figures):
    assert describe_information(figures, 0) == collapse_advice(figures, 0) == ""
