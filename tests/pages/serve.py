"""`lexbits` for tests that run many commands: a process that has run one forks for each of them.

A shell that finds this `lexbits` runs commands in a tenth of a second of its own, where a new
process imports torch and all the others for seconds.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import blank, drawn_by
from tests.pages.tiny import tiny

STAND_IN = "stand-in"
"""Folder with a small model in place of each that comes with lexbits, which takes long to ask."""

PROGRAM = """#!{python} -SE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect({address!r})
    said = json.dumps([os.getcwd(), sys.argv[1:]]).encode()
    socket.send_fds(server, [said], [0, 1, 2])
    sys.exit(server.recv(1)[0])
"""


@contextmanager
def served(folder: Path, *first: list[str]):
    """Run some commands of lexbits in `folder`; then serve others until the context ends.

    Yields a folder with the program in it.
    """
    programs = folder.with_name(f"{folder.name}-bin")
    programs.mkdir()
    address = str(programs / "socket")
    command = [sys.executable, "-m", "tests.pages.serve", address, str(folder), json.dumps(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout.readline(), "one of the first commands failed"
        program = programs / "lexbits"
        program.write_text(PROGRAM.format(python=sys.executable, address=address))
        program.chmod(0o755)
        yield programs
        server.kill()


def serve(address: str, folder: str, first: str) -> None:
    """Run the first commands, then fork for each that comes, for ever."""
    import torch

    from lexbits.pretrained import places

    torch.set_num_threads(1)
    out = os.dup(1)
    os.dup2(2, 1)
    os.chdir(folder)
    drawn_by(lambda _, format_: blank(format_)).__enter__()  # figures are looked at elsewhere
    for command in json.loads(first):
        _command(command)
    places.MODELS = Path(folder, STAND_IN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are done
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen()
        os.write(out, b"ready\n")
        os.close(out)
        while True:
            connection, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _answer(connection)
            connection.close()


def _answer(connection: socket.socket) -> None:
    """Run a command in a process of its own, and say how it ended; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    process = os.fork()
    if process == 0:
        said, streams, _, _ = socket.recv_fds(connection, 1 << 20, 3)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        folder, arguments = json.loads(said)
        os.chdir(folder)
        _command(arguments)
        os._exit(0)
    _, status = os.waitpid(process, 0)
    connection.send(bytes([os.waitstatus_to_exitcode(status) & 255]))
    os._exit(0)


def _command(arguments: list[str]) -> None:
    """Be `lexbits` with these arguments; returns if all went well."""
    from lexbits.__main__ import run

    sys.argv = ["lexbits", *tiny(arguments)]
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - till the end
    sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))  # noqa: SIM115
    status = 70
    try:
        run()
        status = 0
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    sys.stdout.flush()
    sys.stderr.flush()
    if status:
        os._exit(status)


if __name__ == "__main__":
    serve(*sys.argv[1:])
