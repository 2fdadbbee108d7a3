"""The guess of what follows, against sums over all ways to go on."""

import itertools

import numpy as np
import pytest

from lexbits.alphabet import END, Alphabet
from lexbits.decoding import lookahead as module
from lexbits.decoding.automaton import all_of, ending, without
from lexbits.decoding.lookahead import Lookahead, Pattern

ALPHABET = Alphabet("ab")
SIZE = ALPHABET.size
COUNTED = ["ab", "aab", "ba", "abab", "bb", "b", "aba", "ab"]


def rows(words, length=6):
    found = np.full((len(words), length), END)
    for row, word in zip(found, words, strict=True):
        row[: len(word)] = ALPHABET.encode(word)[:-1]
    return found


@pytest.fixture(params=[0, 1, 2])
def lookahead(request, monkeypatch):
    """Return a guess for words of two to four characters that end with b and have no aa."""
    monkeypatch.setattr(module, "LONGEST_CONTEXT", request.param)
    parts = [ending(ALPHABET.encode("b")[:-1], SIZE), without([ALPHABET.encode("aa")[:-1]], SIZE)]
    return Lookahead(Pattern(all_of(parts, SIZE), 2, 4), rows(COUNTED), SIZE)


def test_the_value_is_the_sum_over_all_ways_to_go_on(lookahead):
    prob = lookahead._counted(rows(COUNTED))
    total = 0.0
    for length in (2, 3, 4):
        for letters in itertools.product("ab", repeat=length):
            word = "".join(letters)
            if not word.endswith("b") or "aa" in word:
                continue
            state, context, product = 0, lookahead.start, 1.0
            for symbol in ALPHABET.encode(word):
                product *= prob[state, context, symbol]
                if symbol != END:
                    state = lookahead.pattern.automaton.next[state, symbol]
                    context = lookahead.follow(context, symbol)
            total += product
    assert lookahead.value[0, 0, lookahead.start] == pytest.approx(total, rel=1e-12)


def test_probabilities_of_the_next_symbol_sum_to_one(lookahead):
    assert lookahead._counted(rows(COUNTED)).sum(-1) == pytest.approx(1)


def test_only_what_can_still_be_met_has_a_value(lookahead):
    state = np.array([lookahead.pattern.automaton.next[0, ALPHABET.encode("a")[0]]])
    after_a = lookahead.after(1, state, lookahead.follow(np.array([lookahead.start]), 2))
    assert after_a[0].tolist()[:3] == [0, 0, 0]  # no end, no unknown symbol, no second a
    assert after_a[0, 3] > 0


def test_contexts_become_shorter_where_they_would_be_too_many(monkeypatch):
    pattern = Pattern(all_of([], SIZE), 1, 3)
    monkeypatch.setattr(module, "MOST_ENTRIES", SIZE * (SIZE + 1))
    assert Lookahead(pattern, rows(COUNTED), SIZE).length == 1
    monkeypatch.setattr(module, "MOST_ENTRIES", 1)
    assert Lookahead(pattern, rows(COUNTED), SIZE).length == 0
