"""How results and messages are printed: results to stdout, messages to stderr."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

WIDE = 200
"""Columns for output that is not a terminal: nothing is cut to a screen that is not there."""


@cache
def messages() -> Console:
    """The console for messages, on stderr."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Print a message for the user to stderr."""
    messages().print(message, markup=False)


def duration(seconds: float) -> str:
    """Return seconds in words that a person plans with."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while something is counted; yield what is told (done, total)."""
    from rich import progress  # loaded when needed: `lexbits --help` should be quick

    columns = (
        progress.TextColumn(what),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeRemainingColumn(),
    )
    hidden = not messages().is_terminal
    with progress.Progress(*columns, console=messages(), transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON document to stdout; figures that are not finite become null."""
    sys.stdout.write(json.dumps(_finite(document), ensure_ascii=False, indent=1) + "\n")


def print_records(
    records: Sequence[DataclassInstance], columns: Sequence[str], as_json: bool
) -> None:
    """Print dataclass instances: all fields as JSON, or the chosen ones as a table."""
    if as_json:
        print_json([dataclasses.asdict(record) for record in records])
        return
    print_table(columns, ([getattr(record, name) for name in columns] for record in records))


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    header: bool = True,
    wrapped: Sequence[str] = (),
) -> None:
    """Print a table to stdout, names of columns in words; cells of `wrapped` ones may be folded."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold", show_header=header)
    listed = [list(row) for row in rows]
    for i, name in enumerate(columns):
        numbers = all(isinstance(row[i], int | float | None) for row in listed)
        table.add_column(
            name.replace("_", " "),
            justify="right" if numbers else "left",
            no_wrap=name not in wrapped,
        )
    for row in listed:
        table.add_row(*(_cell(value) for value in row))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = WIDE
    console.print(table)


def _cell(value: Any) -> str:  # noqa: ANN401 - whatever a record holds
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Small figures, such as variances, keep their digits.
        return f"{value:.3f}" if value == 0 or 0.01 <= abs(value) < 1e6 else f"{value:.2e}"
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value)
    return "" if value is None else str(value)


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value
