import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.config import Settings
from lexbits.data.entry import Entry
from lexbits.data.reading import read_entries
from lexbits.data.table import parse_text, to_text
from lexbits.data.weights import without_weights
from lexbits.errors import DataError
from tests.data.stdin import on_stdin

WEIGHT = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(
    lambda text: unicodedata.normalize("NFC", text.strip())
)
FORM = CELL.filter(bool)
ENTRIES = st.one_of(
    st.lists(FORM.map(Entry)),
    st.lists(st.tuples(FORM, CELL, CELL, WEIGHT).map(Entry._make)),
)


@given(ENTRIES)
def test_writing_and_reading_back_changes_nothing(entries):
    assert parse_text(to_text(entries), "words.tsv") == entries


@given(ENTRIES.filter(bool))
def test_the_ordinary_reader_reads_a_saved_table_without_being_told_its_layout(entries):
    with on_stdin(io.BytesIO(to_text(entries).encode())):
        assert read_entries("-", Settings()).entries == without_weights(entries)


@given(st.lists(st.tuples(FORM, CELL, CELL, WEIGHT).map(Entry._make), min_size=1))
def test_the_ordinary_reader_takes_saved_weights_where_it_is_asked_to(entries):
    entries.append(Entry("one", weight=2.0))
    with on_stdin(io.BytesIO(to_text(entries).encode())):
        assert read_entries("-", Settings(weights="weight")).entries == entries


def test_words_alone_are_a_plain_list_and_more_is_unimorph():
    assert to_text([Entry("uno"), Entry("de vez")]) == "#form\nuno\nde vez\n"
    assert to_text([Entry("es", "ser")]) == "#lemma\tform\tfeatures\nser\tes\t\n"
    assert to_text([Entry("es", features="V")]) == "#lemma\tform\tfeatures\n\tes\tV\n"


@pytest.mark.parametrize("text", ["", "uno\n", "lemma\tform\n"])
def test_a_text_without_a_header_is_refused(text):
    with pytest.raises(DataError, match=r"run/train\.tsv, line 1: expected one of the headers"):
        parse_text(text, "run/train.tsv")


@pytest.mark.parametrize("text", ["#form\nuno\n\n", "#form\nuno\nd\tos\n"])
def test_a_damaged_line_is_refused_with_its_number(text):
    with pytest.raises(DataError, match=r"^run/train\.tsv, line 3: "):
        parse_text(text, "run/train.tsv")
