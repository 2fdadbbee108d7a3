"""What all figures share: sizes, colours that everybody tells apart, files.

Figures are made without pyplot, which would set the backend of whoever imports this. Colours are
those of Okabe and Ito (2008), Color universal design; what they tell apart, dashes or markers do
too, so that a figure can be printed in grey.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lexbits.figures.inline import inlined

BLUE, VERMILLION, GREEN, ORANGE = "#0072b2", "#d55e00", "#009e73", "#e69f00"
GREY, BLACK, WHITE = "#555555", "#000000", "#ffffff"
DARK = "#1a1a1a"
"""Of text on light colours: it has no variable, and stays dark in the dark."""
COLOURS = (BLUE, VERMILLION, GREEN, "#cc79a7", ORANGE, "#56b4e9", BLACK)
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))
VARIABLES = {
    BLUE: "blue",
    VERMILLION: "vermillion",
    GREEN: "green",
    "#cc79a7": "purple",
    ORANGE: "orange",
    "#56b4e9": "sky",
    BLACK: "ink",
    GREY: "muted",
    "#bfbfbf": "muted",
    "#ebebeb": "line",
    WHITE: "paper",
}
"""The CSS variable of each colour in a page, which may set it: in the dark, to another one."""
WIDTH = 7.2
"""Inches: about that of a page, so that the type is as large there as it says."""

UNLIKE = "Not the same words: nats do not compare"
"""What is written above models that are measured on words of their own."""

STYLE: Any = {
    "figure.facecolor": WHITE,
    "axes.facecolor": WHITE,
    "axes.edgecolor": BLACK,
    "axes.labelcolor": BLACK,
    "axes.titlecolor": "auto",
    "text.color": BLACK,
    "text.usetex": False,
    "xtick.color": BLACK,
    "xtick.labelcolor": "inherit",
    "ytick.color": BLACK,
    "ytick.labelcolor": "inherit",
    "legend.facecolor": "inherit",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.92",
    "grid.linewidth": 0.7,
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.titlelocation": "left",
    "legend.fontsize": 7,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.85,
    "legend.borderpad": 0.2,
    "legend.handlelength": 2.4,
    "lines.linewidth": 1.4,
    "lines.markersize": 3.5,
    "svg.hashsalt": "lexbits",
}
"""What is the same whatever settings of matplotlib somebody has; fonts, for one, remain theirs."""

MARK = "lexbits"
_UNDRAWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that file names can have, and SVG cannot."""
_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": MARK},
    "svg": {"Creator": MARK, "Date": None},
    "pdf": {"Creator": MARK, "CreationDate": None},
}
_MARKED = (b"Software\0lexbits", b"<dc:title>lexbits</dc:title>", b"/Creator (lexbits)")


class Shown(Figure):
    """A figure that a notebook shows, also where pyplot was never loaded."""

    def _repr_png_(self) -> bytes:
        return as_file(self, "png")


@contextmanager
def styled(panels: tuple[int, int], height: float, **options: Any) -> Iterator[tuple[Figure, Any]]:  # noqa: ANN401 - of subplots
    """Yield a figure of the style of all, and its axes [rows, columns].

    Args:
        panels: rows and columns.
        height: inches.
        **options: those of `Figure.subplots`.
    """
    with mpl.rc_context(STYLE):
        figure = Shown(figsize=(WIDTH, height), layout="constrained")
        yield figure, figure.subplots(*panels, squeeze=False, **options)


def as_file(figure: Figure, format_: str) -> bytes:
    """Return a figure as a file, one of `kinds.FORMATS`; the same figure gives the same file."""
    return _saved(figure, STYLE, format=format_, dpi=160, metadata=_METADATA[format_])


def as_inline_svg(figure: Figure, name: str, title: str) -> str:
    """Return a figure as an `<svg>` element for a page of HTML, in the page's type and colours.

    Its text is text, in the font of the page; its colours are the CSS variables of `VARIABLES`,
    such as `var(--blue, #0072b2)`, and those of axes `--ink`, `--muted`, `--line` and `--paper`;
    its background is transparent. It is as wide as there is room, and loads nothing.

    Args:
        figure: the figure.
        name: its id, and the beginning of all ids in it: a part with the gid `point-0` has the id
            `NAME-point-0`. Different for each figure of a page.
        title: what the figure shows, in a sentence, for people who do not see it.
    """
    svg = _saved(figure, {**STYLE, "svg.fonttype": "none"}, format="svg", transparent=True)
    return inlined(svg, name, title, VARIABLES)


def _saved(figure: Figure, style: Any, **options: Any) -> bytes:  # noqa: ANN401 - of savefig
    content = io.BytesIO()
    with mpl.rc_context(style), warnings.catch_warnings():
        # Names in a script that the font lacks: in files they are boxes, in a page they are text.
        warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)
        figure.savefig(content, **options)
    return content.getvalue()


def is_ours(content: bytes) -> bool:
    """Whether the content of a file is a figure that `as_file` has made."""
    return any(mark in content for mark in _MARKED)


def colour(number: int) -> str:
    """Return the colour of curve `number`, from 0."""
    return COLOURS[number % len(COLOURS)]


def dashes(number: int) -> Any:  # noqa: ANN401 - as matplotlib takes them
    """Return the line style of curve `number`, from 0: with `colour`, of no other before 28."""
    return DASHES[(number + number // 28) % len(DASHES)]


def literal(name: str) -> str:
    """Return a name that somebody chose as it is drawn: no dollar sign begins a formula in it."""
    return _UNDRAWN.sub("\ufffd", name).replace("$", r"\$")


def level(axis: Axes, value: float, label: str, number: int = 0, **options: Any) -> None:  # noqa: ANN401 - of axhline
    """Draw a horizontal line at a value to compare with; `number` sets its dashes."""
    axis.axhline(value, label=label, **{**level_style(number), **options})


def level_style(number: int) -> dict[str, Any]:
    """Return how the line of value `number` to compare with is drawn, from 0."""
    style = ("--", ":", "-.", (0, (1, 3)))[number % 4]
    return {"color": GREY, "linewidth": 1.0, "linestyle": style, "zorder": 1.5}


def integer_ticks(axis: Axis) -> None:
    """Number an axis of what is counted by whole numbers."""
    axis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))


def markers(points: Sequence[Any]) -> str | None:
    """Return the marker of a curve of these points: none where they would touch."""
    return "o" if len(points) <= 30 else None
