"""How a finished training is summed up on the screen."""

from __future__ import annotations

import shlex
from typing import Any

from lexbits.cli.columns import MEASURES, TABLES
from lexbits.cli.metrics_table import metric_rows
from lexbits.cli.output import TABLE, print_line, print_rows, print_table


def print_summary(summary: dict[str, Any]) -> None:
    """Print measurements, examples and where everything lies."""
    test = summary["test"]
    print_line(
        f"\nBest epoch: {summary['best_epoch']} of {summary['epochs']} "
        f"(dev NLL {summary['dev_nll']:.2f}), trained in {summary['seconds']:.0f} s"
    )
    print_line(f"\nTest, {test['words']:,} words (nats per word):")
    print_table(MEASURES, metric_rows(test))
    for line in (summary[name] for name in ("unseen", "negative", "information", "advice")):
        if line:
            print_line(f"\n{line}")
    examples = summary["examples"]
    print_line("\nSamples")
    _print_examples("sample", examples["samples"], "word", "code", "status")
    if "reconstructions" in examples:
        print_line("\nReconstructions of test words")
        rebuilt = examples["reconstructions"]
        _print_examples("reconstruct", rebuilt, "word", "code", "mode", "samples")
        path = " → ".join(point["word"] for point in examples["path"])
        first, last = (examples["reconstructions"][i]["word"] for i in (0, -1))
        print_line(f"\nFrom {first} to {last}: {path}")
    run = shlex.quote(summary["run"])
    print_line(
        f"\nThe run is in {run} (figures in its folder figures). Next:\n"
        f"  lexbits evaluate {run} --samples 100\n"
        f"  lexbits sample {run} -n 20 --new-only"
    )


def _print_examples(command: str, records: list[dict[str, Any]], *shown: str) -> None:
    print_rows(records, TABLES[command], TABLE, shown=shown)
