"""The folder of a study, a sweep or a search, which holds several trainings.

sweep.json, figures/sweep.png, .svg, plain/, rate-R/   made by `lexbits sweep rate`
tune.json, best.toml, summary.json                     made by `lexbits tune`, and study.db,
the one file that optuna writes
"""

from __future__ import annotations

from pathlib import Path

from lexbits.errors import RunError
from lexbits.files import is_empty
from lexbits.runs.base import Folder
from lexbits.runs.marks import KEYS


class StudyFolder(Folder):
    """A folder of several trainings, a sweep or a search; a JSON file in it marks it as such."""

    @classmethod
    def open(cls, path: Path, marker: str) -> StudyFolder:
        """Return the folder at `path`; nothing is made before something is written or locked.

        Raises:
            RunError: something is there that is neither empty nor marked by the file `marker`.
        """
        folder = cls(path)
        if not is_empty(path) and not (
            folder.has(marker) and folder.read_json(marker).keys() >= KEYS[marker]
        ):
            raise RunError(f"{path}: exists and holds no {marker} of lexbits; choose another --out")
        return folder
