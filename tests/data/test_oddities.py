from collections import Counter

import pytest

from lexbits.data.oddities import in_words, named_character, oddities, rarest

CLEAN = ["casa", "perro", "l'eau", "ad-hoc", "naïve", "हिन्दी", "ćma"]


def test_clean_words_are_not_remarked_on():
    assert oddities(CLEAN, listed=True) == []


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("B52", "with digits"),
        ("canto/SM", "with a comma, a semicolon, a bar or a slash"),
        ("a priori", "with spaces"),
        ("<b>uno</b>", "markup"),
        ("en @@thrall", "markup"),
        ("# words", "comments"),
        ('"casa"', "in quotes"),
        ("\u0301a", "combining mark"),
        ("co\xadoperar", "U+00AD soft hyphen"),
        ("a\u200bb", "U+200B zero width space"),
        ("a\ufeffb", "U+FEFF zero width no-break space"),
        ("a\xa0b", "U+00A0 no-break space"),
        ("a\u200eb", "U+200E left-to-right mark"),
        ("a\u202eb", "U+202E right-to-left override"),
    ],
)
def test_what_is_odd_is_counted_and_shown(form, said):
    notes = oddities([*CLEAN, form], listed=True)
    assert any(said in note and "1" in note for note in notes), notes
    assert all(note.isprintable() for note in notes)


def test_capitals_are_remarked_on_where_they_are_more_than_a_few():
    many = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(200)]
    assert oddities([*many, "Madrid"], listed=True) == []
    assert "capitals" in oddities([*many[:20], "Madrid"], listed=True)[0]


def test_repeats_are_remarked_on_in_lists_only():
    assert "1 of 3 words" in oddities(["uno", "dos", "uno"], listed=True)[0]
    assert oddities(["uno", "dos", "uno"], listed=False) == []


def test_the_rarest_characters_come_first():
    assert rarest(Counter("aababcaaa")) == [("c", 1), ("b", 2), ("a", 6)]


def test_what_nobody_sees_is_shown_by_its_name():
    assert named_character("ñ") == "ñ"
    assert named_character(" ") == "U+0020 space"
    assert named_character("\u0301") == "U+0301 combining acute accent"


def test_marks_that_belong_to_letters_are_no_punctuation():
    assert in_words(["\u0643\u064e\u062a\u064e\u0628\u064e", "हिन्दी", "água"]) == []
    assert [found.kind for found in in_words(["casa!", "x²+y"])] == ["punctuation"]
