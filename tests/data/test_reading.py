import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.data.entry import Entry
from lexbits.data.reading import read_entries
from lexbits.errors import DataError, LexbitsError, UsageError


def read(text, layout="auto", max_length=30):
    data = text if isinstance(text, bytes) else text.encode()
    return read_entries("-", layout, max_length, io.BytesIO(data))


def test_a_word_list_is_read_in_order_with_its_duplicates():
    reading = read("dos\nuno\ndos\n")
    assert reading.entries == [Entry("dos"), Entry("uno"), Entry("dos")]
    assert reading.layout == "words"
    assert reading.notes == ["layout: words (one word a line)"]


def test_blank_lines_and_long_forms_are_left_out_counted_and_reported():
    reading = read("uno\n\n \t\ndos\n\ncatorceavo\n", max_length=9)
    assert [entry.form for entry in reading.entries] == ["uno", "dos"]
    assert (reading.blank_lines, reading.too_long) == (3, 1)
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
        read_entries(str(path), "auto", 30)


def test_a_file_of_too_long_words_only_is_refused():
    with pytest.raises(DataError, match="at most 2 characters, found 1 longer form only"):
        read("uno\n", max_length=2)


def test_a_file_of_a_header_only_is_refused():
    with pytest.raises(DataError, match="a header line only"):
        read("#form\n")


def test_an_unknown_layout_is_a_usage_error():
    with pytest.raises(UsageError, match="known are: auto, sigmorphon, unimorph, words"):
        read("uno\n", "csv")


BYTES = st.one_of(
    st.binary(max_size=200),
    st.text("aN;=\t\n\r \0\x07ñ", max_size=80).map(str.encode),
    st.binary(max_size=80).map(gzip.compress),
)


@given(BYTES, st.sampled_from(["auto", "sigmorphon", "unimorph", "words"]))
def test_any_bytes_give_clean_entries_or_an_error_for_the_user(data, layout):
    try:
        reading = read(data, layout)
    except LexbitsError as error:
        assert str(error).startswith("standard input")
        assert "\n" not in str(error)
    else:
        assert reading.entries
        for entry in reading.entries:
            assert 0 < len(entry.form) <= 30
            assert entry.form == entry.form.strip()


def test_the_file_is_closed_when_a_line_is_refused(tmp_path, recwarn):
    path = tmp_path / "f"
    path.write_text("a\tN\tb\nc\n")
    with pytest.raises(DataError, match="f, line 2"):
        read_entries(str(path), "sigmorphon", 30)
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]
