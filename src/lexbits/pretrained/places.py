"""Where the models that come with lexbits lie, and what they are called."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

from lexbits.errors import RunError, UsageError
from lexbits.languages import code_of, name_of

PREFIX = "pretrained:"
MODELS = Path(__file__).parent / "models"
CARD = "card.json"
"""What a model is known by: the last of its files that is written."""


def languages() -> list[str]:
    """Return the codes of the languages that a model comes with lexbits for."""
    return sorted(card.parent.name for card in MODELS.glob(f"*/{CARD}"))


def folder_of(run: str | os.PathLike[str]) -> Path:
    """Return the folder of a run: of a model that comes with lexbits by its name, else the path.

    Args:
        run: `pretrained:LANG`, or a path, such as `./pretrained:LANG`.

    Raises:
        UsageError: no model of that language comes with lexbits.
    """
    name = os.fspath(run)
    if not name.startswith(PREFIX) or (isinstance(run, Path) and run.exists()):
        return Path(name)
    language, known = name.removeprefix(PREFIX), languages()
    if language in known:
        return MODELS / language
    near = difflib.get_close_matches(code_of(language), known, n=1)
    guess = f"; did you mean {PREFIX}{near[0]}? There are" if near else "; there are"
    there = ", ".join(f"{PREFIX}{code} ({name_of(code)})" for code in known)
    raise UsageError(f"{name}: no such model comes with lexbits{guess} {there}")


def meant_by(run: str) -> str | None:
    """Return the name of the model that somebody means who writes a language for a run, if any.

    Examples:
        >>> meant_by("Spanish"), meant_by("simplemma:es"), meant_by("runs/spanish")
        ('pretrained:es', 'pretrained:es', None)
    """
    code = code_of(run.rpartition(":")[2])
    return PREFIX + code if code in languages() else None


def is_packaged(path: Path) -> bool:
    """Whether `path` is the folder of a model that comes with lexbits, or lies in one."""
    return MODELS in path.absolute().parents


def shown(path: Path) -> str:
    """Return what a run is called in messages: the name of a model that comes with lexbits."""
    if not is_packaged(path):
        return str(path)
    language, *inside = path.absolute().relative_to(MODELS).parts
    return "/".join([PREFIX + language, *inside])


def refuse_packaged(path: Path) -> None:
    """Check that a folder may be written to.

    Raises:
        RunError: it is that of a model that comes with lexbits.
    """
    if is_packaged(path):
        name = shown(path)
        raise RunError(
            f"{name}: comes with lexbits and is never changed; train another from its weights with "
            f"`lexbits train --start-from {name} --out NEW`, or copy it with "
            f"WordModel.load({name!r}).save('NEW')"
        )
