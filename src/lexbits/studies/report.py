"""The page of a run or of a sweep."""

from __future__ import annotations

import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from lexbits.data import Say
from lexbits.errors import RunError, command
from lexbits.report.file import refuse_other, write_page
from lexbits.runs.marks import is_sweep
from lexbits.word_model import WordModel

LONGEST = 40
"""Characters of the name of a temporary page: a name has 255 bytes at most, also while written."""


def write_report(path: Path, file: Path, say: Say) -> None:
    """Write the page of a run, or of a sweep, to a file.

    Args:
        path: the run or the sweep.
        file: whose name ends in .html.
        say: called with what is happening.

    Raises:
        UsageError: another ending than .html, or something else than a page of lexbits is there.
        RunError: there is no such run, none of its epochs is finished, or the file cannot be
            written.
    """
    refuse_other(file)
    if is_sweep(path):
        from lexbits.studies.sweep_page import sweep_page

        write_page(file, sweep_page(path, say))
        return
    model = WordModel.load(path)
    say(f"Measuring {model.source} for its page")
    model.report(file)


def page_here(path: Path) -> Path:
    """Return the page of a run that lies in the current folder, named after the run."""
    return Path(f"{name_of(path)}.html")


def temporary_page(path: Path) -> Path:
    """Return where the page of a run lies that is looked at once: always the same file for a run.

    Raises:
        RunError: the folder of temporary files belongs to somebody else.
    """
    folder = Path(tempfile.gettempdir()) / f"lexbits-{_user()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        foreign = folder.is_symlink() or (
            sys.platform != "win32" and folder.stat().st_uid != os.getuid()
        )
    except OSError as error:
        raise RunError(f"{folder}: cannot be made ({error.strerror})") from None
    if foreign:
        instead = command("report", path, "--out", "FILE.html")
        raise RunError(f"{folder}: belongs to somebody else; write the page by {instead}")
    mark = sha256(os.fsencode(path.resolve())).hexdigest()[:6]  # runs of one name
    return folder / f"{name_of(path)[:LONGEST]}-{mark}.html"


def name_of(path: Path) -> str:
    """Return what a run is called: the name of its folder."""
    return Path(os.path.abspath(path)).name or "run"  # noqa: PTH100 - a link keeps its name


def _user() -> str:
    return str(os.getuid()) if sys.platform != "win32" else os.environ.get("USERNAME", "user")
