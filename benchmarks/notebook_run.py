"""The founding notebook as a process of its own, trained to the end and measured at several S.

    python benchmarks/notebook_run.py ../shared/baseline ../shared/data/sigmorphon2016 out.json

Uses the baseline's own reader and repairs of the notebook; adds its own importance-sampled NLL at
more samples, and clocks. With --seconds it is trained until that time is over, its evaluations
counted, in the middle of an epoch too; as after an epoch, the dev words then choose the model. With
--speed it is not trained: what is timed is its importance sampling of some test words and its
greedy decoding of some codes, which take the same time before training.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LOOP = "for epoch_num in range(1, num_epochs+1):"
FIGURES = "steps, training_ELBO = list(zip(*train_ELBOs))"
REPAIRS = (
    (
        "tok = np.array([[SOW_TOKEN] + list(w) + [EOW_TOKEN] for w in words])",
        "tok = [[SOW_TOKEN] + list(w) + [EOW_TOKEN] for w in words]",
    ),
    (
        "pack_padded_sequence(x_embed, seq_len, batch_first=True)",
        "pack_padded_sequence(x_embed, seq_len.cpu(), batch_first=True)",
    ),
    ("plt.show()", "pass"),
    (LOOP, f"_clock('start')\n{LOOP}"),
    (FIGURES, f"_clock('trained')\n{FIGURES}"),
)
UNTIL = (
    ("num_epochs = 20", "num_epochs = 10**9"),
    (
        "        step += 1\n\n    # After an epoch",
        "        step += 1\n        if _deadline.over():\n            break\n\n"
        "    _deadline.pause()\n    # After an epoch",
    ),
    (
        '    print("-- Model reconstruction: \\"%s\\"" % reconstruction)',
        "    _deadline.resume()\n    if _deadline.over():\n        break",
    ),
)
"""What lets a training end at a time."""
CHUNK = 128
"""Test words that are scored at once, as the notebook does."""


class Deadline:
    """When to stop, so that the evaluation that follows is over in time too."""

    def __init__(self, times: dict[str, float], seconds: float) -> None:
        self.times, self.seconds = times, seconds
        self._paused = self._longest = 0.0

    def over(self) -> bool:
        """Whether the time is over."""
        return time.perf_counter() - self.times["start"] + self._longest >= self.seconds

    def pause(self) -> None:
        """Note that an evaluation begins."""
        self._paused = time.perf_counter()

    def resume(self) -> None:
        """Note that it has ended, and how long they take."""
        self._longest = max(self._longest, time.perf_counter() - self._paused)


def main() -> None:
    """Run the notebook and write its test figures and seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("baseline", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seconds", type=float, help="train for this long, not for --epochs")
    parser.add_argument("--samples", type=int, nargs="+", default=[3, 100])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", nargs=3, type=int, metavar=("WORDS", "S", "CODES"))
    options = parser.parse_args()
    baseline = load_module(options.baseline / "notebook_baseline.py")
    source = "\n\n".join(baseline.code_cells(baseline.SEED.read_text(encoding="utf-8")))
    length = UNTIL if options.seconds else (("num_epochs = 20", f"num_epochs = {options.epochs}"),)
    for old, new in (*REPAIRS, *length):
        source = baseline.replace_once(source, old, new)
    if options.speed:
        source = source[: source.index("_clock('start')")]
        times = speed(run(source, options.data, options.seed), *options.speed)
        options.out.write_text(json.dumps(times) + "\n", encoding="utf-8")
        return
    scope = run(source, options.data, options.seed, options.seconds)
    result: dict[str, Any] = {
        "test_words": len(scope["test_dataset"]),
        "test_rate": float(scope["test_KL"]),
        "test_elbo": float(scope["test_ELBO"]),
        "best_epoch": scope["best_epoch"],
        "steps": scope["step"],
        "train_seconds": scope["_times"]["trained"] - scope["_times"]["start"],
    }
    for samples in options.samples:
        result |= importance_sampled(scope, samples)
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def importance_sampled(scope: dict[str, Any], samples: int) -> dict[str, float]:
    """Return the notebook's estimate of the test NLL, and its standard error over words.

    The error is that of means of as many words as it scores at once: right for words in any order.
    """
    import torch

    test, nll, sizes = scope["test_dataset"], [], []
    for first in range(0, len(test), CHUNK):
        some = torch.utils.data.Subset(test, range(first, min(first + CHUNK, len(test))))
        _, mean = scope["eval_perplexity"](
            scope["model"], scope["inference_model"], some, scope["vocab"], scope["device"], samples
        )
        nll.append(float(mean))
        sizes.append(len(some))
    total = sum(size * each for size, each in zip(sizes, nll, strict=True)) / len(test)
    error = statistics.stdev(nll[:-1]) / math.sqrt(len(nll)) if len(nll) > 2 else math.nan
    return {f"test_nll_{samples}": total, f"test_nll_{samples}_se": error}


def speed(scope: dict[str, Any], words: int, samples: int, codes: int) -> dict[str, float]:
    """Return the seconds of importance sampling and of greedy decoding."""
    import torch

    test, vocab, device = scope["test_dataset"], scope["vocab"], scope["device"]
    some = torch.utils.data.Subset(test, range(words))
    model, inference_model = scope["model"], scope["inference_model"]
    z = torch.randint(2, (codes, scope["latent_size"])).float()

    def evaluate() -> None:
        scope["eval_perplexity"](model, inference_model, some, vocab, device, samples)

    def decode() -> None:
        scope["greedy_decode"](model, z, vocab)

    decode()  # the first call is slow
    return {"evaluation": seconds(evaluate), "decoding": seconds(decode)}


def seconds(work: Callable[[], None]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def load_module(path: Path) -> Any:  # noqa: ANN401 - a module
    """Import the file at `path`."""
    spec = importlib.util.spec_from_file_location("notebook_baseline", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path}: not found")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(source: str, data: Path, seed: int, seconds: float | None = None) -> dict[str, Any]:
    """Execute the notebook's code in a scratch folder that holds its data; return its names."""
    import matplotlib as mpl
    import numpy as np
    import torch

    mpl.use("Agg")
    torch.manual_seed(seed)
    np.random.seed(seed)  # the notebook draws from NumPy's global generator
    times: dict[str, float] = {}
    scope: dict[str, Any] = {
        "__name__": "notebook",
        "_times": times,
        "_deadline": Deadline(times, seconds or math.inf),
        "_clock": lambda name: times.setdefault(name, time.perf_counter()),
    }
    back = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        for split in ("train", "dev", "test"):
            shutil.copy(data / f"spanish-task1-{split}", folder)
        os.chdir(folder)
        try:
            exec(compile(source, "notebook", "exec"), scope)
        finally:
            os.chdir(back)
    return scope


if __name__ == "__main__":
    main()
