"""How soon lexbits reaches the test NLL that the founding notebook ends with.

    python benchmarks/notebook.py --baseline ../shared/baseline \
        --data ../shared/data/sigmorphon2016 --json notebook.json
    python benchmarks/time_to_nll.py --notebook notebook.json \
        --data ../shared/data/sigmorphon2016 --json time.json

Trainings of the preset `default` with ever more steps, each a whole schedule, until the test NLL
(100 samples, 3,000 words) is below that of the notebook after its 20 epochs. Seconds are those of
training with its dev evaluations, of the notebook as of lexbits; both must come from one machine,
with nothing else running.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

STEPS = (100, 150, 200, 300, 400, 600, 800)


def main() -> None:
    """Train until the NLL is reached, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notebook", type=Path, required=True, help="what notebook.py wrote")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--preset", default="default")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    notebook = json.loads(options.notebook.read_text("utf-8"))["notebook"]
    print("| steps | test NLL, S=100 | training, s | notebook / lexbits |\n|---|---|---|---|")
    rows: list[dict[str, Any]] = []
    for steps in STEPS:
        row = train(options, steps)
        row["ratio"] = notebook["train_seconds"] / row["seconds"]
        rows.append(row)
        print(f"| {steps} | {row['nll']:.2f} | {row['seconds']:.1f} | {row['ratio']:.1f} |")
        if row["nll"] <= notebook["test_nll_100"]:
            break
    if options.json:
        result = {"notebook": notebook, "rows": rows}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def train(options: argparse.Namespace, steps: int) -> dict[str, Any]:
    """Train with so many steps and measure on the test words."""
    lexbits = (sys.executable, "-m", "lexbits")
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        command = (
            *lexbits, "train", "sigmorphon2016:spanish", "--data-folder", str(options.data),
            "--preset", options.preset, "--steps", str(steps), "--out", run, "--json",
        )  # fmt: skip
        summary = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        evaluate = (
            *(*lexbits, "evaluate", run, "--samples", "100", "--words", "3000"),
            *("--gain-words", "1", "--json"),
        )
        figures = json.loads(subprocess.run(evaluate, check=True, stdout=subprocess.PIPE).stdout)
    return {"steps": steps, "seconds": summary["seconds"], "nll": figures["nll"]}


if __name__ == "__main__":
    main()
