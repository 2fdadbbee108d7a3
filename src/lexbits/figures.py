"""Records -> figures. Nothing is saved here: a figure is returned as the bytes of a file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # no window, on any machine

import matplotlib.pyplot as plt

TRAIN, DEV = "#7a8ca3", "#c2452d"
PANELS = (
    ("ELBO, nats per word", ("train_elbo", "dev_elbo")),
    ("KL (rate), nats per word", ("train_rate", "dev_rate")),
    ("NLL (importance-sampled), nats per word", ("dev_nll",)),
    ("Perplexity per symbol", ("dev_perplexity_per_symbol",)),
)


def training_figure(records: Sequence[dict[str, Any]], kind: str) -> bytes:
    """Return ELBO, KL, NLL and perplexity by epoch, as a file of `kind` ("png" or "svg")."""
    epochs = [record["epoch"] for record in records]
    best = min(records, key=lambda record: record["dev_nll"])
    with plt.rc_context(
        {
            "axes.spines.top": False,
            "axes.spines.right": False,
            "font.size": 9,
            "svg.hashsalt": "lexbits",
        }
    ):
        figure, axes = plt.subplots(2, 2, figsize=(8, 5.2), sharex=True, layout="constrained")
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
        content = io.BytesIO()
        metadata = {"Date": None} if kind == "svg" else None
        figure.savefig(content, format=kind, dpi=150, metadata=metadata)
        plt.close(figure)
    return content.getvalue()
