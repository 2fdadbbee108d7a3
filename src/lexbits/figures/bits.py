"""What each bit is used for: what it knows of the words, and how often it is on."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from lexbits.figures.style import BLUE, GREY, VERMILLION, level, styled
from lexbits.measures.information import ACTIVE_BIT_NATS

NUMBERED = 32
"""Most bits that all have their number below."""

LEAST_WIDTH = 8
"""Bits that there is room for at least, so that the bar of a single one is a bar."""


def bits_figure(ones: Sequence[float], nats: Sequence[float], words: int) -> Figure:
    """Return what each bit knows of the words, and for which share of them it is on.

    Bits are sorted by what they know, the most first. A bit knows at most ln 2 nats; one that is on
    for a share p of the words, at most −p ln p − (1 − p) ln(1 − p), which is marked.

    Args:
        ones: mean probability of a one, of each bit.
        nats: I(x; z_k) of each bit.
        words: how many words they are measured on.
    """
    order = sorted(range(len(nats)), key=lambda bit: -nats[bit])
    ranks = range(1, len(order) + 1)
    known, on = [max(0.0, nats[bit]) for bit in order], [ones[bit] for bit in order]
    colours = [BLUE if value > ACTIVE_BIT_NATS else GREY for value in known]
    with styled((2, 1), 3.2, sharex=True, height_ratios=[2, 1]) as (figure, ((above,), (below,))):
        above.set_title(
            f"Active: {colours.count(BLUE)} of {len(order)} bits (each knows more than "
            f"{ACTIVE_BIT_NATS} nats of a word); {words:,} held-out words"
        )
        above.bar(ranks, known, 0.8, color=colours)
        most = [_entropy(share) for share in on]
        above.plot(ranks, most, "_", color=VERMILLION, label="most that a bit on so often can know")
        level(above, math.log(2), "most that any bit can know: ln 2")
        above.set(ylabel="nats known", ylim=(0, 1.35 * math.log(2)))
        above.legend(loc="upper right", ncols=2)
        below.axhline(50, color=GREY, linewidth=0.7)
        below.vlines(ranks, 50, [100 * share for share in on], color=colours)
        below.scatter(ranks, [100 * share for share in on], s=9, color=colours, zorder=3)
        below.set(ylabel="on, % of words", ylim=(0, 100), yticks=(0, 50, 100))
        numbered = len(order) <= NUMBERED
        if numbered:
            below.set_xticks(ranks, [str(bit + 1) for bit in order])
        below.set_xlabel("bit, by what it knows" if numbered else "bits, sorted by what they know")
        room = max(0.0, (LEAST_WIDTH - len(order)) / 2)
        below.set_xlim(0.4 - room, len(order) + 0.6 + room)
        for axis in (above, below):
            axis.grid(visible=False, axis="x")
    return figure


def _entropy(share: float) -> float:
    """Return the entropy in nats of a bit that is on with this probability."""
    return -sum(p * math.log(p) for p in (share, 1 - share) if p > 0)
