"""Standard input, output and error: closed, full, gone, or of an encoding with few letters."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console

from lexbits.errors import LexbitsError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def prepare() -> None:
    """Make the streams of this process safe to write to; to be called first.

    A closed stream gets a device that swallows all, lest the next file that is opened takes its
    number and native code writes into it. What an encoding cannot hold is written escaped. What
    standard error does not take is lost, whoever writes it, and the work continues.

    Raises:
        LexbitsError: standard output is closed.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - until the end
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Lossy(sys.stderr)),
        encoding=sys.stderr.encoding,
        errors="backslashreplace",
        line_buffering=True,
    )
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if sys.stdout is None:
        raise LexbitsError(
            "standard output is closed: expected somewhere to print to; direct it to a file, or to "
            f"{os.devnull} to print nothing"
        )


class _Lossy(io.RawIOBase):
    """A stream whose failures are nobody's: what it does not take is lost."""

    def __init__(self, stream: TextIO) -> None:
        buffer: Any = stream.buffer
        self._raw = getattr(buffer, "raw", buffer)  # python -u has no buffer
        self._stream = stream  # which closes the raw one when nobody holds it any more

    def write(self, content: ReadableBuffer, /) -> int:
        """Write, or not."""
        try:
            return int(self._raw.write(content))
        except OSError:
            return len(memoryview(content))

    def writable(self) -> bool:
        """Always."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return bool(self._raw.isatty())


def give_up_output() -> None:
    """Let what is still to be printed at the end of the program go nowhere, without a complaint."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def holds_all(stream: object) -> bool:
    """Whether every character can be written to `stream`."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").startswith("utf")


_SPELLED = str.maketrans(
    {"‖": "||", "−": "-", "×": "x", "→": "->", "≤": "<=", "≥": ">=", "█": "#", "…": "..."}
)


def spelled(text: str, stream: object) -> str:
    """Return text of ours with its signs in ASCII, if `stream` cannot hold them.

    Examples:
        >>> spelled("KL(Q‖P)", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
        'KL(Q||P)'
    """
    return text if holds_all(stream) else text.translate(_SPELLED)


NARROWEST_HELP = 60
"""Columns that help takes at least: with fewer, names of flags would be shortened."""


class HelpConsole(Console):
    """Where help is printed: plain unless it goes to a terminal."""

    def __init__(self) -> None:
        super().__init__(force_terminal=sys.stdout.isatty(), emoji=False)
        self.width = max(self.width, NARROWEST_HELP)

    def on_broken_pipe(self) -> None:
        """Let the program end as for all other output whose reader has gone."""
        raise BrokenPipeError
