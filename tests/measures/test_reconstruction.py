"""Reconstruction against decoding word by word, and its odd cases."""

import pytest
import torch

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.bits import FactorisedBernoulli
from lexbits.decoding import Decoded, greedy
from lexbits.errors import UsageError
from lexbits.measures import reconstruction as module
from lexbits.measures.reconstruction import reconstruction
from tests.exact import as_batch, corpus, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "aab", "ab"]


def levenshtein(a, b):
    """Return the edit distance by the textbook's recursion over rows."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]


def decode_to(monkeypatch, words, characters="ab", ended=True):
    """Let greedy decoding return `words` for any code."""
    alphabet = Alphabet(characters)
    rows = [alphabet.encode(word)[:-1] for word in words]

    def fixed(decoder, z, limit, method):
        symbols = torch.full((len(rows), limit), END)
        for i, row in enumerate(rows):
            symbols[i, : len(row)] = torch.tensor(row[:limit])
        return Decoded(symbols, torch.zeros(len(rows)), torch.full((len(rows),), ended))

    monkeypatch.setattr(module, "decode", fixed)


def test_it_is_what_decoding_the_mode_of_each_word_gives():
    model, alphabet = tiny_model(), Alphabet("ab")
    decoded = greedy(model.decoder, model.posterior(as_batch(WORDS)).mode, 10)
    rebuilt = [alphabet.decode(row) for row in decoded.symbols.tolist()]
    distances = [levenshtein(a, b) for a, b in zip(WORDS, rebuilt, strict=True)]
    exact = [a == b and e for a, b, e in zip(WORDS, rebuilt, decoded.ended.tolist(), strict=True)]
    found = reconstruction(model, corpus(WORDS))
    assert found.words == len(WORDS)
    assert found.exact == pytest.approx(sum(exact) / len(WORDS))
    assert found.edit_distance == pytest.approx(sum(distances) / len(WORDS))
    assert sum(distances) > 0


def test_distances_are_edits_and_not_places_that_differ(monkeypatch):
    decode_to(monkeypatch, ["baba", "ab", "b", ""])
    found = reconstruction(tiny_model(), corpus(["abab", "ab", "aab", ""]))
    # sorted by length: "", "ab", "aab", "abab" are compared with what the decoder returns
    expected = [("", "baba"), ("ab", "ab"), ("aab", "b"), ("abab", "")]
    assert found.edit_distance == sum(levenshtein(a, b) for a, b in expected) / 4
    assert found.exact == found.sample_exact == 1 / 4


def test_one_deletion_is_one_edit_whatever_it_shifts(monkeypatch):
    decode_to(monkeypatch, ["babab"])
    assert reconstruction(tiny_model(), corpus(["ababab"])).edit_distance == 1


def test_a_word_that_never_ends_is_not_exact(monkeypatch):
    decode_to(monkeypatch, ["ab"], ended=False)
    found = reconstruction(tiny_model(), corpus(["ab"]))
    assert (found.exact, found.edit_distance) == (0, 0)


def test_an_unknown_symbol_is_no_character(monkeypatch):
    decode_to(monkeypatch, ["aa"])
    found = reconstruction(tiny_model(), corpus(["a?"]))
    assert (found.exact, found.edit_distance) == (0, 1)
    assert UNKNOWN not in Alphabet("ab").encode("aa")


def test_samples_are_of_the_posterior_and_repeatable(monkeypatch):
    model = tiny_model()
    torch.manual_seed(1)
    first = reconstruction(model, corpus(WORDS))
    noise = torch.rand(1)
    assert reconstruction(model, corpus(WORDS)) == first
    torch.manual_seed(1)
    assert torch.equal(noise, torch.rand(1))
    opposite = lambda q, uniform: (1 - q.mode).expand(uniform.shape)  # noqa: E731
    monkeypatch.setattr(FactorisedBernoulli, "from_uniform", opposite)
    changed = reconstruction(model, corpus(WORDS))
    assert changed.exact == first.exact
    assert changed.sample_edit_distance != first.sample_edit_distance


def test_batches_of_any_size_give_the_same_metrics(monkeypatch):
    whole = reconstruction(tiny_model(), corpus(WORDS))
    monkeypatch.setattr(module, "WORDS_AT_ONCE", 2)
    pieces = reconstruction(tiny_model(), corpus(WORDS))
    assert pieces == whole


def test_a_model_without_bits_is_refused():
    with pytest.raises(UsageError, match="no bits"):
        reconstruction(tiny_model(bits=0), corpus(WORDS))
