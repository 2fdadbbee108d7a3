"""One HTML file that needs nothing else: its template filled with texts, style, script and data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from lexbits import __version__

WIDE, HIGH = 700, 440
"""The map, in units of its own."""

NAMED, LINE = 24, 16
"""How many points of the map are named at most, and how high a line of names is."""

MANY = 32
"""Bits above which the switches are small."""

MARK = '<meta name="generator" content="lexbits '
"""What tells a page of lexbits from other files."""


def page(
    title: str,
    head: str,
    knows: str,
    again: str,
    live: Mapping[str, Any],
    sweep: str = "",
) -> str:
    """Return the page.

    Args:
        title: of the window, as text.
        head: HTML of the headline, the sentence and what to click.
        knows: HTML of what was measured.
        again: HTML of how to reproduce it.
        live: the models that run in the page, as `lexbits.report.weights` describes them, each with
            the points of its map, if it has one.
        sweep: the figure of several models, as SVG.
    """
    models = [dict(model) for model in live["models"]]
    maps = [word_map(model.pop("map", ()), number) for number, model in enumerate(models)]
    sets = [switches(model, number) for number, model in enumerate(models)]
    live = {**live, "models": models}
    # No text can end the element: in JSON, "<" is written by its number.
    data = json.dumps(live, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return Template(_read("page.html")).substitute(
        version=__version__,
        title=escape(title),
        style=_read("page.css"),
        script=f"{_read('model.js')}\n{_read('page.js')}",
        head=head,
        knows=knows,
        again=again,
        sweep=sweep,
        last=len(models) - 1,
        maps="".join(maps),
        switches="".join(sets),
        data=data,
    )


def switches(model: Mapping[str, Any], number: int) -> str:
    """Return a switch for each bit of model `number`, in groups of eight."""
    bits, unused = model["settings"]["bits"], set(model.get("unused", ()))
    usage = model.get("usage") or [{}] * bits
    buttons = []
    for k, known in enumerate(usage):
        title = (
            f' title="knows {known["nats"]:.2f} nats of a word, on for {known["ones"]:.0%} of them"'
            if known
            else ""
        )
        buttons.append(
            f'<button type="button" role="switch" aria-checked="false" aria-label="Bit {k + 1}" '
            f'class="bit{" unused" if k in unused else ""}"{title}>'
            f'<span aria-hidden="true">{k + 1}</span><b aria-hidden="true"></b><i></i></button>'
        )
    groups = ("".join(buttons[k : k + 8]) for k in range(0, bits, 8))
    inside = "".join(f'<div class="byte">{group}</div>' for group in groups)
    return f'<div id="bits-{number}" class="set{" many" if bits > MANY else ""}">{inside}</div>'


def word_map(points: Sequence[tuple[str, float, float]], number: int) -> str:
    """Return the map of model `number` as SVG: a point for each word, at x and y from 0 to 1.

    Some are named and can be reached by the keyboard; there is a name for each under the mouse.
    """
    if not points:
        return ""
    named, marks = _named(points), []
    for n in sorted(range(len(points)), key=lambda n: n in named):  # names lie above all points
        word, x, y, *_ = points[n]
        text, place = escape(word), f"translate({x * WIDE:.0f} {(1 - y) * HIGH:.0f})"
        button = f' class="named" tabindex="0" role="button" aria-label="{text}"'
        kind = button if n in named else ""
        marks.append(
            f'<g data-word="{text}" transform="{place}"{kind}>'
            f'<circle r="5"/><text x="7" y="4">{text}</text></g>'
        )
    return (
        f'<svg id="map-{number}" viewBox="-10 -12 {WIDE + 110} {HIGH + 24}" role="group" '
        f'aria-label="Map of {len(points)} words">{"".join(marks)}</svg>'
    )


def _named(points: Sequence[tuple[str, float, float]]) -> set[int]:
    """Return which points are named: at most `NAMED`, whose names do not lie on one another."""
    boxes: dict[int, tuple[float, float, float]] = {}
    for n, (word, x, y, *_) in enumerate(points):
        left, right, level = x * WIDE - 8, x * WIDE + 10 + 7 * len(word), y * HIGH
        free = all(
            right < other_left or left > other_right or abs(level - other_level) > LINE
            for other_left, other_right, other_level in boxes.values()
        )
        if free and len(boxes) < NAMED:
            boxes[n] = left, right, level
    return set(boxes)


def is_page(content: bytes) -> bool:
    """Whether the content of a file is a page that lexbits has made."""
    return content.startswith(b"<!doctype html>") and MARK.encode() in content[:2000]


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
