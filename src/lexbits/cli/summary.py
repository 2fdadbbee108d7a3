"""How a finished training is summed up on the screen."""

from __future__ import annotations

from typing import Any

from rich.console import Console

from lexbits.cli.metrics_table import figure_rows
from lexbits.cli.output import print_table


def print_summary(summary: dict[str, Any]) -> None:
    """Print measurements, examples and where everything lies."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    test = summary["test"]
    console.print(
        f"\nBest epoch: {summary['best_epoch']} of {summary['epochs']} "
        f"(dev NLL {summary['dev_nll']:.2f}), trained in {summary['seconds']:.0f} s"
    )
    console.print(f"\nTest, {test['words']:,} words (nats per word):")
    print_table(("measure", "value", "meaning"), figure_rows(test))
    for line in (summary["information"], summary["advice"]):
        if line:
            console.print(f"\n{line}")
    examples = summary["examples"]
    console.print("\nSamples")
    print_table(
        ("word", "code", "status"),
        ([s["word"], s["code"], s["status"]] for s in examples["samples"]),
    )
    if "reconstructions" in examples:
        console.print("\nReconstructions of test words")
        print_table(
            ("word", "code", "mode", "samples"),
            ([r["word"], r["code"], r["mode"], r["samples"]] for r in examples["reconstructions"]),
        )
        path = " → ".join(point["word"] for point in examples["path"])
        first, last = (examples["reconstructions"][i]["word"] for i in (0, -1))
        console.print(f"\nFrom {first} to {last}: {path}")
    run = summary["run"]
    console.print(
        f"\nThe run is in {run} (figures in {run}/figures). Next:\n"
        f"  lexbits evaluate {run} --samples 100\n"
        f"  lexbits sample {run} -n 20 --new-only"
    )
