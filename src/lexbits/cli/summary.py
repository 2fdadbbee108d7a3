"""How a finished training is summed up on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lexbits.cli.columns import MEASURES, TABLES
from lexbits.cli.metrics_table import metric_rows
from lexbits.cli.next_steps import lines_of_steps
from lexbits.cli.output import TABLE, print_line, print_lines, print_records, print_table


def print_summary(summary: dict[str, Any], steps: Sequence[tuple[str, str]] = ()) -> None:
    """Print measurements, examples, where everything lies, and what can be done next."""
    test = summary["test"]
    print_line(
        f"\nBest epoch: {summary['best_epoch']} of {summary['epochs']} "
        f"(dev NLL {summary['dev_nll']:.2f}), trained in {summary['seconds']:.0f} s "
        f"({summary['precision']})"
    )
    print_line(f"\nTest, {test['words']:,} words (nats per word):")
    floor = summary["ngram"]["nll"] if summary["ngram"] else None
    print_table(MEASURES, metric_rows(test | {"ngram_nll": floor}))
    for line in (summary[name] for name in ("unseen", "negative", "information")):
        if line:
            print_line(f"\n{line}")
    examples = summary["examples"]
    print_line("\nSamples")
    _print_examples("sample", examples["samples"], "word", "code", "status")
    if "reconstructions" in examples:
        print_line("\nReconstructions of test words")
        rebuilt = examples["reconstructions"]
        _print_examples("reconstruct", rebuilt, "word", "code", "mode", "samples")
    if "path" in examples:
        path = " → ".join(point["word"] for point in examples["path"])
        first, last = (examples["reconstructions"][i]["word"] for i in (0, -1))
        print_line(f"\nFrom {first} to {last}: {path}")
    if summary["advice"]:
        print_line(f"\n{summary['advice']}")
    print_line(f"\nThe run is in {summary['run']} (figures in its folder figures).")
    print_lines(lines_of_steps(steps))


def _print_examples(command: str, records: list[dict[str, Any]], *shown: str) -> None:
    print_records(records, TABLES[command], TABLE, shown=shown)
