"""Where in a word the bits help: nats saved at each symbol, counted from the start and the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from lexbits.figures.style import (
    BLACK,
    GREY,
    UNLIKE,
    VERMILLION,
    colour,
    dashes,
    integer_ticks,
    literal,
    styled,
)
from lexbits.measures.position_gain import Gain, PositionGain

ENOUGH = 2
"""How many words in a hundred have a position whose mean is drawn in full; else it is faint."""

FAINT = 0.3


ENDS = {"from_start": "From the start of a word", "from_end": "From its end"}


@dataclass(frozen=True, eq=False)
class Gains:
    """What the bits of a model save.

    Attributes:
        name: what the model is called beside others.
        found: the nats saved at each symbol, on held-out words.
        words: marks the words: equal for equal ones.
    """

    name: str
    found: PositionGain
    words: object = None


def gain_figure(gains: Sequence[Gains]) -> Figure:
    """Return the nats that bits save at each symbol, from the start of a word and from its end.

    Below is the share of the words that have as many symbols: where few have, the curve is faint.
    Of several models there is a curve for each, and a line above says if their words are not the
    same.
    """
    several = len(gains) > 1
    height = 2.9 + 0.17 * (-(-len(gains) // 3) if several else 0)
    shared: dict[str, Any] = {"sharex": "col", "sharey": "row", "height_ratios": [4, 1]}
    with styled((2, 2), height, **shared) as (figure, axes):
        for (above, below), (end, title) in zip(axes.T, ENDS.items(), strict=True):
            sides = [getattr(model.found, end) for model in gains]
            above.set_title(title)
            above.axhline(0, color=BLACK, linewidth=0.8, zorder=1.5)
            curves = [_add_gain(above, side, number, several) for number, side in enumerate(sides)]
            for shares in {_shares(side) for side in sides}:
                below.plot(range(1, len(shares) + 1), shares, color=GREY, linewidth=1.0)
            integer_ticks(below.xaxis)
        axes[1, 0].set(ylim=(0, 105), yticks=(0, 50, 100), ylabel="words, %")
        axes[0, 0].set_ylabel("nats saved")
        axes[1, 0].set_xlabel("symbol, 1 is the first")
        axes[1, 1].set_xlabel("symbol, 1 is the end of the word")
        axes[1, 1].invert_xaxis()
        axes[0, 0].set_ylim(*_height(gains))
        saved = [f"{model.found.total:.2f} nats on a word" for model in gains]
        said = f"The bits save {saved[0]}, mean of {gains[0].found.words:,} held-out words. "
        if several:
            names = [f"{literal(m.name)}: {s}" for m, s in zip(gains, saved, strict=True)]
            figure.legend(curves, names, loc="outside lower left", ncols=min(3, len(gains)))
            said = f"{UNLIKE}. " if len({model.words for model in gains}) > 1 else ""
        said += f"Faint: symbols that fewer than {ENOUGH} % of the words have"
        figure.suptitle(said, x=0.01, ha="left", fontsize=8)
    return figure


def _add_gain(axis: Axes, side: Sequence[Gain], number: int, several: bool) -> Line2D:
    """Draw the gain by position, in full as far as enough words reach; return the curve."""
    style: dict[str, Any] = {"color": VERMILLION, "marker": "o"}
    if several:
        style = {"color": colour(number), "linestyle": dashes(number)}
    positions, values = [gain.position for gain in side], [gain.gain for gain in side]
    full = sum(share >= ENOUGH for share in _shares(side))
    axis.plot(positions, values, alpha=FAINT, **style)
    (curve,) = axis.plot(positions[:full], values[:full], **style)
    return curve


def _height(gains: Sequence[Gains]) -> tuple[float, float]:
    """Return from where to where all is drawn that is drawn in full, and zero."""
    sides = [side for model in gains for side in (model.found.from_start, model.found.from_end)]
    shown = [
        gain.gain
        for side in sides
        for gain, share in zip(side, _shares(side), strict=True)
        if share >= ENOUGH
    ]
    low, high = min(0.0, *shown), max(0.0, *shown)
    margin = 0.06 * (high - low) or 0.1
    return low - margin, high + margin


def _shares(side: Sequence[Gain]) -> tuple[float, ...]:
    """Return how many words in a hundred have each position: all have the first."""
    return tuple(100 * gain.words / side[0].words for gain in side)
