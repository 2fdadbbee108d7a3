import pytest

from lexbits.data.entry import Entry
from lexbits.data.layouts import describe, parse_line, recognise
from lexbits.errors import DataError


def recognised(*lines):
    return recognise(list(enumerate(lines, 1)), "f.tsv")


def refusal(function, *arguments):
    with pytest.raises(DataError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("layout", "lines"),
    [
        ("sigmorphon", ["ababol\tpos=N,num=PL\tababoles", "ábaco\tpos=N,num=SG\tábaco"]),
        ("unimorph", ["abdicar\tabdicó\tV;IND;PST;3;SG", "abeja\tabejas\tN;PL"]),
        ("unimorph", ["abeja\tabejas\tN", "abdicar\tabdicó\tV"]),
        ("sigmorphon", ["abeja\tN\tabejas", "abdicar\tV\tabdicó"]),
        ("unimorph", ["abeja\tabejas\t", "abdicar\tabdicó\t"]),
        ("sigmorphon", ["a\tplural\taes", "b\tplural\tbes", "c\tsingular\tce", "d\tplural\tdes"]),
        ("unimorph", ["a\taes\tplural", "b\tbes\tplural", "c\tce\tsingular", "d\tdes\tplural"]),
        ("words", ["uno", "dos", "tres y medio"]),
        ("words", ["a=b", "N;PL"]),
        ("unimorph", ["#lemma\tform\tfeatures", "a\tN\tb"]),
        ("words", ["#form"]),
    ],
)
def test_layouts_are_recognised(layout, lines):
    assert recognised(*lines) == layout


def test_one_stray_row_does_not_change_the_layout():
    rows = [f"l{i}\tpos=N,num={i}\tf{i}" for i in range(20)]
    assert recognised(*rows, "l\tN\tX;Y", "ABC\tpos=N\tABC") == "sigmorphon"
    assert recognised("uno", "dos", "tr\tes") == "words"


def test_an_undecidable_layout_asks_for_the_flag():
    message = refusal(recognised, "a\tb\tc", "d\te\tf")
    assert message.startswith("f.tsv, line 1: ")
    assert "--layout sigmorphon or --layout unimorph" in message


def test_a_row_of_another_width_is_refused_while_recognising():
    message = refusal(recognised, "a\tN\tb", "uno\tdos", "c\tN\td")
    assert message.startswith("f.tsv, line 2: expected 3 tab-separated columns")
    assert "found 2 columns" in message


def test_entries_take_their_columns_from_the_layout():
    entry = Entry(form="abejas", lemma="abeja", features="N;PL")
    assert parse_line("abeja\tN;PL\tabejas", "sigmorphon", "f", 1) == entry
    assert parse_line("abeja\tabejas\tN;PL", "unimorph", "f", 1) == entry
    assert parse_line("abejas", "words", "f", 1) == Entry("abejas")


def test_forms_and_lemmas_become_nfc_and_lose_the_white_space_around_them():
    entry = parse_line(" nin\u0303o \t nin\u0303os\t N;PL ", "unimorph", "f", 1)
    assert entry == Entry("niños", "niño", "N;PL")
    assert parse_line("  de vez en cuando ", "words", "f", 1) == Entry("de vez en cuando")


def test_invisible_joiners_and_marks_are_legal():
    for word in ("می\u200cخواهم", "हिन्दी", "a\u0301\u0323b"):
        assert parse_line(word, "words", "f", 1).form


@pytest.mark.parametrize(
    ("line", "layout", "expected", "found"),
    [
        ("a\tb", "sigmorphon", "expected 3 tab-separated columns", "found 2 columns"),
        ("a", "unimorph", "expected 3 tab-separated columns", "found 1 column;"),
        ("a\tb\tN\tx", "unimorph", "expected 3 tab-separated columns", "found 4 columns"),
        ("a\tb", "words", "expected 1 column", "found 2 columns"),
        ("a\tN\t ", "sigmorphon", "expected a form in column 3", "found nothing"),
        ("a\t\tN", "unimorph", "expected a form in column 2", "found nothing"),
        ("a\x07b", "words", "in the form", "found the control character U+0007"),
        ("l\x80\ta\tN", "unimorph", "in the lemma", "found the control character U+0080"),
    ],
)
def test_bad_lines_are_refused_with_file_line_expected_and_found(line, layout, expected, found):
    message = refusal(parse_line, line, layout, "dir/f.tsv", 1207)
    assert message.startswith("dir/f.tsv, line 1207: ")
    assert expected in message
    assert found in message


def test_layouts_describe_their_columns():
    assert describe("unimorph") == "unimorph (lemma, form, features)"
    assert describe("words") == "words (one word a line)"
