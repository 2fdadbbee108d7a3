"""The parts of Markdown that a model card is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

MARK = b"<!-- model card of lexbits -->"
"""The last line of a card, by which a file is known to be one."""


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bullets(*items: str) -> str:
    """Return a list."""
    return "\n".join(f"- {item}" for item in items)


def fence(language: str, *lines: str) -> str:
    """Return a block of code."""
    return "\n".join([f"```{language}", *lines, "```"])


def number(value: float | None) -> str:
    """Return a number as a card has it, nothing where it is not known."""
    return "" if value is None else f"{value:.3f}"


def plain(value: Any) -> str:  # noqa: ANN401 - whatever a setting holds
    """Return the value of a setting."""
    return value if isinstance(value, str) else json.dumps(value)
