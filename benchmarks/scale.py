"""How time and memory grow: with the number of words, the bits, the sizes, the samples.

    python benchmarks/scale.py --json scale.json --figure docs/images/scale

Finnish forms of simplemma. One thing is varied at a time, from 16 bits, hidden size 256, one sample
and 10,000 words; each point is a process of its own, which trains for some steps on a batch of 64
and prints its median time for a word and the most memory that it held. The words lie in a file that
is read into a list, or packed. Nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from speed import Clock

WORDS, LARGEST = 10_000, 3_400_000
AXES: dict[str, tuple[int, ...]] = {
    "words": (10_000, 100_000, 1_000_000, LARGEST),
    "packed words": (10_000, 100_000, 1_000_000, LARGEST),
    "bits": (4, 16, 64, 256),
    "hidden_size": (128, 256, 512, 1024),
    "samples": (1, 4, 16, 64),
}
BASE = {"bits": 16, "hidden_size": 256, "samples": 1, "estimator": "reinforce-average"}


def main() -> None:
    """Measure what is missing, print the table, draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--axes", nargs="+", choices=AXES, default=list(AXES))
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--figure", type=Path, help="path without ending: .png and .svg are drawn")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        source, axis, value = options.one
        print(json.dumps(measure(source, axis, int(value), options.steps)))
        return
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    done = {(row["axis"], row["value"]) for row in rows}
    with tempfile.TemporaryDirectory() as folder:
        for axis in options.axes:
            for value in AXES[axis]:
                if (axis, value) not in done:
                    rows.append(measure_apart(Path(folder), axis, value, options))
                    options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    if options.figure:
        draw(rows, options.figure)


def measure_apart(
    folder: Path, axis: str, value: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure one point in a process of its own."""
    words = value if axis in ("words", "packed words") else WORDS
    source = packed(folder, words) if axis == "packed words" else listed(folder, words)
    command = [sys.executable, __file__, "--json", "-", "--steps", str(options.steps)]
    done = subprocess.run(
        [*command, "--one", str(source), axis, str(value)], check=True, stdout=subprocess.PIPE
    )
    row: dict[str, Any] = json.loads(done.stdout)
    print(row, file=sys.stderr)
    return row


def listed(folder: Path, words: int) -> Path:
    """Return a file of so many forms, those of smallest hash."""
    path = folder / f"{words}.txt"
    if not path.exists():
        from lexbits.data.embedded import load_embedded
        from lexbits.data.splits import sample

        forms = [entry.form for entry in load_embedded("fi", LARGEST, 30)[0]]
        for size in {WORDS, *AXES["words"]}:
            lines = "\n".join(sample(forms, size, str))
            (folder / f"{size}.txt").write_text(f"{lines}\n", "utf-8")
    return path


def packed(folder: Path, words: int) -> Path:
    """Return a folder of so many packed forms."""
    from lexbits.config import resolve
    from lexbits.data.packing import pack_words

    path = folder / f"{words}"
    if not path.exists():
        pack_words([str(listed(folder, words))], path, resolve(), lambda message: None)
    return path


def measure(source: str, axis: str, value: int, steps: int) -> dict[str, Any]:
    """Train for some steps; return the median time of a word, and the most memory."""
    from lexbits.config import resolve
    from lexbits.data import forms_of
    from lexbits.data.training_words import to_learn_from
    from lexbits.runs.words import read_words
    from lexbits.training.loop import train
    from lexbits.training.session import Session

    varied = {axis: value} if axis in BASE else {}
    settings = resolve({**BASE, **varied, "data": source, "synthetic_words": 0.0, "free_nats": 0.0})
    began = time.perf_counter()
    words = read_words(settings, lambda message: None)
    forms = to_learn_from(words.splits["train"])
    session = Session.start(settings, words.alphabet, forms, forms_of(words.unseen_dev)[:10])
    ready = time.perf_counter()
    clock = Clock(steps)
    train(session, clock)
    return {
        "axis": axis,
        "value": value,
        "microseconds_per_word": 1e6 * statistics.median(clock.seconds[5:]) / settings.batch_size,
        "start_seconds": ready - began,
        "peak_megabytes": peak_megabytes(),
        "steps": steps,
    }


def peak_megabytes() -> float:
    """Return the most memory that this process has held, files mapped into it included."""
    # The figure of getrusage would include that of the process which started this one.
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if "VmHWM" in line).split()[1]) / 1024


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| | value | µs a word | peak memory, MB | start, s |", "|---|---|---|---|---|"]
    lines += [
        f"| {row['axis'].replace('_', ' ')} | {row['value']:,} "
        f"| {row['microseconds_per_word']:.0f} | {row['peak_megabytes']:.0f} "
        f"| {row['start_seconds']:.1f} |"
        for row in rows
    ]
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw time and memory over what is varied."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter, LogLocator, StrMethodFormatter

    short = EngFormatter(sep="")
    figure = Figure(figsize=(11, 5), layout="constrained")
    panels = figure.subplots(2, 4, sharey="row")
    columns = [("words", "packed words"), ("bits",), ("hidden_size",), ("samples",)]
    for column, axes in enumerate(columns):
        for axis in axes:
            points = sorted((row for row in rows if row["axis"] == axis), key=lambda r: r["value"])
            values = [row["value"] for row in points]
            labels = [short(value) if value >= WORDS else str(value) for value in values]
            for panel, name in zip(
                panels[:, column], ("microseconds_per_word", "peak_megabytes"), strict=True
            ):
                panel.loglog(values, [row[name] for row in points], marker="o", label=axis)
                panel.set_xticks(values, labels)
        panels[1, column].set_xlabel(axes[0].replace("_", " "))
    panels[0, 0].set_ylabel("training, µs a word")
    panels[1, 0].set_ylabel("peak memory, MB")
    panels[1, 0].legend(frameon=False)
    for panel in panels.flat:
        panel.grid(alpha=0.3)
        panel.minorticks_off()
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    for kind in ("png", "svg"):
        figure.savefig(path.with_suffix(f".{kind}"), dpi=150)


if __name__ == "__main__":
    main()
