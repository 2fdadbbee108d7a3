from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.alphabet import Alphabet
from tests.exact import corpus

WORDS = st.lists(st.text("ab", max_size=9), min_size=1, max_size=60)


@given(WORDS, st.integers(1, 20), st.integers(0, 3), st.integers(0, 3))
def test_an_epoch_holds_every_word_once(words, batch_size, seed, epoch):
    c = corpus(words)
    for batches in (c.shuffled_batches(batch_size, seed, epoch), c.batches(batch_size)):
        assert sorted(np.concatenate(batches).tolist()) == list(range(len(words)))
        assert max(map(len, batches)) <= batch_size
        assert len(batches) == -(-len(words) // batch_size)


@given(WORDS, st.integers(1, 20))
def test_batches_hold_similar_lengths(words, batch_size):
    c = corpus(words)
    for batches in (c.shuffled_batches(batch_size, 0, 0), c.batches(batch_size)):
        ranges = sorted((c.lengths[b].min(), c.lengths[b].max()) for b in batches)
        for (_, longest), (shortest, _) in pairwise(ranges):
            assert longest <= shortest


@given(WORDS, st.integers(1, 20))
def test_a_batch_is_no_wider_than_its_longest_word_and_says_the_words(words, batch_size):
    c, alphabet = corpus(words), Alphabet("ab")
    for indices in c.shuffled_batches(batch_size, 1, 2):
        batch = c.batch(indices)
        assert batch.shape == (len(indices), c.lengths[indices].max())
        assert [alphabet.decode(row) for row in batch.tolist()] == [words[i] for i in indices]
        assert ((batch != alphabet.pad).sum(1) == c.lengths[indices]).all()


def test_the_order_is_a_function_of_seed_and_epoch():
    c = corpus([f"{'a' * (i % 5)}{'b' * (i % 7)}" for i in range(100)])

    def order(seed, epoch):
        return np.concatenate(c.shuffled_batches(8, seed, epoch)).tolist()

    assert order(3, 4) == order(3, 4)
    orders = {tuple(order(seed, epoch)) for seed in range(4) for epoch in range(4)}
    assert len(orders) == 16


def test_an_epoch_is_neither_in_order_of_length_nor_of_the_same_batches():
    c = corpus([f"{'a' * (i % 5)}{'b' * (i % 7)}" for i in range(100)])
    first, second = c.shuffled_batches(8, 0, 0), c.shuffled_batches(8, 0, 1)
    widths = [c.batch(indices).shape[1] for indices in first]
    assert widths != sorted(widths)
    assert {frozenset(b.tolist()) for b in first} != {frozenset(b.tolist()) for b in second}


def test_batches_for_evaluation_are_the_same_each_time():
    c = corpus(["ab", "b", "", "abab", "a"])
    assert np.concatenate(c.batches(2)).tolist() == [2, 1, 4, 0, 3]


@pytest.mark.parametrize("seed", [0, 2**63 - 1])
def test_every_legal_seed_works(seed):
    assert corpus(["ab"]).shuffled_batches(2, seed, 10**6)[0].tolist() == [0]
