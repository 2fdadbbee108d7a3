"""What an n-gram reaches on the dev words of a training."""

import numpy as np
import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.data.training_words import as_training_words
from lexbits.ngram import NGram
from lexbits.training import floors
from lexbits.training.floors import ngram_floor
from lexbits.training.session import chosen_dev_words
from tests.cli.conftest import make_words

WORDS = make_words()
TRAIN, DEV = as_training_words(WORDS[::2]), WORDS[1::2]
ALPHABET = Alphabet.from_words(WORDS)


def test_the_floor_is_that_of_the_best_order_on_the_words_that_are_scored():
    settings = Settings(dev_words=20)
    found = ngram_floor(settings, ALPHABET, TRAIN, DEV)
    order = int(found.name.removesuffix("-gram"))
    train, dev, scored = (
        Corpus.from_words(words, ALPHABET)
        for words in (TRAIN.forms, DEV, chosen_dev_words(DEV, settings))
    )
    by_order = [-NGram.fit(train, ALPHABET, n).log_prob(dev).mean() for n in range(2, 9)]
    assert order == 2 + int(np.argmin(by_order))
    expected = -NGram.fit(train, ALPHABET, order).log_prob(scored).mean()
    assert found.nll == pytest.approx(expected, rel=1e-9)


def test_no_floor_is_found_where_there_are_no_words_or_too_many(monkeypatch):
    assert ngram_floor(Settings(), ALPHABET, TRAIN, []) is None
    assert ngram_floor(Settings(), ALPHABET, as_training_words([]), DEV) is None
    monkeypatch.setattr(floors, "MOST_WORDS", len(TRAIN) - 1)
    assert ngram_floor(Settings(), ALPHABET, TRAIN, DEV) is None
