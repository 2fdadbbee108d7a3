"""Records -> figures. Nothing is saved here: a figure is returned as the bytes of a file.

Figures are made without pyplot, which would set the backend of whoever imports this.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lexbits.training.records import best_record

TRAIN, DEV = "#7a8ca3", "#c2452d"
STYLE: Any = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9,
    "axes.titlesize": 9,
    "svg.hashsalt": "lexbits",
}
PANELS = (
    ("ELBO, nats per word", ("train_elbo", "dev_elbo")),
    ("KL (rate), nats per word", ("train_rate", "dev_rate")),
    ("NLL (importance-sampled), nats per word", ("dev_nll",)),
    ("Perplexity per symbol", ("dev_perplexity_per_symbol",)),
)


def training_figure(records: Sequence[dict[str, Any]], kind: str) -> bytes:
    """Return ELBO, KL, NLL and perplexity by epoch, as a file of `kind` ("png" or "svg")."""
    epochs = [record["epoch"] for record in records]
    best = best_record(records)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8, 5.2), layout="constrained")
        axes = figure.subplots(2, 2, sharex=True)
        for axis, (title, names) in zip(axes.flat, PANELS, strict=True):
            axis.set_title(title, loc="left")
            for name in names:
                training = name.startswith("train")
                axis.plot(
                    epochs,
                    [record[name] for record in records],
                    color=TRAIN if training else DEV,
                    label="training" if training else "validation (dev)",
                    marker="o",
                    markersize=3,
                )
            axis.axvline(best["epoch"], color="0.8", linewidth=1, zorder=0)
            axis.grid(axis="y", color="0.92")
            axis.xaxis.get_major_locator().set_params(integer=True)
        axes[0, 0].legend(frameon=False)
        for axis in axes[1]:
            axis.set_xlabel("epoch (grey line: the best by dev NLL)")
        return _as_file(figure, kind)


def comparison_figure(rows: Sequence[dict[str, Any]], kind: str) -> bytes:
    """Return variance, direction and time of gradient estimators, as a file of `kind`."""
    ranked = sorted(rows, key=lambda row: -row["variance_times_evaluations"])
    names = [row["estimator"] for row in ranked]
    panels = (
        ("variance of one evaluation's worth", "variance_times_evaluations", True),
        ("variance of one second's worth", "variance_times_seconds", True),
        ("cosine to the reference gradient", "cosine", False),
    )
    with mpl.rc_context(STYLE):
        height = 1.1 + 0.24 * len(ranked)
        figure = Figure(figsize=(9, height), layout="constrained")
        axes = figure.subplots(1, 3, sharey=True)
        for axis, (title, name, logarithmic) in zip(axes, panels, strict=True):
            values = [row[name] for row in ranked]
            colours = [DEV if row["unbiased"] else TRAIN for row in ranked]
            positive = [value for value in values if value > 0]
            if logarithmic and positive:
                axis.set_xscale("log")
                axis.set_xlim(min(positive) / 2, max(positive) * 2)
            axis.scatter(values, range(len(ranked)), c=colours, s=22, zorder=3)
            axis.set_title(title, loc="left")
            axis.grid(axis="both", color="0.92")
        axes[0].set_yticks(range(len(ranked)), names)
        for colour, label in ((DEV, "unbiased"), (TRAIN, "declared biased")):
            axes[2].scatter([], [], c=colour, s=22, label=label)
        axes[2].legend(frameon=False, loc="best")
        return _as_file(figure, kind)


def sweep_figure(
    points: Sequence[dict[str, Any]], plain: dict[str, Any] | None, kind: str
) -> bytes:
    """Return distortion by rate, NLL by information, exact matches by rate, as a file of `kind`.

    Args:
        points: metrics of a model for each rate target, by rising rate; without a target bits were
            free. An NLL that is not a number is left out.
        plain: those of the plain language model, the reference; or None.
        kind: "png" or "svg".
    """
    panels = (
        ("rate, nats per word", "distortion, nats per word", "rate", "distortion", 1.0),
        ("mutual information, nats", "NLL, nats per word", "mutual_information", "nll", 1.0),
        ("rate, nats per word", "test words rebuilt exactly, %", "rate", "exact", 100.0),
    )
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(10.5, 3.4), layout="constrained")
        axes = figure.subplots(1, 3)
        for axis, (x_label, y_label, x_name, y_name, scale) in zip(axes, panels, strict=True):
            shown = [point for point in points if math.isfinite(point[y_name])]
            x = [point[x_name] for point in shown]
            y = [scale * point[y_name] for point in shown]
            axis.plot(x, y, color=DEV, marker="o", markersize=4, zorder=3, clip_on=False)
            for point, *place in zip(shown, x, y, strict=True):
                label = f"{point['rate_target']:g}" if point["rate_target"] else "free"
                axis.annotate(label, place, (4, 5), textcoords="offset points")
            axis.set(xlabel=x_label, ylabel=y_label)
            axis.set_xlim(left=0, right=1.1 * max(x))
            axis.grid(color="0.92")
        axes[0].set_title("labels: rate target, nats", loc="left")
        axes[2].set_ylim(0, max(1.0, 1.15 * max(100 * point["exact"] for point in points)))
        if plain is not None:
            _add_plain(axes[0], axes[1], points, plain["nll"])
        return _as_file(figure, kind)


def _add_plain(
    distortions: Axes, likelihoods: Axes, points: Sequence[dict[str, Any]], nll: float
) -> None:
    """Draw what the plain model reaches, and how sure the differences to it are."""
    longest = min(nll, max(point["rate"] for point in points))
    distortions.plot(
        [0, longest],
        [nll, nll - longest],
        color=TRAIN,
        linestyle="--",
        label="rate + distortion = NLL of the plain model",
    )
    likelihoods.axhline(nll, color=TRAIN, linestyle="--", label="plain model")
    likelihoods.errorbar(
        [point["mutual_information"] for point in points],
        [point["nll"] for point in points],
        [
            [point["nll_difference"] - point["difference_low"] for point in points],
            [point["difference_high"] - point["nll_difference"] for point in points],
        ],
        color=DEV,
        linestyle="none",
        capsize=3,
        label="95 % interval of the difference",
    )
    for axis in (distortions, likelihoods):
        axis.legend(frameon=False, fontsize=8)


def _as_file(figure: Figure, kind: str) -> bytes:
    content = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else None
    figure.savefig(content, format=kind, dpi=150, metadata=metadata)
    return content.getvalue()
