"""Constraints as people give them: taken, or refused with the reason."""

import pytest

from lexbits.alphabet import Alphabet
from lexbits.decoding import Constraints
from lexbits.errors import UsageError

ALPHABET = Alphabet("aehlnoñs")


def accepts(constraints, word, longest=10):
    pattern = constraints.pattern(ALPHABET, longest)
    fits = pattern.shortest <= len(word) <= pattern.longest
    return fits and pattern.automaton.run(ALPHABET.encode(word)[:-1])


def test_no_constraints_are_false_and_accept_all():
    assert not Constraints()
    assert accepts(Constraints(), "hola")


@pytest.mark.parametrize(
    ("constraints", "others"),
    [
        (Constraints(starts_with="ho"), ["loho", "ha"]),
        (Constraints(ends_with="la"), ["hol", "las"]),
        (Constraints(contains=("ol", "la")), ["la", "olo"]),
        (Constraints(length=(4, 4)), ["hol", "holas"]),
        (Constraints(letters="aholxyz"), ["holas"]),
        (Constraints(forbid=("ss", "xq", "oo")), ["hoola"]),
    ],
)
def test_each_constraint_accepts_what_meets_it(constraints, others):
    assert constraints
    assert accepts(constraints, "hola")
    assert not any(accepts(constraints, word) for word in others)


@pytest.mark.parametrize("where", ["starts_with", "ends_with"])
def test_characters_that_the_model_does_not_know_are_named(where):
    with pytest.raises(UsageError, match=r"never seen 'ß'.*aehlnoñs"):
        Constraints(**{where: "aß"}).pattern(ALPHABET, 10)


def test_constraints_that_contradict_are_named_and_the_others_are_not():
    wrong = Constraints(starts_with="ho", ends_with="n", letters="hola", forbid=("ss",))
    with pytest.raises(UsageError) as refused:
        wrong.pattern(ALPHABET, 10)
    message = str(refused.value)
    assert "ends with 'n' and letters 'hola' together" in message
    assert "starts" not in message
    assert "forbid" not in message


def test_a_length_that_is_too_short_for_the_rest_is_said():
    with pytest.raises(UsageError, match=r"no word of 1 to 2 characters .* starts with 'hol'"):
        Constraints(starts_with="hol", length=(1, 2)).pattern(ALPHABET, 10)


def test_a_length_beyond_the_longest_words_is_said():
    with pytest.raises(UsageError, match="longest words of this model have 10"):
        Constraints(length=(11, 20)).pattern(ALPHABET, 10)


def test_letters_that_are_all_unknown_leave_no_word():
    with pytest.raises(UsageError, match="no word"):
        Constraints(letters="xyz").pattern(ALPHABET, 10)
