"""What any result can do: turn into plain data, and show itself in a notebook."""

from __future__ import annotations

import dataclasses
import html
import inspect
import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lexbits.tables import lay_out_html

NOTHING: tuple[Any, ...] = (None, "", (), {})
"""What a field holds that has nothing to say."""

BESIDE = '<div style="display: flex; flex-wrap: wrap; gap: 0 3em; align-items: flex-start">'


class Result:
    """The base of results, which are frozen dataclasses.

    In a notebook a result shows as a table of its fields with what they mean, which is what its
    docstring says of them under "Attributes". Fields that hold nothing are left out.

    Examples:
        >>> from lexbits.measures.position_gain import Gain
        >>> Gain(position=1, gain=0.5, words=10).to_dict()
        {'position': 1, 'gain': 0.5, 'words': 10}
    """

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields by name, in order, as JSON has them.

        Tuples become lists, results inside become dictionaries, and a number that is not finite
        becomes None.
        """
        found: dict[str, Any] = as_json(self)
        return found

    def _repr_html_(self) -> str:
        """Return the result for a notebook."""
        about = meanings(type(self))
        single: dict[str, Any] = {}
        alike: dict[type, dict[str, Any]] = defaultdict(dict)
        lists: dict[str, Sequence[Any]] = {}
        for name, value in _held(self).items():
            if isinstance(value, Result):
                alike[type(value)][name] = value
            elif isinstance(value, tuple) and isinstance(value[0], Result):
                lists[name] = value
            else:
                single[name] = value
        parts = [_paragraph(type(self).__name__, _first_sentences(type(self)))]
        parts += [_by_name({"value": single}, about)] if single else []
        for kind, group in alike.items():
            parts += [_paragraph(name, about.get(name, "")) for name in group]
            columns = {name: _held(result) for name, result in group.items()}
            parts.append(_by_name(columns, meanings(kind)))
        if lists:
            parts.append(BESIDE)
            for name, results in lists.items():
                parts += ["<div>", _paragraph(name, about.get(name, "")), _as_rows(results)]
                parts.append("</div>")
            parts.append("</div>")
        return "\n".join(parts)


def as_json(value: Any) -> Any:  # noqa: ANN401 - whatever a result holds
    """Return a value as JSON has it: a number that is not finite becomes None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    return value


def meanings(kind: type) -> dict[str, str]:
    """Return what a class says of its fields in its docstring, by name."""
    _, _, text = (inspect.getdoc(kind) or "").partition("\nAttributes:\n")
    section, _, _ = text.partition("\n\n")
    found = re.findall(r"^    (\w+): (.+(?:\n     .+)*)", section, re.MULTILINE)
    return {name: _in_one_line(meaning) for name, meaning in found}


def _first_sentences(kind: type) -> str:
    text, _, _ = (inspect.getdoc(kind) or "").partition("\n\n")
    return _in_one_line(text)


def _in_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("`", "")


def _held(result: Result) -> dict[str, Any]:
    """Return the fields that hold something, by name."""
    return {name: value for name, value in vars(result).items() if value not in NOTHING}


def _paragraph(name: str, text: str) -> str:
    return f"<p><b>{html.escape(name)}</b> {html.escape(text)}</p>"


def _by_name(columns: Mapping[str, Mapping[str, Any]], about: Mapping[str, str]) -> str:
    """Return a table with a row for each name that any column has, and what it means."""
    names = dict.fromkeys(name for column in columns.values() for name in column)
    heads = ["name", *columns, *(["meaning"] if about else [])]
    rows = [
        [name, *(column.get(name) for column in columns.values())]
        + ([about.get(name, "")] if about else [])
        for name in names
    ]
    return lay_out_html(heads, rows)


def _as_rows(results: Sequence[Any]) -> str:
    about = meanings(type(results[0]))
    columns = [field.name for field in dataclasses.fields(results[0])]
    rows = [[getattr(result, name) for name in columns] for result in results]
    return lay_out_html(columns, rows, about=about)
