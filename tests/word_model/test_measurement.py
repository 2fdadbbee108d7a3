"""What is measured by the object is what the command measures."""

import math

import pytest
import torch

from lexbits import WordModel
from lexbits.data.known import KnownWords
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


@pytest.mark.parametrize("method", ["information", "reconstruction", "position_gain", "bit_usage"])
def test_what_is_asked_of_bits_needs_bits(plain, method):
    with pytest.raises(UsageError, match="no bits"):
        getattr(plain, method)(WORDS)


def test_the_use_of_bits_is_that_of_their_probabilities(model):
    ones = torch.tensor([encoding.probabilities for encoding in model.encode(WORDS)]).double()
    entropy = -(torch.special.xlogy(ones, ones) + torch.special.xlogy(1 - ones, 1 - ones)).mean(0)
    mean = ones.mean(0)
    together = -(torch.special.xlogy(mean, mean) + torch.special.xlogy(1 - mean, 1 - mean))
    found = model.bit_usage(WORDS)
    assert [use.bit for use in found] == [1, 2, 3, 4]
    assert [use.ones for use in found] == pytest.approx(mean.tolist(), abs=1e-6)
    assert [use.nats for use in found] == pytest.approx((together - entropy).tolist(), abs=1e-6)
    assert [use.active for use in found] == [use.nats > 0.02 for use in found]
    assert sum(use.active for use in found) == model.information(WORDS).active_bits


def test_without_words_bits_are_looked_at_on_held_out_ones(model):
    dev = [word for word, split in model.words.items() if split == "dev"]
    assert model.bit_usage() == model.bit_usage(dev)


def test_a_model_without_words_asks_for_some(model):
    bare = WordModel(model.settings, model.alphabet, model.network, KnownWords(dict))
    with pytest.raises(UsageError, match="give words"):
        bare.bit_usage()
    assert bare.bit_usage(WORDS) == model.bit_usage(WORDS)
