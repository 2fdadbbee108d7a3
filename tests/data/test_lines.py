import bz2
import gzip
import io
import lzma
import os
import random
import sys
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexbits.data.lines import MAX_LINE, numbered_lines
from lexbits.errors import DataError
from tests.data.stdin import on_stdin

TEXT = "uno\ndos\n\nñandú\n"
NUMBERED = [(1, "uno"), (2, "dos"), (3, ""), (4, "ñandú")]


class Dribble(io.BytesIO):
    """A stream that hands over a random small number of bytes at a time, like a slow pipe."""

    def read(self, size=-1, /):
        return super().read(random.Random(self.tell()).randint(1, min(size, 7)))

    read1 = read


def read_stream(stream):
    with on_stdin(stream):
        return list(numbered_lines("-"))


def read(data):
    return read_stream(io.BytesIO(data))


def refusal(source, stdin=None):
    given = on_stdin(stdin) if stdin else nullcontext()
    with given, pytest.raises(DataError) as caught:
        list(numbered_lines(str(source)))
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_a_file_and_standard_input_give_the_same_numbered_lines(tmp_path, pack):
    path = tmp_path / "words"
    path.write_bytes(pack(TEXT.encode()))
    assert list(numbered_lines(str(path))) == NUMBERED
    assert read(pack(TEXT.encode())) == NUMBERED


def test_lines_of_a_pipe_come_as_soon_as_they_are_written():
    reading_end, writing_end = os.pipe()
    with (
        os.fdopen(reading_end, "rb") as stream,
        os.fdopen(writing_end, "wb", buffering=0) as writer,
        on_stdin(stream),
    ):
        lines = numbered_lines("-")
        for number in (1, 2):
            writer.write(b"uno\n")
            assert next(lines) == (number, "uno")


def test_a_closed_standard_input_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    assert "standard input" in refusal("-")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.removesuffix("\n").encode(),
        gzip.compress(TEXT[:6].encode()) + gzip.compress(TEXT[6:].encode()),
    ],
    ids=["byte-order mark", "CRLF", "no last line end", "two gzip members"],
)
def test_variants_of_text_files_read_alike(data):
    assert read(data) == NUMBERED


@given(st.lists(st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]))))
def test_lines_do_not_depend_on_how_the_bytes_arrive(lines):
    data = "".join(line + "\n" for line in ["first", *lines]).encode()
    expected = list(enumerate(["first", *lines], 1))
    for packed in (data, gzip.compress(data)):
        assert read_stream(Dribble(packed)) == expected


def test_only_line_feeds_end_lines():
    assert read("a\u2028b\x0cc\n".encode()) == [(1, "a\u2028b\x0cc")]


def test_nothing_gives_no_lines():
    assert read(b"") == []


def test_a_missing_file_is_named(tmp_path):
    message = refusal(tmp_path / "nowhere.txt")
    assert "nowhere.txt: expected a file, found none" in message


def test_a_folder_is_named(tmp_path):
    assert f"{tmp_path}: expected a file, found an empty folder" in refusal(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission_is_named(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("uno\n")
    path.chmod(0)
    assert "secret.txt: expected a readable file, found no permission" in refusal(path)


def test_a_denied_file_is_named_whoever_runs_this(tmp_path, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", denied)
    assert "words.txt: expected a readable file" in refusal(tmp_path / "words.txt")


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\udcff\0"])
def test_an_impossible_path_is_refused(path):
    assert "cannot be opened" in refusal(path)


def test_bytes_that_are_not_utf8_are_refused_with_line_and_position():
    message = refusal("-", io.BytesIO(b"uno\nma" + b"\xf1ana\n"))
    assert message.startswith(
        "standard input, line 2, column 3: expected text in UTF-8, found the byte 0xf1"
    )
    assert message.endswith("probably --encoding cp1252 ('mañana') or cp1250 ('mańana')")


def test_a_nul_byte_is_refused_with_its_line():
    message = refusal("-", io.BytesIO(b"uno\ndos\0tres\n"))
    assert message.startswith("standard input, line 2, column 4: expected text in UTF-8, found a N")
    assert message.endswith("take the NUL out")


@pytest.mark.parametrize(
    ("data", "found", "advice"),
    [
        (lzma.compress(b"uno\n"), "an xz file", "xz -d"),
        (bz2.compress(b"uno\n"), "a bzip2 file", "bzip2 -d"),
        (b"\x28\xb5\x2f\xfd\x04\x00", "a zstd file", "zstd -d"),
        (b"PK\x03\x04\x14\x00", "a zip file", "unpack it"),
        (b"%PDF-1.7\n", "a PDF document", "as text"),
        ("uno\n".encode("utf-16"), "utf-16", "--encoding utf-16"),
        (b"\xfe\xff" + "uno\n".encode("utf-16-be"), "utf-16", "--encoding utf-16"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n",
            "a pointer of Git LFS",
            "git lfs pull",
        ),
    ],
)
def test_what_is_no_text_is_called_by_its_name(data, found, advice):
    message = refusal("-", io.BytesIO(data))
    assert found in message
    assert advice in message


def test_utf16_without_a_mark_is_recognised_by_its_nul_bytes():
    assert "--encoding utf-16-le" in refusal("-", io.BytesIO("uno\n".encode("utf-16-le")))


@pytest.mark.parametrize("data", [b"uno\rdos\rtres\r", b"uno\r" * 30_000])
def test_line_ends_of_an_old_mac_are_explained(data):
    assert r"tr '\r' '\n'" in refusal("-", io.BytesIO(data))


def test_a_short_line_comes_through_a_pipe_at_once():
    class Held(io.RawIOBase):
        def __init__(self):
            self.pieces = [b"uno\n"]

        def read1(self, size=-1, /):
            return self.pieces.pop()  # an IndexError: it would wait

        read = read1

    with on_stdin(Held()):
        assert next(numbered_lines("-")) == (1, "uno")


def test_a_path_that_is_not_utf8_can_be_named(tmp_path):
    assert r"caf\xe9" in refusal(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))


def test_the_longest_legal_line_is_read_and_the_next_longer_refused():
    assert read(b"a" * MAX_LINE) == [(1, "a" * MAX_LINE)]
    assert read(("\N{EARTH GLOBE AMERICAS}" * MAX_LINE).encode())
    message = refusal("-", io.BytesIO(b"uno\n" + b"a" * (MAX_LINE + 1) + b"\nb\n"))
    assert message.startswith("standard input, line 2: expected a line of at most 10,000")


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_a_gigantic_line_is_refused_before_it_is_read_whole(pack):
    stream = io.BytesIO(pack(b"uno\n" + b"a" * 30_000_000))
    asked = []
    original = stream.read1
    stream.read1 = lambda size=-1, /: asked.append(size) or original(size)
    assert "line 2" in refusal("-", stream)
    assert 0 < min(asked) <= sum(asked) < 1_000_000


@pytest.mark.parametrize("length", [3, 15, 200, -1], ids=["header", "body", "late", "trailer"])
def test_a_truncated_gzip_file_is_refused(tmp_path, length):
    words = "\n".join(str(random.Random(i).random()) for i in range(1000))
    path = tmp_path / "words.gz"
    path.write_bytes(gzip.compress(words.encode())[:length])
    message = refusal(path)
    assert "words.gz, line " in message
    assert "expected a whole gzip file, found it damaged or cut off" in message


def test_a_corrupt_gzip_file_is_refused():
    data = bytearray(gzip.compress(TEXT.encode()))
    data[-6] ^= 0xFF
    assert "expected a whole gzip file" in refusal("-", io.BytesIO(bytes(data)))
    assert "expected a whole gzip file" in refusal("-", io.BytesIO(gzip.compress(b"a\n") + b"junk"))


def test_an_error_of_the_disk_is_reported_with_its_line():
    class Broken(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() >= 2:
                raise OSError(5, "Input/output error")
            return super().read(size)

        read1 = read

    message = refusal("-", Broken(b"ab\ncd"))
    assert "line 2" in message
    assert "Input/output error" in message


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00"]))
def test_any_bytes_give_lines_or_a_data_error(data, start):
    try:
        lines = read_stream(Dribble(start + data))
    except DataError as error:
        assert "standard input, line " in str(error)
    else:
        assert [number for number, _ in lines] == list(range(1, len(lines) + 1))
