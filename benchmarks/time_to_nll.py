"""How soon lexbits reaches the test NLL that the founding notebook ends with.

    python benchmarks/time_to_nll.py --baseline ../shared/baseline \
        --data ../shared/data/sigmorphon2016 --json time.json

Trainings of the preset `quick` on all words with ever more epochs, each a whole schedule, until
the test NLL (100 samples, 3,000 words) is below that of the notebook after its 20 epochs, which
notebook.py measures. Before each of them and at the end the notebook is timed for 100 steps; what
its epochs take is reckoned from the median, its dev evaluations left out, while those of lexbits
count. Nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

EPOCHS = (1, 2, 3, 4, 6, 8, 12, 20)
NOTEBOOK_NLL, NOTEBOOK_EPOCHS, NOTEBOOK_BATCH = 19.28, 20, 64


def main() -> None:
    """Train until the NLL is reached, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--target", type=float, default=NOTEBOOK_NLL, help="what it ends with")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    steps_of_notebook = [seconds_of_a_step(options)]
    for epochs in EPOCHS:
        rows.append(train(options, epochs))
        steps_of_notebook.append(seconds_of_a_step(options))
        if rows[-1]["nll"] <= options.target:
            break
    with (options.data / "spanish-task1-train").open(encoding="utf-8") as lines:
        batches = math.ceil(sum(1 for _ in lines) / NOTEBOOK_BATCH)
    seconds = NOTEBOOK_EPOCHS * batches * statistics.median(steps_of_notebook)
    result = {"notebook_nll": options.target, "notebook_seconds": seconds, "rows": rows}
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def seconds_of_a_step(options: argparse.Namespace) -> float:
    """Return what a training step takes the notebook."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "notebook.json"
        program = options.baseline / "notebook_baseline.py"
        arguments = ("--data", str(options.data), "--steps", "100", "--out", str(out))
        subprocess.run(
            [sys.executable, str(program), *arguments], check=True, stdout=subprocess.DEVNULL
        )
        return float(json.loads(out.read_text("utf-8"))["train_ms_per_step"]) / 1e3


def train(options: argparse.Namespace, epochs: int) -> dict[str, Any]:
    """Train for so many epochs and measure on the test words."""
    lexbits = (sys.executable, "-m", "lexbits")
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        command = (
            *lexbits, "train", "sigmorphon2016:spanish", "--data-folder", str(options.data),
            "--preset", options.preset, "--limit", "auto", "--epochs", str(epochs), "--out", run,
            "--json",
        )  # fmt: skip
        summary = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        evaluate = (
            *(*lexbits, "evaluate", run, "--samples", "100", "--words", "3000"),
            *("--gain-words", "1", "--json"),
        )
        figures = json.loads(subprocess.run(evaluate, check=True, stdout=subprocess.PIPE).stdout)
    return {"epochs": epochs, "seconds": summary["seconds"], "nll": figures["nll"]}


def table(result: dict[str, Any]) -> str:
    """Return the result as a table in Markdown."""
    lines = ["| | test NLL, S=100 | training, s | notebook / lexbits |", "|---|---|---|---|"]
    notebook = result["notebook_seconds"]
    lines.append(f"| notebook, 20 epochs | {result['notebook_nll']:.2f} | {notebook:.0f} | |")
    for row in result["rows"]:
        epochs = f"{row['epochs']} epoch{'s' if row['epochs'] > 1 else ''}"
        sooner = notebook / row["seconds"]
        lines.append(
            f"| lexbits, {epochs} | {row['nll']:.2f} | {row['seconds']:.1f} | {sooner:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
