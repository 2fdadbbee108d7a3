"""Standard input, output and error: closed, full, gone, or of an encoding with few letters."""

from __future__ import annotations

import contextlib
import io
import os
import sys

from rich.console import Console

from lexbits.errors import LexbitsError


def prepare() -> None:
    """Make the streams safe to write to; to be called first.

    A closed stream gets a device that swallows all, lest the next file that is opened takes its
    number and native code writes into it. What an encoding cannot hold is written escaped.

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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if sys.stdout is None:
        raise LexbitsError(
            "standard output is closed: expected somewhere to print to; direct it to a file, or to "
            f"{os.devnull} to print nothing"
        )


def give_up_output() -> None:
    """Let what is still to be printed at the end of the program go nowhere, without a complaint."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def holds_all(stream: object) -> bool:
    """Whether every character can be written to `stream`."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return encoding.lower().replace("-", "").startswith("utf")


class HelpConsole(Console):
    """Where help is printed: plain unless it goes to a terminal."""

    def __init__(self) -> None:
        super().__init__(force_terminal=sys.stdout.isatty(), emoji=False)

    def on_broken_pipe(self) -> None:
        """Let the program end as for all other output whose reader has gone."""
        raise BrokenPipeError
