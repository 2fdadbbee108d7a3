"""Words read through a trie of their prefixes against each word read by itself."""

import itertools

import numpy as np
import pytest
import torch

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.likelihood.trie import alphabetical_blocks, build_trie, log_likelihood, part_of
from tests.exact import all_codes, corpus, rows_of_steps, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "ab", "aab", "a?b", "?", "abab", ""]
CPU = torch.device("cpu")
SHAPES = list(itertools.product(["lstm", "gru"], [1, 2], [0, 3]))


def one_by_one(model, words):
    """Return log p(x|z), [2^K, N], by teacher forcing."""
    symbols = torch.from_numpy(corpus(words).symbols).long()
    z = all_codes(model.bits)[:, None].expand(-1, len(words), -1)
    return model.decoder.log_prob(symbols, z).detach()


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
@pytest.mark.parametrize("words", [WORDS, [""], ["a", "b", "?"], ["aaaa"], ["abb", "abb"]])
def test_shared_prefixes_change_no_probability(cell, layers, bits, words):
    model = tiny_model(cell=cell, layers=layers, bits=bits)
    found = log_likelihood(model.decoder, build_trie(corpus(words), CPU), all_codes(bits))
    torch.testing.assert_close(found, one_by_one(model, words), rtol=0, atol=1e-10)


def test_single_precision_agrees_with_teacher_forcing():
    model = tiny_model(gain=1.0)
    found = log_likelihood(model.decoder, build_trie(corpus(WORDS), CPU), all_codes(3))
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, one_by_one(model, WORDS).double(), rtol=0, atol=1e-5)


@pytest.mark.usefixtures("float64")
def test_any_words_are_read_right():
    model = tiny_model()
    random = np.random.Generator(np.random.Philox(0))
    for _ in range(30):
        lengths = random.integers(0, 7, size=random.integers(1, 20))
        words = ["".join(random.choice(list("ab?"), size=n)) for n in lengths]
        found = log_likelihood(model.decoder, build_trie(corpus(words), CPU), all_codes(3))
        torch.testing.assert_close(found, one_by_one(model, words), rtol=0, atol=1e-10)


def test_each_distinct_prefix_is_read_once_for_each_code(monkeypatch):
    model = tiny_model()
    rows = rows_of_steps(monkeypatch)
    trie = build_trie(corpus(["ab", "aba", "b", "", "ab", "bb"]), CPU)
    log_likelihood(model.decoder, trie, all_codes(3)[:5])
    by_length = [{""}, {"a", "b"}, {"ab", "bb"}, {"aba"}]
    assert rows == [5 * len(prefixes) for prefixes in by_length]
    assert trie.prefixes == 6
    assert trie.width == 2


@pytest.mark.usefixtures("float64")
def test_words_at_a_root_are_read_with_its_code_and_share_its_prefixes_only():
    model, words = tiny_model(), ["ab", "abb", "ab", "", "abb", "a", "b"]
    roots, codes = np.array([1, 0, 2, 2, 1, 0, 1]), all_codes(3)[[6, 1, 3]]
    trie = build_trie(corpus(words), CPU, roots)
    assert [level.width for level in trie.levels] == [
        3,
        len({"0a", "1a", "1b", "2a"}),
        len({"0ab", "1ab", "2ab"}),
        len({"0abb", "1abb"}),
    ]
    z = torch.stack([codes, 1 - codes])
    found = log_likelihood(model.decoder, trie, z.flatten(0, 1))
    symbols = torch.from_numpy(corpus(words).symbols).long()
    expected = model.decoder.log_prob(symbols, z[:, roots])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


def test_a_trie_has_all_prefixes_of_its_words():
    random = np.random.Generator(np.random.Philox(1))
    words = ["".join(random.choice(list("ab"), size=n)) for n in random.integers(0, 9, size=200)]
    prefixes = {word[:n] for word in words for n in range(len(word) + 1)}
    trie = build_trie(corpus(words), CPU)
    assert trie.prefixes == len(prefixes)
    assert [level.width for level in trie.levels] == [
        len({prefix for prefix in prefixes if len(prefix) == n}) for n in range(len(trie.levels))
    ]


def test_blocks_hold_every_word_once_and_neighbours_in_the_alphabet():
    blocks = alphabetical_blocks(corpus(WORDS), 3)
    assert [len(block) for block in blocks] == [3, 3, 3, 2]
    order = np.concatenate(blocks)
    assert sorted(order) == list(range(len(WORDS)))
    coded = [tuple(Alphabet("ab").encode(WORDS[i])) for i in order]
    assert coded == sorted(coded)


def test_a_part_of_a_corpus_has_its_words():
    part = part_of(corpus(WORDS), np.array([4, 0, 2]))
    assert [Alphabet("ab").decode(row) for row in part.symbols] == ["b", "ab", ""]
    assert part.lengths.tolist() == [2, 3, 1]
    assert part.symbols.shape == (3, 3)


@pytest.mark.usefixtures("float64")
def test_all_words_of_a_closed_language_and_what_is_longer_sum_to_one():
    model, limit = tiny_model(), 4
    spelt = {UNKNOWN: "?", 2: "a", 3: "b"}
    prefixes = [list(prefix) for n in range(limit) for prefix in itertools.product(spelt, repeat=n)]
    words = ["".join(spelt[symbol] for symbol in prefix) for prefix in prefixes]
    ended = log_likelihood(model.decoder, build_trie(corpus(words), CPU), all_codes(3))
    longer = torch.tensor(list(itertools.product(spelt, repeat=limit)))
    z = all_codes(3)[:, None].expand(-1, len(longer), -1)
    left = model.decoder.log_prob(longer, z).exp().sum(1)
    torch.testing.assert_close(ended.exp().sum(1) + left, torch.ones(8), rtol=0, atol=1e-12)
    assert END not in longer
