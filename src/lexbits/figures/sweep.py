"""The rate–distortion curve of a sweep."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lexbits.figures.style import BLUE, VERMILLION, styled


def sweep_figure(points: Sequence[dict[str, Any]], plain: dict[str, Any] | None) -> Figure:
    """Return distortion by rate, NLL by information, exact matches by rate.

    Args:
        points: metrics of a model for each rate target, by rising rate; without a target bits were
            free. An NLL that is not a number is left out. Point n has a marker of its own in each
            panel, with the gids `point-n-a`, `-b` and `-c`: a page (`as_inline_svg`) can mark it,
            as by a rule for the `use` in the elements of those ids, with a wider stroke.
        plain: those of the plain language model, the reference; or None.
    """
    panels = (
        ("rate, nats per word", "distortion, nats per word", "rate", "distortion", 1.0),
        ("mutual information, nats", "NLL, nats per word", "mutual_information", "nll", 1.0),
        ("rate, nats per word", "test words rebuilt exactly, %", "rate", "exact", 100.0),
    )
    with styled((1, 3), 2.6) as (figure, ((*axes,),)):
        for letter, axis, panel in zip("abc", axes, panels, strict=True):
            x_label, y_label, x_name, y_name, scale = panel
            shown = {i: point for i, point in enumerate(points) if math.isfinite(point[y_name])}
            x = [point[x_name] for point in shown.values()]
            y = [scale * point[y_name] for point in shown.values()]
            axis.plot(x, y, color=VERMILLION, zorder=3, clip_on=False)
            for (i, point), *place in zip(shown.items(), x, y, strict=True):
                gid = f"point-{i}-{letter}"
                axis.plot(*place, "o", color=VERMILLION, zorder=3, clip_on=False, gid=gid)
                label = f"{point['rate_target']:g}" if point["rate_target"] else "free"
                axis.annotate(label, place, (4, 5), textcoords="offset points")
            axis.set(xlabel=x_label, ylabel=y_label)
            axis.set_xlim(left=0, right=1.1 * max(x))
        axes[0].set_title("labels: rate target, nats")
        axes[2].set_ylim(0, max(1.0, 1.15 * max(100 * point["exact"] for point in points)))
        if plain is not None:
            _add_plain(axes[0], axes[1], points, plain["nll"])
    return figure


def _add_plain(
    distortions: Axes, likelihoods: Axes, points: Sequence[dict[str, Any]], nll: float
) -> None:
    """Draw what the plain model reaches, and how sure the differences to it are."""
    longest = min(nll, max(point["rate"] for point in points))
    distortions.plot(
        [0, longest],
        [nll, nll - longest],
        color=BLUE,
        linestyle="--",
        label="rate + distortion = NLL\nof the plain model",
    )
    likelihoods.axhline(nll, color=BLUE, linestyle="--", label="plain model")
    likelihoods.errorbar(
        [point["mutual_information"] for point in points],
        [point["nll"] for point in points],
        [
            [point["nll_difference"] - point["difference_low"] for point in points],
            [point["difference_high"] - point["nll_difference"] for point in points],
        ],
        color=VERMILLION,
        linestyle="none",
        capsize=3,
        label="95 % interval of\nthe difference",
    )
    for axis in (distortions, likelihoods):
        axis.legend()
