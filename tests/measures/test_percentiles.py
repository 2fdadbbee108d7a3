"""Percentiles among held-out words, against counting by hand."""

import pytest

from lexbits.alphabet import Alphabet
from lexbits.likelihood import score_words
from lexbits.measures import percentiles as module
from lexbits.measures.percentiles import Percentiles
from tests.exact import corpus, tiny_model

WORDS = ["a", "b", "ab", "ba", "aa", "bb", "aba", "bab", "abba"]


@pytest.fixture
def model():
    return tiny_model()


def scores(model, words):
    return score_words(model, corpus(words), module.SAMPLES).log_prob.tolist()


def test_a_percentile_counts_less_probable_words_of_the_length(model, monkeypatch):
    monkeypatch.setattr(module, "FEWEST", 4)
    found = Percentiles(model, Alphabet("ab"), [*WORDS, "ab"])  # twice, and counts once
    pairs = sorted(scores(model, ["ab", "ba", "aa", "bb"]))
    assert found.of(2, pairs[2] + 1e-9) == 75
    assert found.of(2, pairs[2]) == 62.5  # a word as probable as itself counts half
    assert found.of(2, 0.0) == 100
    assert found.of(2, -1000.0) == 0


def test_the_nearest_lengths_help_out_where_there_are_few(model, monkeypatch):
    monkeypatch.setattr(module, "FEWEST", 5)
    found = Percentiles(model, Alphabet("ab"), WORDS)
    nearest = scores(model, ["abba"]) + scores(model, ["aba", "bab"])
    nearest += scores(model, ["ab", "ba", "aa", "bb"])
    between = sorted(nearest)[3] + 1e-9
    assert found.of(9, between) == pytest.approx(100 * 4 / 7)


def test_of_many_words_some_are_scored(model, monkeypatch):
    monkeypatch.setattr(module, "FEWEST", 1)
    monkeypatch.setattr(module, "MOST", 2)
    found = Percentiles(model, Alphabet("ab"), WORDS)
    assert found.of(2, -2.0) in (0, 50, 100)
    assert len(found._scored[2]) == 2
