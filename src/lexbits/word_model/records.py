"""Lists of results that print as tables."""

from __future__ import annotations

import dataclasses
import html
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex, TypeVar, overload

from rich.cells import cell_len

from lexbits.results import NOTHING, as_json, meanings
from lexbits.tables import lay_out, lay_out_html

MOST_ROWS = 20
"""Rows of a list that is shown whole; of a longer one the first and the last `ENDS` are."""

ENDS = 5

R = TypeVar("R")


class Records(list[R]):
    """A list of records, such as `Score`, that prints as a table with a row for each.

    Records may be dictionaries too. In all else it is a list: it equals one of the same records,
    and pickles. A part of it, `found[:3]`, and a sum or a copy print as tables too.
    `pandas.DataFrame(found)` has a column for each field. A column in which no record has anything
    is not shown, nor are fields that the record keeps out of its own `repr`; of columns that hold
    records themselves only the names are.

    Examples:
        >>> from lexbits.word_model.results import PathPoint
        >>> Records([PathPoint(0.0, "0110", "casa"), PathPoint(1.0, "1010", "perro")])
        position  code  word
           0.000  0110  casa
           1.000  1010  perro
    """

    __slots__ = ()

    @overload
    def __getitem__(self, at: SupportsIndex, /) -> R: ...
    @overload
    def __getitem__(self, at: slice, /) -> Records[R]: ...
    def __getitem__(self, at: SupportsIndex | slice, /) -> R | Records[R]:
        if isinstance(at, slice):
            return Records(super().__getitem__(at))
        return super().__getitem__(at)

    def __add__(self, others: list[Any], /) -> Records[Any]:
        return Records(super().__add__(others)) if isinstance(others, list) else NotImplemented

    def copy(self) -> Records[R]:
        """Return a list of the same records."""
        return Records(self)

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the records as dictionaries of all their fields, as JSON has them.

        Tuples become lists, and a number that is not finite becomes None.

        Examples:
            >>> from lexbits.word_model.results import PathPoint
            >>> Records([PathPoint(0.0, "0110", "casa")]).to_dicts()
            [{'position': 0.0, 'code': '0110', 'word': 'casa'}]
        """
        found: list[dict[str, Any]] = as_json(self)
        return found

    def __repr__(self) -> str:
        columns, left_out = self._columns()
        if not columns:
            return super().__repr__()
        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        shown = self._shown()
        lines = lay_out(columns, _cells(shown, columns))
        while room and len(columns) > 1 and max(map(cell_len, lines)) > room:
            left_out.insert(0, columns.pop())
            lines = lay_out(columns, _cells(shown, columns))
        if len(shown) < len(self):
            lines.insert(1 + ENDS, "…")
        return "\n".join([*lines, *self._notes(left_out)])

    def _repr_html_(self) -> str | None:
        """Return the table for a notebook."""
        columns, left_out = self._columns()
        if not columns:
            return None
        shown = self._shown()
        cut = ENDS if len(shown) < len(self) else None
        table = lay_out_html(columns, _cells(shown, columns), cut, meanings(type(self[0])))
        return "\n".join([table, *(f"<p>{html.escape(n)}</p>" for n in self._notes(left_out))])

    def _shown(self) -> list[R]:
        return list(self) if len(self) <= MOST_ROWS else [*self[:ENDS], *self[-ENDS:]]

    def _notes(self, left_out: Sequence[str]) -> list[str]:
        rows = [f"{len(self):,} rows"] if len(self) > MOST_ROWS else []
        return rows + ([f"more columns: {', '.join(left_out)}"] if left_out else [])

    def _columns(self) -> tuple[list[str], list[str]]:
        """Return the fields that are shown, and those that are only named.

        There are none where not all that is listed are such records.
        """
        shown = self._shown()
        names = _fields(shown) if len({type(record) for record in self}) == 1 else []
        held = {name: [_value(record, name) for record in shown] for name in names}
        full = [name for name in names if any(value not in NOTHING for value in held[name])]
        nested = [name for name in full if any(map(_holds_records, held[name]))]
        return [name for name in full if name not in nested], nested


def _fields(records: Sequence[Any]) -> list[str]:
    """Return the names of the fields of records of one kind, those kept out of sight left out."""
    if dataclasses.is_dataclass(records[0]):
        return [field.name for field in dataclasses.fields(records[0]) if field.repr]
    if isinstance(records[0], dict):
        return list(dict.fromkeys(name for record in records for name in record))
    return []


def _cells(records: Iterable[object], columns: Iterable[str]) -> list[list[Any]]:
    return [[_value(record, name) for name in columns] for record in records]


def _value(record: object, name: str) -> Any:  # noqa: ANN401 - whatever a record holds
    return record.get(name) if isinstance(record, dict) else getattr(record, name)


def _holds_records(value: object) -> bool:
    return isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value)
