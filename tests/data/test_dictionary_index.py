"""An index of a dictionary says of every word what the dictionary says."""

import pickle

import pytest

from lexbits.data import dictionary_index, embedded
from lexbits.data.dictionary_index import BLOCK, DictionaryIndex
from lexbits.data.lookup import WordLookup, digest

LANGUAGE = "ms"
"""One of the smallest dictionaries."""


@pytest.fixture(scope="module")
def index():
    return DictionaryIndex.of(LANGUAGE)


@pytest.fixture(scope="module")
def words():
    _, dictionary = embedded._dictionary(LANGUAGE)
    return list(dictionary)


def test_every_word_is_found_and_no_other(index, words):
    has = index.membership()
    assert all(map(has, words))
    others = {"", "zzzz", "öljy", *(word + "x" for word in words), *(word[:-1] for word in words)}
    assert not any(map(has, others - {*words}))


def test_it_keeps_few_words(index, words):
    assert len(index.before) == len(index.offsets) == -(-len(words) // BLOCK)


def test_one_of_another_version_does_not_know(index, monkeypatch):
    monkeypatch.setattr(dictionary_index, "version", lambda _: "1.0")
    assert index.membership() is None
    assert WordLookup({}, index).origin() is None


def test_a_dictionary_in_another_kind_of_file_is_read_as_a_whole(index, words, monkeypatch):
    monkeypatch.setattr(dictionary_index, "_opened", lambda _: None)
    has = index.membership()
    assert has(words[0])
    assert not has("zzzz")


def test_words_are_told_by_digest(index, words):
    lookup = pickle.loads(pickle.dumps(WordLookup({digest("saya"): "train"}, index)))
    assert lookup.split_of("saya") == "train"
    assert lookup.split_of("dia") is None
    assert lookup.origin().has(words[-1])
