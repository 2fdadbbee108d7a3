"""A folder that lexbits writes: files whole or not at all, and a lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, ClassVar

from lexbits.errors import RunError
from lexbits.files import Contents, locked, write_whole
from lexbits.pretrained.places import refuse_packaged, shown
from lexbits.runs.text import decoded, json_object, json_text

FORMATS = ("png", "svg")
"""Of figures, where no others are asked for."""


def figure_files(name: str, formats: Sequence[str] = FORMATS) -> list[str]:
    """Return the files of a figure, one for each format."""
    return [f"figures/{name}.{format_}" for format_ in formats]


class Folder:
    """Files that are written whole or not at all, and a lock; a run or a study."""

    contents: ClassVar[Contents | None] = None
    """What may be written, where lexbits replaces what it has written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def shown(self) -> str:
        """What it is called in messages: its path, or the name of a model of lexbits."""
        return shown(self.path)

    def locked(self) -> AbstractContextManager[None]:
        """Keep other processes from writing in this folder; a killed process frees it.

        Raises:
            RunError: another process holds it, or the folder cannot be written to, or may not.
        """
        refuse_packaged(self.path)
        return locked(self.path, self.contents)

    def has(self, name: str) -> bool:
        """Whether the folder holds the file `name`."""
        return (self.path / name).is_file()

    def write(self, name: str, content: str | bytes) -> None:
        """Write the file `name`, whole or not at all.

        Raises:
            RunError: it cannot be written, or the folder comes with lexbits.
        """
        refuse_packaged(self.path)
        if self.contents and not self.contents.own.fullmatch(name):
            raise ValueError(f"{name} is not among the files of a run, and would outlive it")
        write_whole(self.path / name, content)

    def write_json(self, name: str, document: Mapping[str, Any]) -> None:
        """Write `document` as readable JSON."""
        self.write(name, json_text(document))

    def write_figure(
        self, name: str, draw: Callable[[str], bytes], formats: Sequence[str] = FORMATS
    ) -> list[str]:
        """Write a figure, which `draw` makes in a format, in each format; return the files."""
        files = figure_files(name, formats)
        for file, format_ in zip(files, formats, strict=True):
            self.write(file, draw(format_))
        return files

    def read(self, name: str) -> bytes:
        """Return the content of the file `name`.

        Raises:
            RunError: it is missing or unreadable.
        """
        path = self.path / name
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise RunError(f"{path}: missing; restore it from a copy of the run") from None
        except OSError as error:
            raise RunError(f"{path}: cannot be read ({error.strerror})") from None

    def read_text(self, name: str) -> str:
        """Return the file `name` as text."""
        return decoded(self.read(name), str(self.path / name))

    def read_json(self, name: str) -> dict[str, Any]:
        """Return the JSON object in the file `name`."""
        return json_object(self.read_text(name), str(self.path / name))
