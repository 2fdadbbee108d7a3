import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.config import Settings, resolve
from lexbits.data.encodings import advice, guesses
from lexbits.data.lines import numbered_lines
from lexbits.data.reading import read_entries
from lexbits.errors import DataError, UsageError
from tests.data.stdin import on_stdin

TEXTS = {
    "cp1252": "mañana\ncorazón\nÁrbol\nmaître\nöl\n",
    "cp1254": "ağaç\nışık\nşiir\nçığ\nörümcek\n",
    "cp1250": "źródło\nżółw\nczęść\nświat\nłąka\n",
    "cp1251": "привет\nмир\nРоссия\nслово\n",
    "koi8-r": "привет\nмир\nРоссия\nслово\n",
    "cp1253": "λόγος\nάνθρωπος\nΕλλάδα\n",
    "cp1255": "שלום\nמילה\nספר\n",
    "shift_jis": "ことば\nさくら\n言葉\n",
    "euc-jp": "ことば\nさくら\n言葉\n",
    "euc-kr": "사람\n나라\n말\n",
    "utf-16": "mañana\nдень\n",
    "utf-16-le": "manana\ndias\n",
    "utf-16-be": "manana\ndias\n",
    "utf-32": "mañana\n",
}


def read(data, encoding="utf-8", **settings):
    with on_stdin(io.BytesIO(data)):
        return read_entries("-", Settings(encoding=encoding, layout="words", **settings))


@pytest.mark.parametrize("encoding", TEXTS)
def test_text_is_read_in_the_encoding_that_is_named(encoding):
    data = TEXTS[encoding].encode(encoding)
    expected = TEXTS[encoding].split()
    of_windows = TEXTS[encoding].replace("\n", "\r\n").encode(encoding)
    for packed in (data, gzip.compress(data), of_windows):
        assert [e.form for e in read(packed, encoding).entries] == expected


@pytest.mark.parametrize("encoding", TEXTS)
def test_what_does_not_decode_is_refused_with_the_encoding_that_would(encoding):
    with pytest.raises(DataError, match=f"(--encoding|or) {encoding}(,|;|$| )") as caught:
        read(TEXTS[encoding].encode(encoding))
    assert "\n" not in str(caught.value)


def test_utf8_is_recognised_among_other_encodings():
    assert guesses("mañana\ncorazón\n".encode()) == ["utf-8"]
    with pytest.raises(DataError, match=r"line 1, column 4: expected text in ascii.*utf-8"):
        read("sueño\n".encode(), "ascii")


def test_noise_is_no_encoding():
    assert guesses(bytes(range(128, 256)) + b"\n") == []
    assert "say which encoding" in advice(bytes(range(128, 256)))


def test_line_and_column_are_those_of_the_text():
    with pytest.raises(DataError, match=r"line 2, column 5: .* found the byte 0x81; "):
        read(b"uno\nma\xf1a\x81na\n", "cp1252")


def test_lines_that_do_not_decode_can_be_left_out():
    reading = read(b"uno\nma\xf1ana\ndos\n", skip_bad=True)
    assert [e.form for e in reading.entries] == ["uno", "dos"]
    assert "1 bad word left out" in reading.notes[1]


@pytest.mark.parametrize("name", ["utf8x", "base64", "rot13", "", "mañana", "a\0b"])
def test_an_unknown_encoding_is_one_clear_line(name):
    with pytest.raises(UsageError, match="encoding: expected an encoding of text") as caught:
        resolve({"encoding": name})
    assert "\n" not in str(caught.value)


@given(
    st.binary(max_size=200),
    st.sampled_from(
        ["utf-8", "cp1252", "utf-16", "shift_jis", "gb18030", "utf-7", "idna", "cp037"]
    ),
)
def test_any_bytes_in_any_encoding_give_lines_or_a_data_error(data, encoding):
    try:
        with on_stdin(io.BytesIO(data)):
            lines = list(numbered_lines("-", encoding=encoding))
    except DataError as error:
        assert "standard input, " in str(error)
        assert "\n" not in str(error)
    else:
        assert [number for number, _ in lines] == list(range(1, len(lines) + 1))
