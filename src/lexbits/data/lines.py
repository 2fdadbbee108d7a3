"""Bytes -> numbered lines of text, from a file, a gzipped file, or standard input.

Input is streamed and every buffer is bounded, so neither a huge file nor a single gigantic line
fills the memory. Gzip is recognised by its first bytes, not by the file's name: standard input has
no name.
"""

from __future__ import annotations

import codecs
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
from lexbits.data.encodings import FLAW, MARKS, advice, bytes_of, marked_byte
from lexbits.data.folders import refuse_folder
from lexbits.data.foreign import HEAD, refuse_foreign
from lexbits.errors import DataError

MAX_LINE = 10_000  # characters
_CHUNK = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


STANDARD_INPUT = ("-", "/dev/stdin")
"""The names of standard input."""


def display_name(source: str) -> str:
    """Return how messages call `source`, a path or a name of standard input."""
    if source in STANDARD_INPUT:
        return "standard input"
    # A path that is not UTF-8 could not be printed.
    return os.fsencode(source).decode("utf-8", "backslashreplace")


def numbered_lines(
    source: str, bad: BadWords | None = None, encoding: str = "utf-8"
) -> Generator[tuple[int, str], None, None]:
    r"""Yield the lines of `source` with their numbers, from 1, without their line ends.

    With or without a byte-order mark; lines end in LF or CRLF; plain or gzipped.

    Args:
        source: a path, or `-` for standard input.
        bad: what is done with lines that cannot be read; else the first is refused.
        encoding: that of the text.

    Raises:
        DataError: the file is missing, a folder, or not readable; or a line does not decode, has a
            NUL character, or is longer than `MAX_LINE` characters; or the gzip stream is damaged;
            or it is no text at all.
    """
    name = display_name(source)
    bad = bad or BadWords(skip=False)
    with _opened(source) as stream:
        read = _decompressed(stream, name, encoding)
        decoder = codecs.getincrementaldecoder(encoding)(MARKS)
        number, pending, recent, more = 0, "", b"", True
        while more:
            chunk = _read(read, name, number + 1)
            more, recent = bool(chunk), chunk or recent
            text = pending + _decoded(decoder, chunk, name, number + 1, encoding)
            *complete, pending = text.split("\n")
            if not more and pending:
                complete.append(pending)
            for line in complete:
                number += 1
                try:
                    found = _line(line, recent, name, number, encoding)
                except DataError as error:
                    bad.found(error)
                else:
                    yield number, found
            if len(pending) > MAX_LINE + 1:
                # Of such a line no more is kept than shows later that it was too long.
                pending = pending[: MAX_LINE + 2]
                if not bad.skip:
                    bad.take(_line, pending, recent, name, number + 1, encoding)


def _decoded(
    decoder: codecs.IncrementalDecoder, chunk: bytes, name: str, number: int, encoding: str
) -> str:
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeError as error:  # of a codec that cannot say where
        raise DataError(
            f"{name}, about line {number}: expected text in {encoding}, found bytes that are none "
            f"({error}); {advice(chunk)}"
        ) from None


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
            refuse_folder(Path(source))
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


def _decompressed(stream: BinaryIO, name: str, encoding: str) -> Callable[[int], bytes]:
    """Return a function like `stream.read` that also undoes gzip; refuse what is no text."""
    head = b""
    # A pipe may hand over one byte at a time, and short words arrive as they are typed.
    read = _read1(stream)
    while len(head) < HEAD and b"\n" not in head and (more := _read(read, name, 1, HEAD)):
        head += more
    refuse_foreign(head, name, encoding)
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


def _line(line: str, piece: bytes, name: str, number: int, encoding: str) -> str:
    """Return a line without its end; `piece` is one of the file, about there.

    Raises:
        DataError: it is no line of text.
    """
    if number == 1:
        line = line.removeprefix(_BOM)
    line = line.removesuffix("\r")
    flaw = FLAW.search(line)
    if flaw is None:
        if len(line) > MAX_LINE:
            raise _too_long(name, number)
        return line
    if "\r" in line:
        raise DataError(
            f"{name}, line {number}: expected lines that end in LF or CRLF, found a CR inside; if "
            r"all end in CR, as of an old Mac, convert them: tr '\r' '\n' < FILE"
        )
    where = f"{name}, line {number}, column {flaw.start() + 1}"
    character = flaw.group()
    found = "a NUL byte" if character == "\0" else f"the byte 0x{marked_byte(character):02x}"
    known = encoding == "utf-8" and "\0" not in line
    raise DataError(
        f"{where}: expected text in {'UTF-8' if encoding == 'utf-8' else encoding}, found {found}; "
        f"{advice(piece, bytes_of(line) if known else b'')}"
    )


def _too_long(name: str, number: int) -> DataError:
    return DataError(
        f"{name}, line {number}: expected a line of at most {MAX_LINE:,} characters, "
        "found a longer one; put one word on each line"
    )
