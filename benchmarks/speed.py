"""Milliseconds of a training step, in rounds that alternate with the founding notebook.

    python benchmarks/speed.py --baseline ../shared/baseline \
        --data ../shared/data/sigmorphon2016 --json speed.json

Without --baseline only lexbits is timed. Each measurement is a process of its own, the sizes are
the notebook's (embedding 256, hidden 256, 16 bits, batch 64, one sample, bidirectional encoder),
and nothing else should run. A ratio is notebook / lexbits, of the medians over rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PRECISIONS = ("fp32", "bf16")


def main() -> None:
    """Time in alternating rounds, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--baseline", type=Path, help="folder with notebook_baseline.py")
    parser.add_argument("--data", type=Path, help="folder with spanish-task1-{train,dev,test}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", choices=PRECISIONS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.data, options.measure, options.steps)))
        return
    if options.baseline and not options.data:
        options.data = options.baseline.parent / "data" / "sigmorphon2016"
    times: dict[str, list[float]] = {}
    for i in range(options.rounds):
        if options.baseline:
            times.setdefault("notebook", []).append(time_notebook(options))
        for precision in PRECISIONS:
            times.setdefault(precision, []).append(time_lexbits(options, precision))
        print(
            f"round {i + 1}: { ({k: round(v[-1], 1) for k, v in times.items()}) }", file=sys.stderr
        )
    result = summarise(times, options)
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def time_notebook(options: argparse.Namespace) -> float:
    """Return the notebook's median milliseconds a step, its data preparation included."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "speed.json"
        subprocess.run(
            (
                sys.executable, str(options.baseline / "notebook_baseline.py"),
                "--data", str(options.data), "--steps", str(options.steps), "--out", str(out),
            ),
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return float(json.loads(out.read_text(encoding="utf-8"))["train_ms_per_step"])


def time_lexbits(options: argparse.Namespace, precision: str) -> float:
    """Return lexbits' median milliseconds a step, measured in a fresh process."""
    command = [sys.executable, __file__, "--measure", precision, "--steps", str(options.steps)]
    if options.data:
        command += ["--data", str(options.data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return float(json.loads(done.stdout)["ms"])


def measure(data: Path | None, precision: str, steps: int) -> dict[str, float]:
    """Train with the preset `notebook` in this process and return the median of its steps."""
    from lexbits.alphabet import Alphabet
    from lexbits.config import resolve
    from lexbits.data import load_splits
    from lexbits.training.loop import train
    from lexbits.training.session import Session

    source = {"data": "sigmorphon2016:spanish", "data_folder": str(data)} if data else {}
    settings = resolve({**source, "precision": precision}, preset="notebook")
    words = load_splits(settings)
    forms = [entry.form for entry in words.train]
    session = Session.start(settings, Alphabet.from_words(forms), forms, forms[:10])
    clock = Clock(steps)
    train(session, clock)
    return {"ms": 1e3 * statistics.median(clock.seconds[5:])}


class Clock:
    """Hooks that time every step and stop after the last."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.seconds: list[float] = []
        self._before = time.perf_counter()

    def step_done(self, session: Any) -> None:  # noqa: ANN401 - a session is not looked at
        """Note the time since the step before."""
        now = time.perf_counter()
        self.seconds.append(now - self._before)
        self._before = now

    def save_due(self) -> bool:
        """Never save."""
        return False

    def stop_requested(self) -> bool:
        """Stop after the last step."""
        return len(self.seconds) >= self.steps

    def save(self, session: Any) -> None:  # noqa: ANN401
        """Save nothing."""

    def epoch_done(self, session: Any, record: Any, is_best: bool) -> None:  # noqa: ANN401
        """Keep nothing."""


def summarise(times: dict[str, list[float]], options: argparse.Namespace) -> dict[str, Any]:
    """Return medians, spreads and ratios."""
    import torch

    medians = {name: statistics.median(values) for name, values in times.items()}
    result: dict[str, Any] = {
        "unit": "milliseconds per training step of 64 words",
        "rounds": options.rounds,
        "steps": options.steps,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "milliseconds": times,
        "medians": medians,
    }
    if "notebook" in medians:
        ratios = {precision: medians["notebook"] / medians[precision] for precision in PRECISIONS}
        result |= {
            "training_ratio": max(ratios.values()),
            "training_ratio_fp32": ratios["fp32"],
            "training_ratio_bf16": ratios["bf16"],
        }
    return result


def table(result: dict[str, Any]) -> str:
    """Return the result as a table in Markdown."""
    lines = ["| | ms per step, median (least, most) | ratio |", "|---|---|---|"]
    for name, values in result["milliseconds"].items():
        ratio = result.get(f"training_ratio_{name}")
        spread = f"{statistics.median(values):.1f} ({min(values):.1f}, {max(values):.1f})"
        shown = f"{ratio:.2f}" if ratio else ""
        lines.append(
            f"| {name if name == 'notebook' else f'lexbits, {name}'} | {spread} | {shown} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
