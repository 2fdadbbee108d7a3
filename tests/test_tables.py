"""Tables in little room: sentences are folded first, then names, and blocks come last."""

from lexbits.tables import lay_out, text_of

NAMES = ("word", "bits per character")
ROWS = (("cantaba", 2.5), ("luz", 3.25))


def test_names_of_columns_are_folded_before_rows_become_blocks():
    assert lay_out(NAMES, ROWS, room=27) == [
        "word     bits per character",
        "cantaba               2.500",
        "luz                   3.250",
    ]
    assert lay_out(NAMES, ROWS, room=18, bold=True) == [
        "\x1b[1mword      bits per\x1b[0m",
        "\x1b[1m         character\x1b[0m",
        "cantaba      2.500",
        "luz          3.250",
    ]
    assert lay_out(NAMES, ROWS, room=17)[:2] == [
        "word                cantaba",
        "bits per character  2.500",
    ]


def test_sentences_are_folded_before_names():
    rows = (("cantaba", "a sentence of more words than there is room for"),)
    lines = lay_out(("word of a list", "note"), rows, wrapped=("note",), room=42)
    assert lines == [
        "word of a list  note",
        "cantaba         a sentence of more words",
        "                than there is room for",
    ]
    narrow = lay_out(("word of a list", "note"), rows, wrapped=("note",), room=33)
    assert narrow[0].split() == ["word", "of", "note"]
    assert all(len(line) <= 33 for line in narrow)


def test_a_dictionary_in_a_cell_is_its_names_and_values():
    assert text_of({"1": 2.5, "10": 2.0}) == "1: 2.500, 10: 2.000"
    assert text_of({"1": 2.5, "10": 2.0}, exact=True) == "1: 2.5 10: 2.0"
    assert text_of({}) == ""
