"""Folders that are made beside their place and moved there when they are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TEMPORARY = ".partial-"
"""How the names of files and folders begin that are not whole yet."""


@contextmanager
def draft_beside(path: Path) -> Iterator[Path]:
    """Yield a new folder beside `path`, to fill and to rename; what is not renamed is removed.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{path.name}-", dir=path.parent))
    try:
        draft.chmod(0o777 & ~_umask())  # as any other new folder
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
