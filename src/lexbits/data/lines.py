"""Bytes -> numbered lines of text, from a file, a gzipped file, or standard input.

Input is streamed and every buffer is bounded, so neither a huge file nor a single gigantic line
fills the memory. Gzip is recognised by its first bytes, not by the file's name: standard input has
no name.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lexbits.data.bad import BadWords
from lexbits.data.foreign import HEAD, refuse_foreign
from lexbits.errors import DataError

MAX_LINE = 10_000  # characters
_MAX_BYTES = 4 * MAX_LINE  # a character takes at most four bytes of UTF-8
_CHUNK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


STANDARD_INPUT = ("-", "/dev/stdin")
"""The names of standard input."""


def display_name(source: str) -> str:
    """Return how messages call `source`, a path or a name of standard input."""
    if source in STANDARD_INPUT:
        return "standard input"
    # A path that is not UTF-8 could not be printed.
    return os.fsencode(source).decode("utf-8", "backslashreplace")


def numbered_lines(
    source: str, bad: BadWords | None = None
) -> Generator[tuple[int, str], None, None]:
    r"""Yield the lines of `source` with their numbers, from 1, without their line ends.

    UTF-8, with or without a byte-order mark; lines end in LF or CRLF; plain or gzipped.

    Args:
        source: a path, or `-` for standard input.
        bad: what is done with lines that cannot be read; else the first is refused.

    Raises:
        DataError: the file is missing, a folder, or not readable; or a line is not UTF-8, has a
            NUL byte, or is longer than `MAX_LINE` characters; or the gzip stream is damaged; or it
            is no text at all.
    """
    name = display_name(source)
    bad = bad or BadWords(skip=False)
    with _opened(source) as stream:
        read = _decompressed(stream, name)
        number, pending, more = 0, b"", True
        while more:
            chunk = _read(read, name, number + 1)
            more = bool(chunk)
            *complete, pending = (pending + chunk).split(b"\n")
            if not more and pending:
                complete.append(pending)
            for line in complete:
                number += 1
                try:
                    text = _decode(line, name, number)
                except DataError as error:
                    bad.found(error)
                else:
                    yield number, text
            if len(pending) > _MAX_BYTES:
                # Of such a line no more is kept than shows later that it was too long.
                pending = pending[: _MAX_BYTES + 1]
                if not bad.skip:
                    bad.take(_decode, pending, name, number + 1)


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source in STANDARD_INPUT:
        if sys.stdin is None:
            raise DataError("standard input: expected words, found it closed; give a file")
        yield sys.stdin.buffer
        return
    name = display_name(source)
    try:
        if Path(source).is_dir():
            raise DataError(f"{name}: expected a file, found a folder; give a file inside it")
        stream = Path(source).open("rb")  # noqa: SIM115  # its errors are caught, the reader's are not
    except FileNotFoundError:
        raise DataError(f"{name}: expected a file, found none; check the path") from None
    except PermissionError:
        raise DataError(
            f"{name}: expected a readable file, found no permission to read it; "
            "change its permissions"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{name!r}: cannot be opened ({reason}); check the path") from None
    with stream:
        yield stream


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were already read: serves them again, then the rest."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head = head
        self._read = _read1(stream)

    def read(self, size: int = -1, /) -> bytes:
        if self._head:
            start, self._head = self._head[:size], self._head[size:]
            return start
        return self._read(size)


def _decompressed(stream: BinaryIO, name: str) -> Callable[[int], bytes]:
    """Return a function like `stream.read` that also undoes gzip; refuse what is no text."""
    head = b""
    # A pipe may hand over one byte at a time, and short words arrive as they are typed.
    read = _read1(stream)
    while len(head) < HEAD and b"\n" not in head and (more := _read(read, name, 1, HEAD)):
        head += more
    refuse_foreign(head, name)
    rejoined = _Rejoined(head, stream)
    if head.startswith(_GZIP_MAGIC):
        return gzip.GzipFile(fileobj=rejoined, mode="rb").read1
    return rejoined.read


def _read1(stream: BinaryIO) -> Callable[[int], bytes]:
    """Return what reads what a pipe holds now: `read` would wait for a full chunk."""
    found: Callable[[int], bytes] = getattr(stream, "read1", stream.read)
    return found


def _read(read: Callable[[int], bytes], name: str, number: int, size: int = _CHUNK) -> bytes:
    try:
        return read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{name}, line {number}: expected a whole gzip file, found it damaged or cut off "
            f"({str(error).rstrip('.')}); fetch or compress it again"
        ) from None
    except OSError as error:
        raise DataError(
            f"{name}, line {number}: expected to read on, found an error "
            f"({error.strerror or error}); copy the file to another disk and try again"
        ) from None


def _decode(line: bytes, name: str, number: int) -> str:
    if number == 1:
        line = line.removeprefix(_BOM)
    line = line.removesuffix(b"\r")
    if b"\0" in line:
        raise DataError(
            f"{name}, line {number}: expected text in UTF-8, found a NUL byte; "
            "give a text file, or convert it if it is UTF-16"
        )
    if b"\r" in line:
        raise DataError(
            f"{name}, line {number}: expected lines that end in LF or CRLF, found a CR inside; if "
            r"all end in CR, as of an old Mac, convert them: tr '\r' '\n' < FILE"
        )
    if len(line) > _MAX_BYTES:
        raise _too_long(name, number)
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}, line {number}: expected UTF-8, found the byte 0x{line[error.start]:02x} "
            f"at position {error.start + 1}; convert the file, for instance from Windows-1252: "
            "iconv -f CP1252 -t UTF-8 FILE"
        ) from None
    if len(text) > MAX_LINE:
        raise _too_long(name, number)
    return text


def _too_long(name: str, number: int) -> DataError:
    return DataError(
        f"{name}, line {number}: expected a line of at most {MAX_LINE:,} characters, "
        "found a longer one; put one word on each line"
    )
