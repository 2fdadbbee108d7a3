"""The parts of gpu.py: each measures, and adds to a report what it has found so far."""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from gpu import Report

    from lexbits.data.corpus import Corpus
    from lexbits.word_model import WordModel

ROOT = Path(__file__).resolve().parents[1]
MODEL = "pretrained:es"
BATCHES, STEPS = (64, 256, 1024, 4096), 25
SAMPLES, COMPARED, SAMPLES_COMPARED = 100, 64, 10
CODES = 10_000
AIM = 0.6
"""The part of its limit that an enumeration is planned for."""

Options = argparse.Namespace


def machine() -> dict[str, Any]:
    """Return what there is to know of this machine, or why it is not known."""
    try:
        import torch

        found: dict[str, Any] = {"torch": torch.__version__, "cuda": torch.version.cuda}
        if torch.cuda.is_available():
            gpu = torch.cuda.get_device_properties(0)
            found |= {"gpu": gpu.name, "bytes": gpu.total_memory, "gpus": torch.cuda.device_count()}
            found |= {"capability": f"{gpu.major}.{gpu.minor}"}
            cudnn: Any = torch.backends.cudnn
            found |= {"cudnn": cudnn.version()}
    except Exception as error:
        return {"message": f"{type(error).__name__}: {error}"}
    return found


def tests(options: Options, _: str, report: Report) -> None:
    """Run the tests that are marked `gpu`."""
    files = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if "mark.gpu" in path.read_text(encoding="utf-8")
    ]
    command = [sys.executable, "-m", "pytest", "-m", "gpu", "-o", "addopts=", "-q", "-rfE"]
    command += ["--tb=short", "-p", "no:cacheprovider", *files]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "LEXBITS_TEST_DEVICE": options.device},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)
    lines = done.stdout.strip().splitlines()
    counts = re.findall(r"(\d+) (passed|failed|skipped|errors?)", lines[-1] if lines else "")
    report.add(**{kind: int(count) for count, kind in counts})
    failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if failed:
        report.add(failures=failed, output=lines[-200:])
    sys.exit(done.returncode)


def step(options: Options, arithmetic: str, report: Report) -> None:
    """Time training steps: median milliseconds, and words a second."""
    from speed import Clock

    from lexbits.alphabet import Alphabet
    from lexbits.config import resolve
    from lexbits.training.loop import train
    from lexbits.training.session import Session

    sizes = (8, 16) if options.quick else BATCHES
    steps = 4 if options.quick else STEPS
    words = forms(options, "train")
    alphabet, dev = Alphabet.from_words(words), words[:10]
    with noted(options, report):
        for preset in ("default", "best"):
            for size in sizes:
                repeated = words * (1 + size * steps // len(words))
                asked = {"batch_size": size, "epochs": 1, **place(options, arithmetic)}
                settings = resolve({**asked, "synthetic_words": 0.0, "teachers": 0}, preset=preset)
                clock = Clock(steps)
                train(Session.start(settings, alphabet, repeated, dev), clock)
                median = statistics.median(clock.seconds[2:])
                found = {"milliseconds": 1e3 * median, "words_per_second": size / median}
                report.add(**{f"{preset}, batch {size}": found})


def decoding(options: Options, arithmetic: str, report: Report) -> None:
    """Decode codes of the prior: words a second."""
    from lexbits.decoding import draw_words
    from lexbits.decoding.methods import Method

    model = load(options, arithmetic)
    count = 50 if options.quick else CODES
    with noted(options, report):
        for method in get_args(Method):
            for words in (10, count // 10 if method == "beam" else count):  # first to warm up
                began = time.perf_counter()
                draw_words(model.network, range(words), 0, 30, method)[1].symbols.cpu()
                took = time.perf_counter() - began
            report.add(**{f"{method}, words per second": words / took})


def importance(options: Options, arithmetic: str, report: Report) -> None:
    """Score the test words with S = 100."""
    import numpy as np

    from lexbits.likelihood import score_words

    model = load(options, arithmetic)
    words = test_words(options, model, 20 if options.quick else None)
    with noted(options, report):
        few = words.part(np.arange(min(len(words), COMPARED)))
        processor = argparse.Namespace(device="cpu")
        here = score_words(load(processor, "fp32").network, few, SAMPLES_COMPARED).log_prob
        there = score_words(model.network, few, SAMPLES_COMPARED).log_prob
        report.add(largest_difference=float(abs(there - here).max()))
        report.add(words=len(words), samples=SAMPLES)
        began = time.perf_counter()
        found = score_words(model.network, words, SAMPLES)
        took = time.perf_counter() - began
        nll, ess = -float(found.log_prob.mean()), float(found.ess.mean())
        report.add(scoring_seconds=took, nll=nll, ess=ess)


def exact(options: Options, arithmetic: str, report: Report) -> None:
    """Sum over all codes of the test words, or of as many of them as the limit allows."""
    from lexbits.data.corpus import Corpus
    from lexbits.likelihood import estimate_cost
    from lexbits.likelihood.exact import exact_log_prob

    model = load(options, arithmetic)
    words = test_words(options, model, 20 if options.quick else None)
    with noted(options, report):
        cost = estimate_cost(model.network, words)
        report.add(codes=cost.codes, prefixes=cost.prefixes, estimated_seconds=cost.seconds)
        share = min(1.0, AIM * options.seconds / cost.seconds)
        spelled = sorted(forms(options, "test")[: len(words)])
        count = max(1, int(share * len(spelled)))
        first = (len(spelled) - count) // 2
        part = Corpus.from_words(spelled[first : first + count], model.alphabet)
        report.add(words=count, of=len(spelled))
        began = time.perf_counter()
        nll = -float(exact_log_prob(model.network, part).mean())
        report.add(enumeration_seconds=time.perf_counter() - began, nll=nll)


def best(options: Options, arithmetic: str, report: Report) -> None:
    """Train `best` to its end as a user would, and evaluate it."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        data = ["sigmorphon2016:spanish", f"--data-folder={options.data}"]
        data = data if options.data else ["simplemma:es"]
        asked = [f"--{name}={value}" for name, value in place(options, arithmetic).items()]
        small = ["--limit=300", "--epochs=1", "--teacher-epochs=1", "--hidden-size=16"]
        command = [sys.executable, "-m", "lexbits", "train", *data, "--preset=best", *asked]
        command += [f"--out={run}", *(small if options.quick else [])]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=sys.stderr)
        try:
            while process.poll() is None:
                time.sleep(1)
                report.add(**stand(run))
        finally:
            process.terminate()
        report.add(training_seconds=time.perf_counter() - began, **stand(run))
        if process.returncode:
            sys.exit(process.returncode)
        command = [sys.executable, "-m", "lexbits", "evaluate", str(run), "--json"]
        command += [f"--device={options.device}", f"--samples={SAMPLES}"]
        command += ["--words=50", "--gain-words=5"] if options.quick else []
        began = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
        found = json.loads(done.stdout)
        test = {
            name: found[name] for name in ("words", "nll", "elbo", "rate", "mutual_information")
        }
        report.add(evaluation_seconds=time.perf_counter() - began, test=test)


def stand(run: Path) -> dict[str, Any]:
    """Return how far a training has come: of its teachers, and its own."""
    found: dict[str, Any] = {}
    for path in [*sorted(run.glob("teachers/*/metrics.jsonl")), run / "metrics.jsonl"]:
        name = "model" if path.parent == run else f"teacher {path.parent.name}"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        records = [json.loads(line) for line in lines]
        if records:
            found[name] = {
                "epochs": len(records),
                "steps": records[-1]["step"],
                "epoch_seconds": round(sum(record["seconds"] for record in records), 2),
                "dev_nll": min(record["dev_nll"] for record in records),
            }
    return found


MEASURES: dict[str, Callable[[Options, str, Report], None]] = {
    "tests": tests,
    "step": step,
    "decoding": decoding,
    "importance": importance,
    "exact": exact,
    "best": best,
}
"""The parts by name, in the order in which they are measured."""


def place(options: Options, arithmetic: str) -> dict[str, str]:
    """Return the settings that say where, and how, networks compute; TF32 is torch's own switch."""
    return {"device": options.device, "precision": "bf16" if arithmetic == "bf16" else "fp32"}


def load(options: Options, arithmetic: str) -> WordModel:
    """Return the trained model."""
    from lexbits import WordModel

    asked: dict[str, Any] = place(options, arithmetic)
    if asked["precision"] == "fp32":
        del asked["precision"]  # what a model computes in unless asked otherwise
    return WordModel.load(MODEL, **asked)


def forms(options: Options, split: str) -> list[str]:
    """Return the words of a split."""
    from lexbits.config import resolve
    from lexbits.data import load_splits

    data = {"data": "simplemma:es"}
    if options.data:
        data = {"data": "sigmorphon2016:spanish", "data_folder": str(options.data)}
    return [entry.form for entry in getattr(load_splits(resolve(data)), split)]


def test_words(options: Options, model: WordModel, most: int | None) -> Corpus:
    """Return the test words as symbols of the model."""
    from lexbits.data.corpus import Corpus

    return Corpus.from_words(forms(options, "test")[:most], model.alphabet)


@contextmanager
def noted(options: Options, report: Report) -> Iterator[None]:
    """Add what torch warns of meanwhile, and the most memory that a GPU held."""
    import torch

    from lexbits.accelerators import full_float32

    with warnings.catch_warnings(record=True) as said, full_float32():
        warnings.simplefilter("always")
        try:
            yield
        finally:
            texts = {str(warning.message).splitlines()[0] for warning in said}
            report.add(warnings=sorted(texts))
            if options.device == "cuda":
                report.add(peak_bytes=torch.cuda.max_memory_allocated())
