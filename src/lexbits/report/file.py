"""The file of a page: written whole or not at all, and never over what is no page."""

from __future__ import annotations

import os
from pathlib import Path

from lexbits.errors import RunError, UsageError
from lexbits.files import is_foreign, write_whole
from lexbits.report.page import is_page

ENDINGS = (".html", ".htm")


def refuse_other(file: Path) -> None:
    """Check that a page may be written to `file`, before the work for it.

    Raises:
        UsageError: another ending; or a folder, or a file that is no page of lexbits, is there.
        RunError: what is there cannot be read, or nothing can be written there.
    """
    if file.suffix.lower() not in ENDINGS:
        raise UsageError(f"expected a page whose name ends in .html, found {file}")
    try:
        if file.is_dir():
            raise UsageError(f"{file}: is a folder; choose another name for the page")
        if is_foreign(file, is_page):
            raise UsageError(f"{file}: exists and is no page of lexbits; choose another name")
        place = next(folder for folder in file.absolute().parents if os.path.lexists(folder))
        if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
            raise RunError(f"{file}: cannot be written: {place} is no folder to write to")
    except OSError as error:
        raise RunError(f"{file}: cannot be read ({error.strerror})") from None


def write_page(file: Path, content: str) -> None:
    """Write a page; an earlier one is replaced.

    Raises:
        UsageError, RunError: as `refuse_other`; or the file cannot be written.
    """
    refuse_other(file)
    write_whole(file, content)
