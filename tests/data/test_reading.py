import gzip
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.config import Settings
from lexbits.data.entry import Entry
from lexbits.data.reading import read_entries
from lexbits.errors import DataError, LexbitsError, UsageError
from tests.data.stdin import on_stdin


def read(text, layout="auto", **settings):
    data = text if isinstance(text, bytes) else text.encode()
    with on_stdin(io.BytesIO(data)):
        return read_entries("-", Settings(layout=layout, **settings))


def forms(reading):
    return [entry.form for entry in reading.entries]


def test_a_word_list_is_read_in_order_with_its_duplicates():
    reading = read("dos\nuno\ndos\n")
    assert reading.entries == [Entry("dos"), Entry("uno"), Entry("dos")]
    assert reading.layout == "words"
    assert reading.notes == [
        "layout: words (one word a line)",
        "1 of 3 words repeat earlier ones; each counts",
    ]


def test_blank_lines_and_long_forms_are_left_out_counted_and_reported():
    reading = read("uno\n\n \t\ndos\n\ncatorceavo\n", max_length=9)
    assert [entry.form for entry in reading.entries] == ["uno", "dos"]
    assert reading.notes[1:] == [
        "3 blank lines skipped",
        "1 of 3 forms longer than 9 characters left out",
    ]


def test_the_length_of_a_form_is_counted_in_nfc():
    assert read("n\u0303u\u0301\n", max_length=2).entries == [Entry("ñú")]


def test_the_recognised_layout_is_announced():
    assert read("abeja\tabejas\tN;PL\n").notes == ["layout: unimorph (lemma, form, features)"]


def test_a_layout_can_be_forced():
    assert read("a\tb\tc\n", "sigmorphon").entries == [Entry("c", "a", "b")]
    assert read("a\tb\tc\n", "unimorph").entries == [Entry("b", "a", "c")]


def test_a_header_line_is_no_word():
    assert read("#form\nform\n").entries == [Entry("form")]
    assert read("#lemma\tform\tfeatures\na\tN\tb\n").entries == [Entry("N", "a", "b")]


def test_a_layout_recognised_from_the_start_holds_to_the_end_of_a_long_file():
    text = "".join(f"w{i}\n" for i in range(1500))
    assert len(read(text).entries) == 1500
    with pytest.raises(DataError, match="standard input, line 1501: expected 1 column"):
        read(text + "a\tb\tc\n")


def test_a_tab_in_a_forced_word_list_is_refused():
    with pytest.raises(DataError, match=r"standard input, line 2: expected 1 column .* found 2"):
        read("uno\nd\tos\n", "words")


@pytest.mark.parametrize("text", ["", "\n \n\t\n", "\ufeff"])
def test_a_file_without_words_is_refused(tmp_path, text):
    path = tmp_path / "empty.txt"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"empty\.txt: expected words, found none"):
        read_entries(str(path), Settings())


def test_a_file_of_too_long_words_only_is_refused():
    with pytest.raises(DataError, match="at most 2 characters, found 1 longer form only"):
        read("uno\n", max_length=2)


def test_a_file_of_a_header_only_is_refused():
    with pytest.raises(DataError, match="a header line only"):
        read("#form\n")


def test_a_file_whose_rows_all_lack_a_form_is_refused():
    with pytest.raises(DataError, match="a form in column 3, found nothing in any of 2 lines"):
        read("a\tN\t\nb\tN\t\n", "sigmorphon")


def test_rows_without_a_form_are_left_out_and_counted():
    reading = read("abeja\tN;PL\tabejas\nser\tV;PST\t\n", "sigmorphon")
    assert forms(reading) == ["abejas"]
    assert "1 of 2 rows without a form left out" in reading.notes


def test_a_column_can_be_chosen():
    reading = read("la 18438\nel 17012\n", column=1, delimiter="space")
    assert (forms(reading), reading.layout) == (["la", "el"], "column 1")
    assert forms(read("la\t18438\nel\t\n", column=1)) == ["la", "el"]


def test_a_layout_and_a_column_contradict_each_other():
    with pytest.raises(UsageError, match="give one of the two"):
        read("a\tb\n", "words", column=2)


def test_the_delimiter_is_asked_for_where_a_column_alone_does_not_tell():
    with pytest.raises(DataError, match="--delimiter ,"):
        read("Mary,F\nAnna,F\nEmma,F\n", column=1)


def test_the_names_of_columns_are_no_words():
    reading = read("Word,Count\ncasa,3\nperro,2\n", column=1, delimiter=",")
    assert forms(reading) == ["casa", "perro"]
    assert "the first line names the columns ('Word,Count') and is no word" in reading.notes
    assert forms(read("word\ncasa\n")) == ["word", "casa"]


def test_the_rules_of_a_table_are_no_words():
    table = "| word | n |\n|:-----|---|\n| casa | 3 |\n+------+---+\n| rey  | 4 |\n"
    assert forms(read(table, column=1, delimiter="|")) == ["casa", "rey"]
    assert forms(read(table, column=2, delimiter="|")) == ["n", "3", "4"]


def test_headers_of_joined_splits_are_no_words():
    assert forms(read("#form\nuno\n#form\ndos\n")) == ["uno", "dos"]


def test_byte_order_marks_of_joined_files_are_removed_and_counted():
    reading = read("\ufeffuno\n\ufeff\n\ufeffdos\ntr\ufeffes\n")
    assert forms(reading) == ["uno", "dos", "tr\ufeffes"]
    assert "byte-order marks (U+FEFF) removed in 2 lines" in reading.notes


def test_bad_lines_are_refused_with_the_flag_that_leaves_them_out():
    with pytest.raises(DataError, match=r"line 2: .*U\+0007.*--skip-bad leaves such lines out"):
        read("uno\nd\x07s\ntres\n")


def test_bad_lines_can_be_left_out_and_counted():
    text = b"uno\nma\xf1ana\nd\x07s\na\tb\n" + b"x" * 90_000 + b"\nz\0\ntres\n"
    reading = read(text, "words", skip_bad=True)
    assert forms(reading) == ["uno", "tres"]
    assert "5 bad words left out; the first: standard input, line 2" in reading.notes[-1]
    with pytest.raises(DataError, match="expected words, found none: 1 bad word left out"):
        read(b"d\x07s\n", skip_bad=True)


def test_long_lines_in_a_row_are_left_out_one_by_one():
    text = b"uno\n" + b"x" * 200_000 + b"\n" + b"y" * 300_000 + b"\ndos\n"
    reading = read(text, skip_bad=True)
    assert forms(reading) == ["uno", "dos"]
    assert "2 bad words left out" in reading.notes[-1]


BYTES = st.one_of(
    st.binary(max_size=200),
    st.text('aN;=,|"\t\n\r \0\x07ñ\ufeff\u2028', max_size=80).map(str.encode),
    st.text('aNİ,"\t\n 1.-', max_size=80).map(str.encode),
    st.binary(max_size=80).map(gzip.compress),
)


HOW = st.one_of(
    st.fixed_dictionaries(
        {"layout": st.sampled_from(["auto", "sigmorphon", "unimorph", "words"])},
        optional={"delimiter": st.sampled_from(",|; "), "skip_bad": st.booleans()},
    ),
    st.fixed_dictionaries(
        {"column": st.one_of(st.integers(1, 3), st.sampled_from(["a", "N"]))},
        optional={"delimiter": st.sampled_from(["tab", "space", ",", "|", ";"])},
    ),
    st.fixed_dictionaries(
        {"weights": st.one_of(st.integers(1, 3), st.sampled_from(["a", "N"]))},
        optional={
            "column": st.integers(1, 3),
            "skip_bad": st.booleans(),
            "comment": st.sampled_from(["#", "a"]),
            "encoding": st.sampled_from(["latin-1", "utf-16", "shift_jis", "utf-7"]),
            "lowercase": st.booleans(),
        },
    ),
)


@given(BYTES, HOW)
def test_any_bytes_give_clean_entries_or_an_error_for_the_user(data, how):
    try:
        reading = read(data, **how)
    except LexbitsError as error:
        assert str(error).startswith("standard input")
        assert "\n" not in str(error)
    else:
        assert reading.entries
        for entry in reading.entries:
            assert 0 < len(entry.form) <= 30
            assert entry.form == entry.form.strip()
            assert 0 < entry.weight < math.inf


def test_the_file_is_closed_when_a_line_is_refused(tmp_path, recwarn):
    path = tmp_path / "f"
    path.write_text("a\tN\tb\nc\n")
    with pytest.raises(DataError, match="f, line 2"):
        read_entries(str(path), Settings(layout="sigmorphon"))
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]
