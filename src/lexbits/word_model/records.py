"""Lists of results that print as tables."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from collections.abc import Iterable
from typing import Any, SupportsIndex, TypeVar, overload

from rich.cells import cell_len

from lexbits.tables import lay_out, lay_out_html

MOST_ROWS = 20
"""Rows of a list that is shown whole; of a longer one the first and the last `ENDS` are."""

ENDS = 5

R = TypeVar("R")


class Records(list[R]):
    """A list of records, such as `Score`, that prints as a table with a row for each.

    In all else it is a list: it equals one of the same records, and pickles. A part of it,
    `found[:3]`, and a sum or a copy print as tables too. `pandas.DataFrame(found)` has a column for
    each field. A column in which no record has anything is not shown, nor are fields that the
    record keeps out of its own `repr`.

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

    def __repr__(self) -> str:
        columns = self._columns()
        if not columns:
            return super().__repr__()
        room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        shown = self._shown()
        lines = lay_out(columns, _cells(shown, columns))
        left_out: list[str] = []
        while room and len(columns) > 1 and max(map(cell_len, lines)) > room:
            left_out.insert(0, columns.pop())
            lines = lay_out(columns, _cells(shown, columns))
        if len(shown) < len(self):
            lines.insert(1 + ENDS, "…")
            lines.append(f"{len(self):,} rows")
        if left_out:
            lines.append(f"more columns: {', '.join(left_out)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str | None:
        """Return the table for a notebook."""
        columns = self._columns()
        if not columns:
            return None
        shown = self._shown()
        cut = ENDS if len(shown) < len(self) else None
        table = lay_out_html(columns, _cells(shown, columns), cut)
        return table if cut is None else f"{table}\n<p>{len(self):,} rows</p>"

    def _shown(self) -> list[R]:
        return list(self) if len(self) <= MOST_ROWS else [*self[:ENDS], *self[-ENDS:]]

    def _columns(self) -> list[str]:
        """Return the fields that are shown; none where not all that is listed are such records."""
        kinds = {type(record) for record in self}
        if len(kinds) != 1 or not dataclasses.is_dataclass(kind := kinds.pop()):
            return []
        named = [field.name for field in dataclasses.fields(kind) if field.repr]
        shown = self._shown()
        return [n for n in named if any(getattr(r, n) not in (None, "", ()) for r in shown)]


def _cells(records: Iterable[object], columns: Iterable[str]) -> list[list[Any]]:
    return [[getattr(record, name) for name in columns] for record in records]
