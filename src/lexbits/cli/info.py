"""`lexbits info`: what a run is, how far it has come, and what its bits are used for."""

from __future__ import annotations

import dataclasses
import math
import sys
from typing import TYPE_CHECKING, Any

from lexbits.cli.arguments import Run
from lexbits.cli.columns import FACTS, TABLES, USAGE, Column
from lexbits.cli.metrics_table import scalars
from lexbits.cli.output import (
    TABLE,
    Output,
    print_json,
    print_line,
    print_records,
    print_table,
    say,
)
from lexbits.cli.streams import spelled
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.runs.folder import RunFolder

BAR = 20
"""Length of the bar of a bit that knows all that a bit can."""


def info(run: Run, /, *, output: Output = TABLE) -> None:
    """Print data, settings, progress and best metrics of a run, and what each bit is used for.

    The bits are looked at on at most 1,000 of the run's own test words, or dev words.
    """
    from lexbits.cli.next_steps import lines_of_steps, next_steps
    from lexbits.runs.folder import RunFolder
    from lexbits.studies.summary import describe_run

    folder = RunFolder.open(run)
    document = describe_run(folder)
    document["bit_usage"] = _bit_usage(folder, document)
    if output.json:
        print_json(document)
        return
    settings, usage = document.pop("settings"), document.pop("bit_usage")
    if output.tsv:
        facts = [(name, value) for name, value in scalars(document) if name not in settings]
        bits = [
            (f"bit_{use['bit']}_{name}", value)
            for use in usage
            for name, value in use.items()
            if name != "bit"
        ]
        print_table(TABLES["info"], [*facts, *settings.items(), *bits], output)
        return
    print_table((Column("setting"), FACTS[1]), settings.items())
    print_line("")
    found = {"name": document["run"], **_with_sizes(document)}
    rows = [[_in_words(name), value] for name, value in found.items() if name != "run"]
    print_table((Column("run"), FACTS[1]), rows)
    if usage:
        print_line("")
        print_records(usage, USAGE, TABLE, cells={"ones": _share, "nats": _nats, "bar": _bar})
        active = sum(use["active"] for use in usage)
        say(f"{active} of {len(usage)} bits are active.")
    for line in lines_of_steps(next_steps(folder)):
        say(line)


def _bit_usage(run: RunFolder, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what each bit is used for; nothing, and why on stderr, where that cannot be told."""
    from lexbits.runs.checkpoints import MODEL

    if not document["bits"]:
        return []
    if not run.has(MODEL):
        say("Note: what the bits are used for is known once an epoch is finished.")
        return []
    from lexbits.runs.again import WordsGoneError
    from lexbits.word_model import WordModel

    try:
        return [dataclasses.asdict(use) for use in WordModel.load(run.path).bit_usage()]
    except (UsageError, WordsGoneError) as error:
        say(f"Note: what the bits are used for is not known: {error}")
        return []


def _with_sizes(document: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with the sizes of the splits in one line."""
    words = document["words"] or {}
    line = ", ".join(f"{count:,} {split}" for split, count in words.items()) or None
    return {name: line if name == "words" else value for name, value in document.items()}


def _in_words(name: str) -> str:
    return " ".join(p.upper() if p in ("nll", "elbo") else p for p in name.split("_"))


def _share(use: dict[str, Any]) -> str:
    return f"{use['ones']:4.0%}"


def _nats(use: dict[str, Any]) -> str:
    return f"{use['nats']:.3f}"


def _bar(use: dict[str, Any]) -> str:
    return spelled("█" * round(BAR * use["nats"] / math.log(2)), sys.stdout)
