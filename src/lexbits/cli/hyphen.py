"""A lone hyphen among the arguments: standard input, or a word.

The parser takes it for an option without a name, so it goes through the parser under a name that no
argument can have: a program is given no NUL characters.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

HIDDEN = "\0-"


def hide(arguments: Sequence[str]) -> list[str]:
    """Return `arguments` with hyphens under their other name."""
    return [HIDDEN if argument == "-" else argument for argument in arguments]


def show(value: Any) -> Any:  # noqa: ANN401 - whatever a parser makes of arguments
    """Return what was parsed with hyphens under their own name."""
    if isinstance(value, str):
        return value.replace(HIDDEN, "-").replace(repr(HIDDEN)[1:-1], "-")
    if isinstance(value, PurePath):
        return type(value)(show(str(value)))
    if isinstance(value, list | tuple):
        return type(value)(show(item) for item in value)
    if isinstance(value, BaseModel):
        given = {name: show(getattr(value, name)) for name in value.model_fields_set}
        return value.model_copy(update=given)
    return value
