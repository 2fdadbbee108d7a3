"""The preset `notebook` beside the founding notebook: same data, sizes and epochs.

    python benchmarks/notebook.py --baseline ../shared/baseline \
        --data ../shared/data/sigmorphon2016 --json notebook.json

Runs one after the other, nothing else should run. Prints a table of the test NLL with 3 and with
100 importance samples, the rate and the seconds of training, dev evaluations included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SAMPLES = (3, 100)


def main() -> None:
    """Run both, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {
            "lexbits": run_lexbits(options, Path(folder)),
            "notebook": run_notebook(options, Path(folder)),
        }
    print(table(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def run_lexbits(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train and evaluate the preset."""
    run = folder / "run"
    lexbits = (sys.executable, "-m", "lexbits")
    train = (
        *lexbits, "train", "sigmorphon2016:spanish", "--data-folder", str(options.data),
        "--preset", "notebook", "--epochs", str(options.epochs), "--seed", str(options.seed),
        "--out", str(run), "--json",
    )  # fmt: skip
    summary = json.loads(subprocess.run(train, check=True, stdout=subprocess.PIPE).stdout)
    result = {"train_seconds": summary["seconds"], "best_epoch": summary["best_epoch"]}
    for samples in SAMPLES:
        evaluate = (*lexbits, "evaluate", str(run), "--samples", str(samples), "--json")
        figures = json.loads(subprocess.run(evaluate, check=True, stdout=subprocess.PIPE).stdout)
        result |= {f"test_nll_{samples}": figures["nll"], "test_rate": figures["rate"]}
        result |= {"test_mutual_information": figures["mutual_information"]}
    return result


def run_notebook(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Train and evaluate the notebook."""
    out = folder / "notebook.json"
    subprocess.run(
        (
            sys.executable, str(HERE / "notebook_run.py"), str(options.baseline), str(options.data),
            str(out), "--epochs", str(options.epochs), "--seed", str(options.seed),
        ),
        check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return the results as a table in Markdown."""
    columns = ("test_nll_3", "test_nll_100", "test_rate", "train_seconds")
    lines = [
        "| | test NLL, S=3 | test NLL, S=100 | test rate | training, s |",
        "|---|---|---|---|---|",
    ]
    for name, result in results.items():
        lines.append("| ".join([f"| {name} ", *(f"{result[c]:.2f} " for c in columns)]) + "|")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
