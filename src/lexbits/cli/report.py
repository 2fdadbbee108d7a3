"""`lexbits report`, `lexbits explore`: a run as one page of HTML that runs the model."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from lexbits.cli.arguments import RunPath
from lexbits.cli.columns import PAGE
from lexbits.cli.output import TABLE, Output, print_json, print_line, print_table, say

Place = Annotated[
    RunPath,
    Parameter(help="Folder of a run, of a saved model, or of a sweep; or pretrained:LANG."),
]

PATIENCE = 10.0
"""Seconds that a browser may take to start before it is left to itself."""


def report(
    run: Place,
    /,
    *,
    out: Annotated[
        Path | None,
        Parameter(help="File for the page, .html [default: named after the run, here]"),
    ] = None,
    output: Output = TABLE,
) -> None:
    """Write one HTML page that tells what a model knows and runs it, for anybody with a browser.

    It needs no network, no server and no other file: the model is in it, with some of the run's
    held-out words. Of a sweep, there is one page with its models side by side.
    """
    from lexbits.studies.report import page_here, write_report

    file = out or page_here(run)
    instead = ", in place of an earlier page" if os.path.lexists(file) else ""
    write_report(run, file, say)
    _print(file, output)
    say(f"{_size(file)}{instead}. Open it in a browser; it can be sent and kept as it is.")


def explore(run: Place, /, *, output: Output = TABLE) -> None:
    """Make the page of a run in a temporary place and open it in the browser.

    It is the page of `lexbits report`, made anew each time.
    """
    from lexbits.studies.report import temporary_page, write_report

    file = temporary_page(run)
    write_report(run, file, say)
    _print(file, output)
    if opens(file):
        say("It should open in your browser; if it does not, open the file there.")
    else:
        say("There is no browser here: copy the file to where there is one, and open it there.")


def opens(file: Path) -> bool:
    """Open a file in a browser, if there is one for windows; a slow one is not waited for."""
    if not _has_windows():
        return False
    opened: list[bool] = []
    address = file.resolve().as_uri()

    def start() -> None:
        try:
            with _printing_to_stderr():
                opened.append(webbrowser.open(address))
        except (webbrowser.Error, OSError):
            opened.append(False)

    thread = threading.Thread(target=start, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return opened != [False]


@contextmanager
def _printing_to_stderr() -> Iterator[None]:
    """Let programs that start meanwhile, as a browser, print nothing between the data."""
    sys.stdout.flush()
    try:
        kept = os.dup(1)
        os.dup2(2, 1)
    except OSError:  # there is no standard error
        yield
        return
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _has_windows() -> bool:
    """Whether programs with windows can start; the user's own $BROWSER says that one can."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def _print(file: Path, output: Output) -> None:
    size = file.stat().st_size
    if output.json:
        print_json({"path": str(file), "bytes": size})
    elif output.tsv:
        print_table(PAGE, [[str(file), size]], output)
    else:
        print_line(str(file))


def _size(file: Path) -> str:
    return f"{file.stat().st_size / 1e6:.1f} MB"
