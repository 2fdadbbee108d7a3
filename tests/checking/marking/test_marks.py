"""Marks as they are shown, and marks of classes."""

import json

import pytest

from lexbits.checking import assert_sound, check_estimator, mark
from lexbits.checking.marking.exercises import EXERCISES
from lexbits.checking.marking.marks import Marks, Mistake
from lexbits.estimators.rloo import Rloo
from tests.checking.marking.written_right import exact_kl
from tests.estimators.test_wrong_versions import (
    BitflipOnce,
    DisarmWrongSign,
    ReinforceNotDetached,
    RlooDividedBySamples,
    VimcoWithoutPathwisePart,
)


def wrong(q, prior, log_likelihood, samples):
    return log_likelihood(q.sample(samples)).sum(0)


def test_marks_show_as_lines_at_a_terminal():
    text = str(mark(wrong, "elbo"))
    assert text.startswith("✗ wrong is not yet an estimate of the ELBO")
    assert "1. The KL is forgotten." in text
    assert "Hint: " in text
    assert all(len(line) <= 90 for line in text.splitlines())
    assert str(mark(exact_kl, "elbo")).startswith("✓ exact_kl is right")


def test_a_symbol_stays_small_where_a_sentence_begins_with_it():
    for exercise in EXERCISES.values():
        for slip in exercise.slips:
            mistake = Mistake(slip.name, slip.effect, slip.hint)
            shown = str(Marks(exercise.name, "own", False, "is wrong.", (mistake,)))
            begins = shown.splitlines()[2].split()[0].rstrip(".")
            assert begins not in {"F", "F's", "P", "Q", "Q(z)", "Z", "Log", "Π"}, slip.name
            assert begins[0].isupper() or begins[0].isdigit() or begins == slip.name.split()[0]


def test_a_word_of_one_letter_begins_a_sentence_with_a_capital():
    mistake = Mistake("a bias", "It is off.", "look again")
    assert "  A bias." in str(Marks("kl", "own", False, "is wrong.", (mistake,)))


def test_marks_show_as_html_in_a_notebook_with_the_hint_folded_away():
    page = mark(wrong, "elbo")._repr_html_()
    assert "<summary>Hint</summary>" in page
    assert page.count("<li>") == page.count("</li>") == 2
    assert page.count("<p>") == page.count("</p>")
    assert "<table>" in page


def test_marks_are_data():
    found = mark(wrong, "elbo").to_dict()
    assert json.loads(json.dumps(found))["mistakes"][0]["name"] == "the KL is forgotten"
    assert found["right"] is False
    assert found["samples"] == [2, 3]
    assert {part["part"] for part in found["measured"]} >= {"value", "gradient in the decoder"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (RlooDividedBySamples, ["the baseline contains the sample's own value"]),
        (ReinforceNotDetached, ["f is not detached in the score term"]),
        (DisarmWrongSign, ["the score term has the wrong sign"]),
        (BitflipOnce, ["log q is averaged over the bits in place of summed"]),
    ],
)
def test_a_biased_class_is_told_what_it_looks_like(kind, names):
    said = [check.detail for check in check_estimator(kind) if check.name == "looks like"]
    assert [detail.split(". ")[0] for detail in said] == names


def test_a_bias_of_another_bound_is_told_by_its_checks():
    marks = mark(VimcoWithoutPathwisePart)
    assert not marks.right
    assert marks.mistakes[0].name.startswith("unbiased, S = ")


def test_classes_are_marked_by_their_checks():
    assert mark(Rloo).right
    marks = mark(RlooDividedBySamples)
    assert not marks.right
    assert marks.mistakes[0].name == "the baseline contains the sample's own value"


def test_a_failing_assertion_names_the_mistake():
    with pytest.raises(AssertionError, match="looks like: the baseline contains the sample's own"):
        assert_sound(RlooDividedBySamples)
