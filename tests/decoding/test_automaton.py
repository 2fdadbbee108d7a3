"""Automata against what Python's own text methods say, on all short words."""

import itertools

import pytest

from lexbits.alphabet import Alphabet
from lexbits.decoding.automaton import (
    all_of,
    anything,
    beginning,
    both,
    containing,
    ending,
    made_of,
    without,
)

ALPHABET = Alphabet("abc")
SIZE = ALPHABET.size
WORDS = ["".join(w) for n in range(7) for w in itertools.product("abc", repeat=n)]


def symbols(text):
    return ALPHABET.encode(text)[:-1]


def accepted(automaton):
    return [word for word in WORDS if automaton.run(symbols(word))]


@pytest.mark.parametrize("part", ["a", "ab", "aab", "abab", "aaba", "cc"])
@pytest.mark.parametrize(
    ("make", "meets"),
    [(beginning, str.startswith), (ending, str.endswith), (containing, str.__contains__)],
)
def test_a_part_is_found_where_it_has_to_be(part, make, meets):
    automaton = make(symbols(part), SIZE)
    assert accepted(automaton) == [word for word in WORDS if meets(word, part)]


@pytest.mark.parametrize("parts", [["ab"], ["aa", "bb", "cab"], ["abc", "bc"], ["a"], ["aba", "b"]])
def test_words_without_forbidden_parts_have_none_of_them(parts):
    automaton = without([symbols(part) for part in parts], SIZE)
    assert accepted(automaton) == [w for w in WORDS if not any(part in w for part in parts)]


def test_words_made_of_some_letters_have_no_others():
    assert accepted(made_of(symbols("ac"), SIZE)) == [w for w in WORDS if "b" not in w]


def test_a_product_accepts_what_both_accept():
    automaton = both(beginning(symbols("ab"), SIZE), ending(symbols("ba"), SIZE))
    assert accepted(automaton) == [w for w in WORDS if w.startswith("ab") and w.endswith("ba")]
    assert "aba" in accepted(automaton)  # the b counts for both


def test_all_constraints_hold_together():
    parts = [
        ending(symbols("c"), SIZE), containing(symbols("bb"), SIZE), without([symbols("ac")], SIZE),
    ]  # fmt: skip
    expected = [w for w in WORDS if w.endswith("c") and "bb" in w and "ac" not in w]
    assert accepted(all_of(parts, SIZE)) == expected


def test_no_constraint_accepts_everything():
    assert accepted(all_of([], SIZE)) == WORDS == accepted(anything(SIZE))


def test_a_long_list_of_forbidden_parts_is_quick_to_put_together():
    parts = ["".join(p) for p in itertools.product("abc", repeat=6)]
    automaton = both(without([symbols(p) for p in parts], SIZE), ending(symbols("ab"), SIZE))
    assert accepted(automaton) == [w for w in WORDS if len(w) < 6 and w.endswith("ab")]
