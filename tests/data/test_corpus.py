import numpy as np
import pytest

from lexbits.alphabet import END, Alphabet
from lexbits.data.corpus import Corpus

WORDS = ["cosa", "a", "casas", "sa", "cosa"]
ALPHABET = Alphabet.from_words(WORDS)


def spelled(rows):
    return [ALPHABET.decode(row) for row in rows.tolist()]


def test_words_are_kept_one_after_another_with_their_ends():
    corpus = Corpus.from_words(WORDS, ALPHABET)
    assert len(corpus.text) == sum(len(word) + 1 for word in WORDS) == corpus.lengths.sum()
    assert (corpus.text == END).sum() == len(WORDS)
    assert spelled(corpus.symbols) == WORDS


def test_rows_are_no_wider_than_their_longest_word_and_filled_up():
    corpus = Corpus.from_words(WORDS, ALPHABET)
    batch = corpus.batch(np.array([3, 0]))
    assert spelled(batch) == ["sa", "cosa"]
    assert batch.shape == (2, 5)
    assert batch[0].tolist()[2:] == [END, ALPHABET.pad, ALPHABET.pad]
    assert batch.dtype == np.int32


def test_words_come_back_from_rows():
    corpus = Corpus.from_words(WORDS, ALPHABET)
    again = Corpus.from_rows(corpus.symbols, corpus.lengths)
    assert (again.text == corpus.text).all()
    assert (again.symbols == corpus.symbols).all()
    part = corpus.part(np.array([2, 1]))
    assert spelled(part.symbols) == ["casas", "a"]
    assert (part.inside == (part.symbols != ALPHABET.pad)).all()


def test_a_long_word_among_many_takes_no_room_in_their_rows():
    words = ["casa"] * 20_000 + ["sa" * 50_000]
    corpus = Corpus.from_words(words, ALPHABET)
    assert corpus.text.nbytes < 1e6  # a matrix of them would take 8 GB
    batches = corpus.shuffled_batches(100, 0, 0)
    assert max(corpus.batch(batch).nbytes for batch in batches if 20_000 not in batch) < 1e4


@pytest.mark.parametrize("words", [[""], ["", "a"]])
def test_the_empty_word_is_its_end(words):
    corpus = Corpus.from_words(words, ALPHABET)
    assert spelled(corpus.symbols) == words
