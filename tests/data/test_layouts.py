import pytest

from lexbits.data.entry import Entry
from lexbits.data.layouts import WORDS, Layout, named, parse_line, separator, without_marks
from lexbits.errors import DataError, UsageError


def only_column(number, delimiter=None):
    columns = ("",) * (number - 1) + ("form",)
    return Layout(f"column {number}", columns, separator(delimiter), more=True)


def parsed(line, layout):
    return parse_line(line, named(layout) if isinstance(layout, str) else layout, "f", 1)


def refusal(line, layout):
    with pytest.raises(DataError) as caught:
        parse_line(line, layout, "dir/f.tsv", 1207)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_entries_take_their_columns_from_the_layout():
    entry = Entry(form="abejas", lemma="abeja", features="N;PL")
    assert parsed("abeja\tN;PL\tabejas", "sigmorphon") == entry
    assert parsed("abeja\tabejas\tN;PL", "unimorph") == entry
    assert parsed("abejas", "words") == Entry("abejas")


def test_forms_and_lemmas_become_nfc_and_lose_the_white_space_around_them():
    entry = parsed(" nin\u0303o \t nin\u0303os\t N;PL ", "unimorph")
    assert entry == Entry("niños", "niño", "N;PL")
    assert parsed("  de vez en cuando ", "words") == Entry("de vez en cuando")


def test_invisible_joiners_and_marks_are_legal():
    for word in ("می\u200cخواهم", "हिन्दी", "a\u0301\u0323b"):
        assert parsed(word, "words").form


def test_tabs_at_the_end_of_a_line_are_no_columns():
    assert parsed("casa\t", "words") == Entry("casa")
    assert parsed("abeja\tN\tabejas\t\t", "sigmorphon") == Entry("abejas", "abeja", "N")
    assert parsed("abeja\tabejas\t", "unimorph") == Entry("abejas", "abeja")


def test_a_row_without_a_form_has_no_entry():
    assert parsed("abeja\tN;PL\t", "sigmorphon") is None
    assert parsed("la\t", only_column(2)) is None


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("12\tla\tx", None),
        ("12\tla", "\\t"),
        ("12,la,x", ","),
        ('"1,2", "la" ,x', ","),
        ("12;la", ";"),
        ("| 12 | la |", "|"),
        ("12|la", "|"),
        ("  12   la  x", "space"),
        ("12/la", "/"),
    ],
)
def test_a_column_of_a_table_holds_the_words(line, delimiter):
    assert parsed(line, only_column(2, delimiter)) == Entry("la")


def test_layouts_can_be_separated_by_anything():
    assert parse_line("abeja,N,abejas", named("sigmorphon", ","), "f", 1) == Entry(
        "abejas", "abeja", "N"
    )
    assert parse_line('"casa"', named("words", ","), "f", 1) == Entry("casa")


@pytest.mark.parametrize("delimiter", ["comma", "", "::", '"', "\n"])
def test_an_unknown_delimiter_is_a_usage_error(delimiter):
    with pytest.raises(UsageError, match="single character"):
        only_column(1, delimiter)


def test_byte_order_marks_fall_off_the_start_of_columns_only():
    mark = "\ufeff"
    assert without_marks(f"{mark}uno\t {mark}{mark}dos{mark}", "\t") == f"uno\tdos{mark}"
    assert without_marks(f"a,{mark}b", ",") == "a,b"


@pytest.mark.parametrize(
    ("line", "layout", "expected", "found"),
    [
        ("a\tb", named("sigmorphon"), "expected 3 tab-separated columns", "found 2 columns"),
        ("a", named("unimorph"), "expected 3 tab-separated columns", "found 1 column;"),
        ("a\tb\tN\tx", named("unimorph"), "expected 3 tab-separated columns", "found 4 columns"),
        ("a\tb", WORDS, "expected 1 column", "or say by --column where"),
        ("a,b", only_column(3, ","), "at least 3 columns separated by ','", "found 2 columns"),
        ("a\x07b", WORDS, "in the form", "found the control character U+0007"),
        ("l\x80\ta\tN", named("unimorph"), "in the lemma", "the control character U+0080"),
        ("a\u2028b", WORDS, "in the form", "found the line separator U+2028"),
        ("a\u2029b", WORDS, "in the form", "found the paragraph separator U+2029"),
        ("a\x85b", WORDS, "in the form", "found the control character U+0085"),
    ],
)
def test_bad_lines_are_refused_with_file_line_expected_and_found(line, layout, expected, found):
    message = refusal(line, layout)
    assert message.startswith("dir/f.tsv, line 1207: ")
    assert expected in message
    assert found in message


def test_what_is_not_read_may_hold_anything():
    assert parsed("casa\ta\x07b", only_column(1)) == Entry("casa")


def test_layouts_describe_their_columns():
    assert str(named("unimorph")) == "unimorph (lemma, form, features)"
    assert str(WORDS) == "words (one word a line)"
    assert str(only_column(2, "space")) == "column 2, separated by white space"
