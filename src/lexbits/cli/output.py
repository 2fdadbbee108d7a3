"""How results and messages are printed: results to stdout, messages to stderr."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.cells import cell_len
from rich.console import Console

from lexbits.cli.columns import FILES, Column, named
from lexbits.cli.streams import holds_all, spelled
from lexbits.cli.usage import Switch
from lexbits.errors import UsageError
from lexbits.results import as_json
from lexbits.tables import GAP, NARROWEST, lay_out, lines_of, text_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclasses.dataclass(frozen=True)
class Format:
    """How a command prints its results: a table for people, unless one of these is asked for."""

    json: Annotated[bool, Switch(help="Print one JSON document.")] = False
    tsv: Annotated[bool, Switch(help="Print columns separated by tabs under their names.")] = False
    plain: Annotated[bool, Parameter(parse=False)] = False

    def __post_init__(self) -> None:
        found = [f"--{name}" for name in ("json", "tsv", "plain") if getattr(self, name)]
        if len(found) > 1:
            raise UsageError(f"{' and '.join(found)}: expected one of them, found {len(found)}")

    @property
    def for_people(self) -> bool:
        """Whether nothing else than a table is asked for."""
        return not (self.json or self.tsv or self.plain)


@dataclasses.dataclass(frozen=True)
class WordsFormat(Format):
    """The same for a command whose records have something that can stand alone on a line."""

    plain: Annotated[bool, Switch(help="Print bare words (of encode: codes), one a line.")] = False


Output = Annotated[Format, Parameter(name="*")]
TABLE = Format()
WordsOutput = Annotated[WordsFormat, Parameter(name="*")]
WORDS_TABLE = WordsFormat()


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


def print_files(kind: str, paths: Sequence[str], output: Format) -> None:
    """Print the paths of files that a command has written; `kind` is their name in JSON."""
    if output.json:
        print_json({kind: paths})
    elif output.tsv:
        print_table(FILES, [[path] for path in paths], output)
    else:
        print_lines(paths)


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print one JSON document to stdout."""
    print_line(json_text(document, indent=1))


def json_text(document: Any, indent: int | None = None) -> str:  # noqa: ANN401 - see above
    """Return JSON for stdout; numbers that are not finite become null."""
    return json.dumps(as_json(document), ensure_ascii=not holds_all(sys.stdout), indent=indent)


def print_records(
    records: Sequence[DataclassInstance | Mapping[str, Any]],
    columns: Sequence[Column],
    output: Format = TABLE,
    *,
    plain: str = "word",
    shown: Sequence[str] | None = None,
    cells: Mapping[str, Callable[[Any], Any]] | None = None,
) -> None:
    """Print records in the format that is asked for, and on a terminal what their columns mean.

    Args:
        records: dataclass instances, or rows of JSON.
        columns: their columns; as JSON they have all their fields.
        output: the format.
        plain: the field that stands alone in the format of bare words.
        shown: the columns that people see; else those that say so themselves.
        cells: what people see of a record in a column where that is not its field.
    """
    if output.json:
        print_json(records)
        return
    print_rows(records, columns, output, plain=plain, shown=shown, cells=cells)
    if output.for_people:
        explain(_chosen(columns, shown))


def print_rows(
    records: Sequence[DataclassInstance | Mapping[str, Any]],
    columns: Sequence[Column],
    output: Format,
    *,
    header: bool = True,
    plain: str = "word",
    shown: Sequence[str] | None = None,
    cells: Mapping[str, Callable[[Any], Any]] | None = None,
) -> None:
    """Print some of many records: with a `header`, if they are the first; with no explanations."""
    if output.plain:
        print_lines(text_of(_field(record, plain), exact=True) for record in records)
    elif output.tsv:
        rows = ([_field(record, column.name) for column in columns] for record in records)
        _print_table(columns, rows, output, header)
    else:
        chosen, cells = _chosen(columns, shown), cells or {}
        of = [cells.get(c.name, partial(_field, name=c.name)) for c in chosen]
        _print_table(chosen, ([cell(record) for cell in of] for record in records), TABLE, header)


def _field(record: DataclassInstance | Mapping[str, Any], name: str) -> Any:  # noqa: ANN401
    return record.get(name) if isinstance(record, Mapping) else getattr(record, name)


def _chosen(columns: Sequence[Column], shown: Sequence[str] | None) -> Sequence[Column]:
    if shown is None:
        return [column for column in columns if column.shown]
    return named(columns, *shown)


def print_table(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], output: Format = TABLE
) -> None:
    """Print a table to stdout, and on a terminal what its columns mean.

    Nothing is ever shortened. On a terminal the columns that hold sentences are folded to its
    width; anything else that does not fit runs over.

    Args:
        columns: what they are.
        rows: the cells.
        output: a table for people, or columns separated by tabs.
    """
    _print_table(columns, rows, output, header=True)
    if output.for_people:
        explain(columns)


def _print_table(
    columns: Sequence[Column], rows: Iterable[Sequence[Any]], output: Format, header: bool
) -> None:
    if output.tsv:
        lines = ["\t".join(column.name for column in columns)] if header else []
        lines += ["\t".join(text_of(cell, exact=True) for cell in row) for row in rows]
    else:
        titles = [spelled(column.title, sys.stdout) for column in columns]
        wrapped = [title for title, c in zip(titles, columns, strict=True) if c.wrapped]
        cells = [list(row) for row in rows]
        lines = lay_out(titles, cells, header, wrapped, room(), bold=_with_style())
    print_lines(lines)


def print_lines(lines: Iterable[str]) -> None:
    """Print lines to stdout as they are."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def explain(columns: Sequence[Column]) -> None:
    """Print below a table what its columns mean, those that need it, if people look at it."""
    said = [column for column in columns if column.meaning]
    width = room()
    if width is None or not said:
        return
    titles = [spelled(column.title, sys.stdout) for column in said]
    widest = max(map(cell_len, titles))
    widths = (widest, max(NARROWEST, width - widest - GAP))
    print_line("")
    for title, column in zip(titles, said, strict=True):
        for line in lines_of((title, spelled(column.meaning, sys.stdout)), widths):
            print_line(f"\x1b[2m{line}\x1b[0m" if _with_style() else line)


def room() -> int | None:
    """Return the columns of the terminal that standard output is; None where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def _with_style() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain
