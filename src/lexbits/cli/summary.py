"""How a finished training is summed up on the screen."""

from __future__ import annotations

import shlex
from typing import Any

from lexbits.cli.metrics_table import MEASURES, metric_rows
from lexbits.cli.output import print_line, print_table


def print_summary(summary: dict[str, Any]) -> None:
    """Print measurements, examples and where everything lies."""
    test = summary["test"]
    print_line(
        f"\nBest epoch: {summary['best_epoch']} of {summary['epochs']} "
        f"(dev NLL {summary['dev_nll']:.2f}), trained in {summary['seconds']:.0f} s"
    )
    print_line(f"\nTest, {test['words']:,} words (nats per word):")
    print_table(MEASURES, metric_rows(test), wrapped=("meaning",))
    for line in (summary[name] for name in ("unseen", "negative", "information", "advice")):
        if line:
            print_line(f"\n{line}")
    examples = summary["examples"]
    print_line("\nSamples")
    print_table(
        ("word", "code", "status"),
        ([s["word"], s["code"], s["status"]] for s in examples["samples"]),
    )
    if "reconstructions" in examples:
        print_line("\nReconstructions of test words")
        print_table(
            ("word", "code", "mode", "samples"),
            ([r["word"], r["code"], r["mode"], r["samples"]] for r in examples["reconstructions"]),
        )
        path = " → ".join(point["word"] for point in examples["path"])
        first, last = (examples["reconstructions"][i]["word"] for i in (0, -1))
        print_line(f"\nFrom {first} to {last}: {path}")
    run = shlex.quote(summary["run"])
    print_line(
        f"\nThe run is in {run} (figures in its folder figures). Next:\n"
        f"  lexbits evaluate {run} --samples 100\n"
        f"  lexbits sample {run} -n 20 --new-only"
    )
