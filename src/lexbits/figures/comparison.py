"""Gradient estimators side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure

from lexbits.figures.style import BLUE, VERMILLION, literal, styled


def comparison_figure(rows: Sequence[dict[str, Any]]) -> Figure:
    """Return variance, direction and time of gradient estimators."""
    ranked = sorted(rows, key=lambda row: -row["variance_times_evaluations"])
    # Of a path, the file.
    names = [literal(re.split(r"[/\\]", row["estimator"])[-1]) for row in ranked]
    panels = (
        ("variance of one evaluation's worth", "variance_times_evaluations", True),
        ("variance of one second's worth", "variance_times_seconds", True),
        ("cosine to the reference gradient", "cosine", False),
    )
    kinds = (True, VERMILLION, "o", "unbiased"), (False, BLUE, "s", "declared biased")
    with styled((1, 3), 1.1 + 0.2 * len(ranked), sharey=True) as (figure, axes):
        for axis, (title, name, logarithmic) in zip(axes.flat, panels, strict=True):
            positive = [row[name] for row in ranked if row[name] > 0]
            if logarithmic and positive:
                axis.set_xscale("log")
                axis.set_xlim(min(positive) / 2, max(positive) * 2)
            for unbiased, colour, marker, label in kinds:
                places = [i for i, row in enumerate(ranked) if row["unbiased"] is unbiased]
                values = [ranked[i][name] for i in places]
                axis.scatter(values, places, c=colour, s=20, marker=marker, label=label, zorder=3)
            axis.set_title(title)
        axes[0, 0].set_yticks(range(len(ranked)), names)
        axes[0, 2].legend(loc="best")
    return figure
