"""The metrics of an evaluation as rows of a table, with what they mean."""

from __future__ import annotations

import math
from typing import Any

from lexbits.cli.columns import METRICS

OF_UNSEEN = ("unseen_words", "seen_nll")
"""What is shown where some words have unseen characters only."""


def metric_rows(metrics: dict[str, Any]) -> list[list[Any]]:
    """Return [measure, value, meaning] for each metric that has a meaning here.

    One that is not a number has none, such as the standard error of a single word.
    """
    return [
        [column.title, metrics[name], column.meaning]
        for name, column in METRICS.items()
        if metrics.get(name) is not None
        and not math.isnan(metrics[name])
        and (name not in OF_UNSEEN or metrics["unseen_words"])
    ]


def scalars(document: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return what a document of measurements says in one number or text each, by name.

    A gain is named by its position: `gain_from_start_1`.
    """
    found = []
    for name, value in document.items():
        if isinstance(value, dict):
            found += [(f"{name}_{inner}", v) for inner, v in scalars(value)]
        elif isinstance(value, list | tuple):
            found += [(f"{name}_{row['position']}", row["gain"]) for row in value]
        else:
            found.append((name, value))
    return found


QUALITY_MEANINGS = {
    "words": "samples drawn; of held-out words, those that neither n-gram was fitted on",
    "ended": "share that ended within the run's longest length",
    "empty": "probability of the empty word, which is never drawn",
    "unique": "share of different words",
    "copies": "share that are training words",
    "attested": "share that are held-out words",
    "edit_distance": "characters to the nearest training word, of the first {compared:,} words",
    "nll": "nats per word under the n-gram of the training words (order {order})",
    "nll_per_symbol": "the same per symbol",
    "held_out_nll": "nats per word under an n-gram of held-out words (order {held_out_order})",
    "held_out_nll_per_symbol": "the same per symbol",
}


SHARES = ("ended", "empty", "unique", "copies", "attested")


def quality_rows(quality: dict[str, Any]) -> list[list[str]]:
    """Return [measure, model, n-gram, held-out words, meaning] for each metric of samples."""
    columns = [quality[name] for name in ("model", "ngram", "held_out")]
    return [
        [
            name.replace("_", " "),
            *(_quality_cell(name, column[name]) for column in columns),
            meaning.format(**quality),
        ]
        for name, meaning in QUALITY_MEANINGS.items()
    ]


def _quality_cell(name: str, value: float | None) -> str:
    if value is None:
        return ""
    kind = "6.1%" if name in SHARES else "6,d" if name == "words" else "6.2f"
    return f"{value:{kind}}"


MOST_POSITIONS = 12
LEAST_SHARE = 0.1
"""Share of the words that must have a position for it to be shown."""


def gain_rows(document: dict[str, Any]) -> list[list[Any]]:
    """Return [position, gain from the start, gain from the end] for each position."""
    least = LEAST_SHARE * document["gain_words"]
    shown = sum(gain["words"] >= least for gain in document["gain_from_start"][:MOST_POSITIONS])
    sides = (document[key][:shown] for key in ("gain_from_start", "gain_from_end"))
    return [
        [position, *(f"{gain['gain']:6.2f}" for gain in pair)]
        for position, pair in enumerate(zip(*sides, strict=True), start=1)
    ]
