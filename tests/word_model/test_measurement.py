"""What is measured by the object is what the command measures."""

import math

import pytest

from lexbits.errors import UsageError
from lexbits.measures.position_gain import position_gain
from lexbits.measures.reconstruction import reconstruction
from tests.word_model.conftest import WORDS


def test_the_information_is_that_of_an_evaluation(model):
    found, metrics = model.information(WORDS), model.evaluate(WORDS, samples=2)
    assert found.mutual_information == pytest.approx(metrics.mutual_information, abs=1e-5)
    assert found.total_correlation == pytest.approx(metrics.total_correlation, abs=1e-5)
    assert found.active_bits == metrics.active_bits
    assert -0.01 <= found.mutual_information <= math.log(len(WORDS))  # an estimate


def test_gains_and_reconstructions_are_those_of_the_measures(model):
    _, corpus = model._corpus(WORDS, False)
    assert model.position_gain(WORDS, most=None) == position_gain(model.network, corpus, None)
    assert model.position_gain(WORDS, most=7).words == 7
    assert model.reconstruction(WORDS, search=True) == reconstruction(model.network, corpus, True)


def test_the_quality_of_samples_is_against_the_words_of_the_model(model):
    found = model.sample_quality(20, seed=3)
    splits = list(model.words.values())
    assert (found.training_words, found.held_out_words) == (
        splits.count("train"),
        splits.count("dev"),
    )
    assert found == model.sample_quality(20, seed=3)


@pytest.mark.parametrize("method", ["information", "reconstruction", "position_gain"])
def test_what_is_asked_of_bits_needs_bits(plain, method):
    with pytest.raises(UsageError, match="no bits"):
        getattr(plain, method)(WORDS)
