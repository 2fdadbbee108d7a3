"""Two processes of one thread beside one process of two: speed, and equality of results.

    python benchmarks/processes.py --data-folder ../shared/data/sigmorphon2016 --json processes.json

Spanish SIGMORPHON 2016, the same training by both, in alternating rounds; nothing else should run.
The sizes are those of the preset asked for, the batch is global: each process has half of it.
Efficiency is the time of one process over that of two, as both use the same two cores. Equality is
the largest relative difference of the ELBO of single steps.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from speed import Clock

from lexbits.config import resolve
from lexbits.data import forms_of
from lexbits.runs.words import read_words
from lexbits.training.devices import make_fabric, start
from lexbits.training.loop import train
from lexbits.training.session import Session


class ElboClock(Clock):
    """A clock that notes the ELBO of every step, too."""

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.elbo: list[float] = []
        self._sum = 0.0

    def step_done(self, session: Session) -> None:
        """Note the step."""
        super().step_done(session)
        self.elbo.append(session.progress.elbo_sum - self._sum)
        self._sum = session.progress.elbo_sum


def main() -> None:
    """Time in alternating rounds, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-folder", required=True)
    parser.add_argument("--presets", nargs="+", default=["notebook", "default", "best"])
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        run_one(options)
        return
    rows = [
        compare(options, preset, batch_size)
        for preset in options.presets
        for batch_size in options.batch_sizes
    ]
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def run_one(options: argparse.Namespace) -> None:
    """Train in so many processes; the first prints the seconds and the ELBO of each step."""
    torch.set_num_threads(2 // options.one)
    settings = resolve(
        {
            "data": "sigmorphon2016:spanish",
            "data_folder": options.data_folder,
            "batch_size": options.batch_sizes[0],
            "synthetic_words": 0.0,
            "precision": "fp32",
        },
        options.presets[0],
    )
    words = read_words(settings, lambda message: None)
    fabric = make_fabric(settings, devices=options.one)
    processes = start(fabric)
    torch.set_num_threads(2 // options.one)
    train_forms = forms_of(words.splits["train"])
    session = Session.start(settings, words.alphabet, train_forms, train_forms[:10], fabric=fabric)
    clock = ElboClock(options.steps)
    train(session, clock)
    if processes.first:
        print(json.dumps({"seconds": statistics.median(clock.seconds[10:]), "elbo": clock.elbo}))


def compare(options: argparse.Namespace, preset: str, batch_size: int) -> dict[str, Any]:
    """Return the row of a preset and batch size."""
    found: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for _ in range(options.rounds):
        for count, runs in found.items():
            arguments = (
                *("--data-folder", options.data_folder, "--steps", options.steps, "--one", count),
                *("--presets", preset, "--batch-sizes", batch_size),
            )
            done = subprocess.run(
                [sys.executable, __file__, *map(str, arguments)],
                check=True,
                stdout=subprocess.PIPE,
                env={**os.environ, "OMP_NUM_THREADS": str(2 // count)},
            )
            runs.append(json.loads(done.stdout))
    one, two = (statistics.median(run["seconds"] for run in found[count]) for count in (1, 2))
    pairs = zip(found[1][0]["elbo"], found[2][0]["elbo"], strict=True)
    return {
        "preset": preset,
        "batch_size": batch_size,
        "one_process_ms": 1e3 * one,
        "two_processes_ms": 1e3 * two,
        "efficiency": one / two,
        "largest_difference": max(abs(a - b) / abs(a) for a, b in pairs),
        "rounds": options.rounds,
        "steps": options.steps,
        "torch": torch.__version__,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| preset | batch | one process, ms a step | two processes | efficiency "
        "| largest difference of a step's ELBO |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['preset']} | {row['batch_size']} | {row['one_process_ms']:.1f} "
        f"| {row['two_processes_ms']:.1f} | {row['efficiency']:.2f} "
        f"| {row['largest_difference']:.0e} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
