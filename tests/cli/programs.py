"""The program in a process of its own, with real streams, but without the seconds of its start.

The process is a fork of this one, which has imported everything; its streams are opened as Python
opens them.
"""

import contextlib
import io
import os
import struct
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from lexbits.cli import main
from lexbits.cli.output import messages

CLOSED = "closed"
FULL = "/dev/full"
EMPTY = os.devnull


@dataclass
class Ended:
    status: int
    out: str
    err: str


@dataclass
class Running:
    child: int
    streams: tuple[IO[bytes], IO[bytes]]
    encoding: str
    status: int | None = None

    def send_signal(self, number: int) -> None:
        if self.is_alive():
            os.kill(self.child, number)

    def is_alive(self) -> bool:
        if self.status is None:
            child, status = os.waitpid(self.child, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if child else None
        return self.status is None

    def ended(self) -> Ended:
        """Wait for its end."""
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.child, 0)[1])
        texts = []
        for file in self.streams:
            file.seek(0)
            texts.append(file.read().decode(self.encoding))
            file.close()
        return Ended(self.status, *texts)


def started(
    *arguments: str | Path,
    stdin: str = EMPTY,
    stdout: str | int | None = None,
    stderr: str | int | None = None,
    encoding: str = "utf-8",
    **environment: str,
) -> Running:
    """Start the program; a stream is CLOSED, a path, a descriptor, or (None) what is returned."""
    if FULL in (stdout, stderr) and not Path(FULL).exists():
        pytest.skip(f"there is no {FULL}")
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - till its end
    child = os.fork()
    if child == 0:
        streams = (stdin, out.fileno() if stdout is None else stdout,
                   err.fileno() if stderr is None else stderr)  # fmt: skip
        _become(arguments, streams, encoding, environment)
    return Running(child, (out, err), encoding)


def program(*arguments: str | Path, **given: Any) -> Ended:
    """Run the program to its end, as `started` starts it."""
    return started(*arguments, **given).ended()


def on_terminal(columns: int, *arguments: str | Path) -> Ended:
    """Run the program on a terminal of so many columns; all that it shows is in `out`."""
    import fcntl
    import pty
    import termios

    child, terminal = pty.fork()
    if child == 0:
        # before anything is printed
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.environ.pop("COLUMNS", None)
        _become(arguments, (), "utf-8", {"TERM": "xterm"})
    shown = b""
    with contextlib.suppress(OSError):  # that is how a terminal ends
        while piece := os.read(terminal, 65536):
            shown += piece
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Ended(status, shown.decode().replace("\r\n", "\n"), "")


def _become(arguments, streams, encoding, environment):
    """Be the program in this process, and end with it."""
    status = 1
    try:
        for number, stream in enumerate(streams):
            _lead(number, stream)
        _open_streams(encoding)
        os.environ.update(environment)
        messages.cache_clear()
        sys.argv = ["lexbits", *map(str, arguments)]
        status = _status()
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _lead(number, stream):
    if stream == CLOSED:
        os.close(number)
        return
    if isinstance(stream, str):
        stream = os.open(stream, os.O_RDONLY if number == 0 else os.O_WRONLY)
    os.dup2(stream, number)


def _open_streams(encoding):
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            raw = io.FileIO(number, mode, closefd=False)
        except OSError:
            setattr(sys, name, None)
            continue
        buffered = io.BufferedReader(raw) if mode == "r" else io.BufferedWriter(raw)
        errors = "backslashreplace" if name == "stderr" else "strict"
        lines = name == "stderr" or raw.isatty()
        setattr(
            sys, name, io.TextIOWrapper(buffered, encoding, errors=errors, line_buffering=lines)
        )


def _status():
    """Return the status that the process would end with, its streams flushed as at an end."""
    status = 0
    try:
        main()
    except SystemExit as end:
        status = int(end.code or 0)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except OSError as error:
            os.write(2, f"Exception ignored at the end: {error}\n".encode())
            return 120
    return status
