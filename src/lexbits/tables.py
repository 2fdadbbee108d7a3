"""Tables for people: columns in line, and nothing shortened, however little room there is.

In little room sentences are folded at spaces, and then the names of columns. Where that does not
help, each row becomes a block of lines, one for each cell.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from rich.cells import cell_len

GAP = 2
NARROWEST = 24
"""Width that a sentence gets at least."""


def lay_out(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    header: bool = True,
    wrapped: Sequence[str] = (),
    room: int | None = None,
    bold: bool = False,
) -> list[str]:
    """Return the lines of a table, numbers to the right.

    Args:
        columns: their names.
        rows: the cells.
        header: whether to name the columns; blocks name them always.
        wrapped: the columns of sentences.
        room: the width of the terminal, in its columns; None where there is no limit.
        bold: whether the line of names is bold, for terminals that show it.
    """
    cells, numbers = _texts(rows, len(columns))
    shown = [columns, *cells] if header else cells
    widths = [max((cell_len(row[i]) for row in shown), default=0) for i in range(len(columns))]
    if room is not None:
        sentences = [name in wrapped for name in columns]
        least = [min(w, NARROWEST) if s else w for w, s in zip(widths, sentences, strict=True)]
        fits = _narrow(widths, least, room)
        if not fits and header:
            words = [max(map(cell_len, name.split(" "))) for name in columns]
            bodies = [
                max((cell_len(row[i]) for row in cells), default=0) for i in range(len(words))
            ]
            names = map(max, words, bodies)
            least = [w if s else n for w, n, s in zip(widths, names, sentences, strict=True)]
            fits = _narrow(widths, least, room)
        if not fits:
            return _blocks(columns, cells, room)
    head = lines_of(columns, widths, numbers) if header else []
    if bold:
        head = [f"\x1b[1m{line}\x1b[0m" for line in head]
    return head + [line for row in cells for line in lines_of(row, widths, numbers)]


def lay_out_html(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    gap_after: int | None = None,
    about: Mapping[str, str] | None = None,
) -> str:
    """Return a table in HTML, numbers to the right; nothing in it is taken for HTML.

    Args:
        columns: their names.
        rows: the cells.
        gap_after: the number of rows after which others are left out, if any are.
        about: what columns mean, by name: shown where the mouse rests on a name.
    """
    cells, numbers = _texts(rows, len(columns))
    styles = [f' style="text-align: {"right" if number else "left"}"' for number in numbers]
    hints = [(about or {}).get(name, "") for name in columns]
    heads = [
        f'{s} title="{html.escape(h)}"' if h else s for s, h in zip(styles, hints, strict=True)
    ]

    def row(tag: str, texts: Sequence[str], attributes: Sequence[str]) -> str:
        pairs = zip(attributes, texts, strict=True)
        return f"<tr>{''.join(f'<{tag}{a}>{html.escape(t)}</{tag}>' for a, t in pairs)}</tr>"

    body = [row("td", texts, styles) for texts in cells]
    if gap_after is not None:
        body.insert(gap_after, row("td", ["…"] * len(columns), styles))
    head = f"<thead>{row('th', columns, heads)}</thead>"
    return "\n".join(["<table>", head, "<tbody>", *body, "</tbody>", "</table>"])


def _texts(rows: Sequence[Sequence[Any]], columns: int) -> tuple[list[list[str]], list[bool]]:
    """Return the cells as text, and which columns hold numbers only."""
    numbers = [all(isinstance(row[i], int | float | None) for row in rows) for i in range(columns)]
    return [[text_of(value) for value in row] for row in rows], numbers


def text_of(value: Any, exact: bool = False) -> str:  # noqa: ANN401 - whatever a record holds
    """Return a cell as text: for people three decimals, else (`exact`) all of them."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not exact:
        # Small numbers, such as variances, keep their digits.
        return f"{value:z.3f}" if value == 0 or 0.01 <= abs(value) < 1e6 else f"{value:.2e}"
    if isinstance(value, Mapping):
        value = [f"{name}: {text_of(item, exact)}" for name, item in value.items()]
    if isinstance(value, list | tuple):
        return (" " if exact else ", ").join(text_of(item, exact) for item in value)
    return "" if value is None else _without_controls(str(value))


def _without_controls(text: str) -> str:
    """Return text with tabs, line ends and the like as escapes, which break no line."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: json.dumps(found[0])[1:-1], text)


def _narrow(widths: list[int], least: Sequence[int], room: int) -> bool:
    """Narrow columns, the widest first, until the table fits; return whether it does."""
    over = sum(widths) + GAP * (len(widths) - 1) - room
    for i in sorted(range(len(widths)), key=lambda i: -widths[i]):
        narrowed = max(min(widths[i], least[i]), widths[i] - max(over, 0))
        over -= widths[i] - narrowed
        widths[i] = narrowed
    return over <= 0


def _blocks(names: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> list[str]:
    """Return a block of lines for each row, with an empty line between two."""
    widest = max(map(cell_len, names))
    width = max(NARROWEST, room - widest - GAP)
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        for name, cell in zip(names, row, strict=True):
            lines += lines_of((name, cell), (widest, width))
    return lines


def lines_of(
    row: Sequence[str], widths: Sequence[int], numbers: Sequence[bool] | None = None
) -> list[str]:
    """Return the lines of a row of texts, each folded to its width; numbers to the right."""
    numbers = [False] * len(row) if numbers is None else numbers
    folded = [
        [cell] if cell_len(cell) <= width else _folded(cell, width)
        for cell, width in zip(row, widths, strict=True)
    ]
    return [
        (" " * GAP)
        .join(
            _padded(part, width, number)
            for part, width, number in zip(parts, widths, numbers, strict=True)
        )
        .rstrip()
        for parts in zip_longest(*folded, fillvalue="")
    ]


def _folded(text: str, width: int) -> list[str]:
    """Return lines of at most `width` columns, broken at spaces; what has none stays whole."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and cell_len(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _padded(text: str, width: int, right: bool) -> str:
    blank = " " * (width - cell_len(text))
    return blank + text if right else text + blank
