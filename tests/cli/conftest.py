import contextlib
import functools
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from lexbits.cli import main
from lexbits.figures.style import as_file, styled

Lexbits = Callable[..., subprocess.CompletedProcess[str]]

SMALL = (
    "--hidden-size", "16", "--encoder-hidden-size", "8", "--embedding-size", "8",
    "--batch-size", "16", "--samples", "2", "--dev-samples", "2", "--free-nats", "1",
)  # fmt: skip
TINY = ("--bits", "4", *SMALL)


def make_words() -> list[str]:
    roots = ("cant", "habl", "parl", "mir", "ñand", "tom")
    stems = [root + suffix for root in roots for suffix in ("", "ar", "ig")]
    endings = ("o", "as", "a", "amos", "áis", "an", "aba", "abas", "ábamos", "é", "aste", "ó")
    return [stem + ending for stem in stems for ending in endings]


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "lexbits", *map(str, arguments)]


def interrupted(environment, arguments, ready: Callable[[str], bool]) -> tuple[int, str]:
    """Press Ctrl-C when `ready` says so of what is on stderr; return status and the rest of it."""
    if sys.platform == "win32":
        pytest.skip("needs the signals of POSIX")
    process = subprocess.Popen(
        command(*arguments), env=environment, stderr=subprocess.PIPE, text=True
    )
    said = ""
    while not ready(said):
        line = process.stderr.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    return process.returncode, rest


PLACES = [f"lexbits.studies.{name}.as_file" for name in ("plots", "rates", "estimators")]
"""Where commands make files of figures."""


@functools.cache
def blank(format_: str) -> bytes:
    with styled((1, 1), 1.0) as (figure, _):
        return as_file(figure, format_)


@contextlib.contextmanager
def drawn_by(draw: Callable[..., bytes]):
    with contextlib.ExitStack() as stack:
        for place in PLACES:
            stack.enter_context(patch(place, draw))
        yield


@pytest.fixture(scope="session", autouse=True)
def blank_files():
    """Make every figure, but a blank file of it: drawing takes longer than a tiny training."""
    with drawn_by(lambda _, format_: blank(format_)):
        yield


@pytest.fixture(scope="session")
def drawing():
    """Return a context in which the files of figures are drawn."""
    return functools.partial(drawn_by, as_file)


@pytest.fixture
def drawn(drawing):
    """Draw the files of figures."""
    with drawing():
        yield


@pytest.fixture(scope="session")
def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "200", "PYTHONUTF8": "1"}


@pytest.fixture(scope="session")
def lexbits(environment: dict[str, str]) -> Lexbits:
    """Run the program as a user does, in a process of its own."""

    def run(*arguments: str | Path, text: str | None = None, **more: str):
        return subprocess.run(
            command(*arguments),
            input=text,
            capture_output=True,
            text=True,
            env={**environment, **more},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def lexbits_here(environment: dict[str, str]) -> Lexbits:
    """Run the program in this process: the same answers, without the seconds of a start."""

    def run(*arguments: str | Path, text: str = ""):
        out, messages = io.StringIO(), io.StringIO()
        status = 0
        given = patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        with redirect_stdout(out), redirect_stderr(messages), given:
            try:
                main([str(argument) for argument in arguments])
            except SystemExit as end:
                status = int(end.code or 0)
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), messages.getvalue())

    return run


@pytest.fixture(scope="session")
def words_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("words") / "words.txt"
    path.write_text("\n".join(make_words()) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory, lexbits_here, words_file, drawing) -> Path:
    """A finished run on a small word list; no test may change it."""
    path = tmp_path_factory.mktemp("runs") / "tiny"
    with drawing():
        done = lexbits_here("train", words_file, "--out", path, "--epochs", "2", *TINY)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory, lexbits_here, words_file) -> Path:
    """A finished run without bits."""
    path = tmp_path_factory.mktemp("runs") / "plain"
    done = lexbits_here("train", words_file, "--out", path, "--epochs", "1", *SMALL, "--bits", "0")
    assert done.returncode == 0, done.stderr
    return path
