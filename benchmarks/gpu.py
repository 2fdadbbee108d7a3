"""What lexbits does on a GPU, and how fast: tests, training, likelihood, decoding; one JSON.

    python benchmarks/gpu.py --data ../shared/data/sigmorphon2016 --out gpu.json

`benchmarks/gpu.sh` installs what is missing and calls this. Each part is a process of its own with
a time limit of its own, and the file is written anew after each: a part that fails, or does not
come to an end, is in it with its message, or with what it had measured by then, and the others
follow. All of it takes `--minutes` at most. The parts:

- tests: those marked `gpu`;
- step: milliseconds of a training step at the sizes of `default` and `best`, by the batch size;
- decoding: words a second, greedily, by sampling and by a beam, from codes of the prior;
- importance: the NLL of the test words with S = 100, and by how much a word's log-probability from
  few samples differs from that of the processor in fp32;
- exact: the NLL of the test words by a sum over all codes; of fewer words, neighbours in the
  alphabet, where that would take longer than the limit, with how long all of them would take;
- best: a training with the preset `best`, to its end, with the NLL of the test words after it.

All but the tests in fp32, TF32 and bf16. Trained models are `pretrained:es`. Without --data the
words are those of simplemma. `--device cpu --quick` tries all of it on a few words.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpu_parts import MEASURES, machine

ARITHMETICS = ("fp32", "tf32", "bf16")

GRACE = 15.0
"""Seconds that a part has to say what it has found, after its limit."""

LIMITS = {"tests": 75.0, "step": 22.0, "decoding": 10.0, "importance": 18.0, "exact": 40.0}
"""Seconds of each part on an H100; what is left of all the time is for `best`."""

SLOWER = 8
"""Times as long for other devices."""


@dataclass(frozen=True)
class Part:
    """What is measured, in which arithmetic ("" for the tests)."""

    measure: str
    arithmetic: str

    def __str__(self) -> str:
        return f"{self.measure} {self.arithmetic}".strip()


def main() -> None:
    """Measure all parts, one after another, or one of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    folder = os.environ.get("LEXBITS_DATA")
    out = Path(os.environ.get("OUT", ".")) / "gpu.json"
    parser.add_argument("--data", type=Path, default=folder and Path(folder), help="FOLDER")
    parser.add_argument("--out", type=Path, default=out, help="FILE")
    parser.add_argument("--device", default="cuda", help="cuda, mps or cpu")
    parser.add_argument("--minutes", type=float, default=9.5, help="for all parts")
    parser.add_argument("--measures", nargs="+", choices=MEASURES, default=list(MEASURES))
    parser.add_argument("--arithmetics", nargs="+", choices=ARITHMETICS, default=ARITHMETICS)
    parser.add_argument("--quick", action="store_true", help="few words and steps")
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=60.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        MEASURES[options.part[0]](options, options.part[1], Report(options.out))
        return
    measure_all(options)


class Report:
    """The figures of a part, written whole whenever some are added."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.figures: dict[str, Any] = {}

    def add(self, **figures: Any) -> None:  # noqa: ANN401 - whatever fits in JSON
        """Add figures."""
        self.figures |= figures
        write(self.path, self.figures)


def write(path: Path, content: dict[str, Any]) -> None:
    """Write JSON to a file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def measure_all(options: argparse.Namespace) -> None:
    """Measure the parts in processes of their own, and write what they have found."""
    began = time.monotonic()
    result: dict[str, Any] = {
        "date": time.strftime("%Y-%m-%d"),
        "device": options.device,
        "quick": options.quick,
        "words": "SIGMORPHON 2016, Spanish" if options.data else "simplemma, Spanish",
        "machine": {"python": platform.python_version(), "cores": os.cpu_count(), **machine()},
        "parts": {},
    }
    for part in parts(options):
        left = 60 * options.minutes - (time.monotonic() - began) - GRACE
        times = 1 if options.device == "cuda" else SLOWER
        limit = min(left, times * LIMITS.get(part.measure, left))
        print(f"{part}: at most {max(0.0, limit):.0f} s", file=sys.stderr, flush=True)
        if limit < 1:
            found: dict[str, Any] = {"state": "left out", "message": "no time was left for it"}
        else:
            found = measure(part, options, limit)
        result["parts"][str(part)] = found
        result["seconds"] = round(time.monotonic() - began, 1)
        write(options.out, result)
        print(f"  {found['state']}: {found.get('message', '')}", file=sys.stderr, flush=True)
    print(options.out)


def parts(options: argparse.Namespace) -> list[Part]:
    """Return what is measured, in this order."""
    return [
        Part(measure, arithmetic)
        for measure in options.measures
        for arithmetic in (options.arithmetics if measure != "tests" else ("",))
    ]


def measure(part: Part, options: argparse.Namespace, limit: float) -> dict[str, Any]:
    """Measure a part in a process that ends after `limit` seconds; return what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        report, said = Path(folder) / "report.json", Path(folder) / "said"
        command = [sys.executable, __file__, "--part", part.measure, part.arithmetic]
        command += ["--out", str(report), "--device", options.device, f"--seconds={limit:g}"]
        command += [f"--data={options.data.resolve()}"] if options.data else []
        command += ["--quick"] if options.quick else []
        environment = dict(os.environ)
        if part.arithmetic == "tf32":  # torch's own switch, for processes that this one starts too
            environment["TORCH_ALLOW_TF32_CUBLAS_OVERRIDE"] = "1"
        began = time.monotonic()
        with said.open("wb") as stream:
            process = subprocess.Popen(
                command, stdout=stream, stderr=stream, env=environment, start_new_session=True
            )
            state = wait(process, limit)
        found: dict[str, Any] = {"state": state, "seconds": round(time.monotonic() - began, 1)}
        if state != "done":
            lines = said.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = lines[-1] if lines else f"nothing (exit {process.returncode})"
            found["message"] = f"after {limit:.0f} s" if state == "out of time" else last
            found["last lines"] = lines[-20:]
        if report.exists():
            found |= json.loads(report.read_text(encoding="utf-8"))
        return found


def wait(process: subprocess.Popen[bytes], limit: float) -> str:
    """Wait until the process and all that it has started have ended; return how they did."""
    try:
        return "failed" if process.wait(limit) else "done"
    except subprocess.TimeoutExpired:
        for number in (signal.SIGINT, signal.SIGKILL):
            os.killpg(process.pid, number)
            try:
                process.wait(GRACE / 2)
                break
            except subprocess.TimeoutExpired:
                continue
        return "out of time"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # what it has started and left


if __name__ == "__main__":
    main()
