"""How results and messages are printed: results to stdout, messages to stderr."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

from lexbits.cli.streams import holds_all
from lexbits.errors import UsageError
from lexbits.tables import lay_out, text_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclasses.dataclass(frozen=True)
class Format:
    """How a command prints its results: a table for people, unless one of these is asked for."""

    json: Annotated[bool, Parameter(negative="", help="Print one JSON document.")] = False
    tsv: Annotated[
        bool, Parameter(negative="", help="Print columns separated by tabs under their names.")
    ] = False

    def __post_init__(self) -> None:
        if self.json and self.tsv:
            raise UsageError("--json and --tsv: expected one of them, found both")


Output = Annotated[Format, Parameter(name="*")]
TABLE = Format()


@cache
def messages() -> Console:
    """The console for messages, on stderr: bars and colours on a terminal only."""
    return Console(
        stderr=True,
        highlight=False,
        soft_wrap=True,
        markup=False,
        emoji=False,
        force_terminal=sys.stderr.isatty(),
    )


def say(message: str) -> None:
    """Print a message for the user to stderr; where it cannot be printed, nothing is."""
    messages().print(message)


def duration(seconds: float) -> str:
    """Return seconds in words that a person plans with."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on stderr while something is counted; yield what is called with (done, total)."""
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


def print_line(text: str) -> None:
    """Print a line, or several, to stdout as they are."""
    sys.stdout.write(f"{text}\n")


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON document to stdout."""
    print_line(json_text(document, indent=1))


def json_text(document: Any, indent: int | None = None) -> str:  # noqa: ANN401 - see above
    """Return JSON for stdout; numbers that are not finite become null."""
    return json.dumps(_finite(document), ensure_ascii=not holds_all(sys.stdout), indent=indent)


def print_records(
    records: Sequence[DataclassInstance],
    columns: Sequence[str],
    output: Format,
    header: bool = True,
) -> None:
    """Print dataclass instances: all fields as JSON, or the chosen ones as a table."""
    if output.json:
        print_json([dataclasses.asdict(record) for record in records])
        return
    rows = ([getattr(record, name) for name in columns] for record in records)
    print_table(columns, rows, output, header)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    output: Format = TABLE,
    header: bool = True,
    wrapped: Sequence[str] = (),
) -> None:
    """Print a table to stdout.

    Nothing is ever shortened. On a terminal the columns in `wrapped`, which hold sentences, are
    folded to its width; anything else that does not fit runs over.

    Args:
        columns: their names.
        rows: the cells.
        output: a table for people, or columns separated by tabs.
        header: whether to print the names.
        wrapped: the columns of sentences.
    """
    if output.tsv:
        lines = ["\t".join("_".join(name.split()) for name in columns)] if header else []
        lines += ["\t".join(text_of(cell, exact=True) for cell in row) for row in rows]
    else:
        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        cells = [list(row) for row in rows]
        lines = lay_out(columns, cells, header, wrapped, room, bold=_with_colour())
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _finite(value: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _with_colour() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
