"""How the measurements of `lexbits evaluate` are printed."""

from __future__ import annotations

from typing import Any

from lexbits.cli.columns import GAINS, MEASURES, QUALITY, REBUILT
from lexbits.cli.metrics_table import gain_rows, metric_rows, quality_rows
from lexbits.cli.output import print_line, print_table, say


def print_measurements(document: dict[str, Any], source: str, advice: str) -> None:
    """Print tables to stdout, and to stderr what is said about them.

    Args:
        document: what `--json` prints.
        source: the words in words.
        advice: a last line, unless it is empty.
    """
    split = document["split"]
    say(
        f"{split} split of {source}: {document['words']:,} words, {document['symbols']:,} symbols, "
        f"{document['samples']} samples; nats per word"
    )
    if split == "dev" and document["data"] is None and document["dev_overlap_removed"]:
        say(
            f"{document['dev_overlap_removed']:,} dev rows whose form occurs in training are left "
            "out."
        )
    print_table(MEASURES, metric_rows(document))
    by_samples = ", ".join(f"{v:.3f} (S={s})" for s, v in document["nll_by_samples"].items())
    say(f"NLL by importance samples: {by_samples}")
    if document["reconstruction"] is not None:
        _print_reconstruction(document["reconstruction"])
        _print_gains(document)
    if "sample_quality" in document:
        _print_quality(document["sample_quality"])
    for line in (document["unseen"], document["negative"], document["information"], advice):
        if line:
            say(line)


def _print_reconstruction(quality: dict[str, Any]) -> None:
    _title("Words that come back from their bits")
    kinds = {"the most probable code": "", "a sampled code": "sample_"}
    if quality["searched_exact"] is not None:
        kinds["the code that a search finds"] = "searched_"
    print_table(
        REBUILT,
        (
            [name, f"{quality[prefix + 'exact']:.1%}", quality[prefix + "edit_distance"]]
            for name, prefix in kinds.items()
        ),
    )


def _print_gains(document: dict[str, Any]) -> None:
    _title(
        f"Nats that the bits save at each symbol, on {document['gain_words']:,} words "
        f"({document['gain_total']:.2f} on a word); from the end, 1 is the end of the word"
    )
    print_table(GAINS, gain_rows(document))


def _print_quality(quality: dict[str, Any]) -> None:
    _title("Words that are made up, and held-out words")
    print_table(QUALITY, quality_rows(quality))


def _title(text: str) -> None:
    print_line(f"\n{text}")
