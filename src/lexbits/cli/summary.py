"""How a finished training is summed up on the screen."""

from __future__ import annotations

import shlex
from typing import Any

from lexbits.cli.metrics_table import MEASURES, metric_rows
from lexbits.cli.output import print_table, write


def print_summary(summary: dict[str, Any]) -> None:
    """Print measurements, examples and where everything lies."""
    test = summary["test"]
    _print(
        f"\nBest epoch: {summary['best_epoch']} of {summary['epochs']} "
        f"(dev NLL {summary['dev_nll']:.2f}), trained in {summary['seconds']:.0f} s"
    )
    _print(f"\nTest, {test['words']:,} words (nats per word):")
    print_table(MEASURES, metric_rows(test), wrapped=("meaning",))
    for line in (summary[name] for name in ("unseen", "negative", "information", "advice")):
        if line:
            _print(f"\n{line}")
    examples = summary["examples"]
    _print("\nSamples")
    print_table(
        ("word", "code", "status"),
        ([s["word"], s["code"], s["status"]] for s in examples["samples"]),
    )
    if "reconstructions" in examples:
        _print("\nReconstructions of test words")
        print_table(
            ("word", "code", "mode", "samples"),
            ([r["word"], r["code"], r["mode"], r["samples"]] for r in examples["reconstructions"]),
        )
        path = " → ".join(point["word"] for point in examples["path"])
        first, last = (examples["reconstructions"][i]["word"] for i in (0, -1))
        _print(f"\nFrom {first} to {last}: {path}")
    run = shlex.quote(summary["run"])
    _print(
        f"\nThe run is in {run} (figures in its folder figures). Next:\n"
        f"  lexbits evaluate {run} --samples 100\n"
        f"  lexbits sample {run} -n 20 --new-only"
    )


def _print(text: str) -> None:
    write(f"{text}\n")
