"""One job of minutes.py: a model that learns for so many seconds, and what it then reaches.

Each training is a process of its own. What the processes say is kept in a log beside their output.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
LEXBITS, PLAIN, NGRAM, NOTEBOOK = "lexbits", "lexbits, plain", "n-gram", "notebook"
CHARACTER_MODELS = {"Transformer": "transformer", "LSTM": "lstm"}
MODELS = (LEXBITS, PLAIN, NGRAM, NOTEBOOK, *CHARACTER_MODELS)
DATA: dict[str, dict[str, Any]] = {
    "spanish": {"data": "sigmorphon2016:spanish"},
    "german": {"data": "sigmorphon2016:german"},
    "turkish": {"data": "sigmorphon2016:turkish"},
    "english-3000": {"data": "simplemma:en", "limit": 3000},
    "spanish-300000": {"data": "simplemma:es", "limit": 300_000},
}
"""The settings that name each list."""
NOTEBOOK_DEV, NOTEBOOK_TEST = 2000, 3000
WORDS_READ = re.compile(rb" training, .* dev, .* test words")
"""What `lexbits train` says once it has read the words."""


class Job(NamedTuple):
    """What one row is about."""

    data: str
    model: str
    minutes: float
    seed: int

    def __str__(self) -> str:
        how = "" if self.model == NGRAM else f", {self.minutes:g} minutes, seed {self.seed}"
        return f"{self.data}, {self.model}{how}"


def measure(options: argparse.Namespace, job: Job, seconds: float) -> dict[str, Any]:
    """Train the model of a job for so many seconds and return its figures.

    Raises:
        CalledProcessError: a program failed.
    """
    name = f"{job.data}-{job.model}-{job.minutes:g}-{job.seed}".lower().replace(", ", "-")
    out, log = options.out / f"{name}.json", options.out / f"{name}.log"
    if job.model == NGRAM:
        return of_ngram(options, job, out, log)
    if job.model in (LEXBITS, PLAIN):
        return of_lexbits(options, job, seconds, out, log)
    words = written_words(options, job.data)
    given = ["--seconds", seconds, "--seed", job.seed]
    if job.model == NOTEBOOK:
        return of_notebook(options, [words, out, *given], out, log)
    program = [HERE / "character_models.py", CHARACTER_MODELS[job.model], words, "--json", out]
    call([*program, *given], log)
    found: dict[str, Any] = json.loads(out.read_text("utf-8"))
    return found


def of_lexbits(
    options: argparse.Namespace, job: Job, seconds: float, out: Path, log: Path
) -> dict[str, Any]:
    """Train and evaluate as a user would."""
    place = options.out / out.name.removesuffix(".json")
    train = ["lexbits", "train", *source(options, job.data), "--minutes", f"{seconds / 60:.6g}"]
    train += ["--seed", str(job.seed), *(["--bits", "0"] if job.model == PLAIN else [])]
    began = call(["-m", *train, "--out", place, "--overwrite"], log)
    evaluate = ["lexbits", "evaluate", place, "--samples", options.samples, "--gain-words", 1]
    call(["-m", *evaluate, "--json"], log, out)
    found = json.loads(out.read_text("utf-8"))
    names = ["words", "nll", "nll_se", "seen_nll", "samples", "perplexity_per_symbol"]
    if job.model == LEXBITS:
        names += ["mutual_information", "rate", "marginal_kl", "active_bits", "ess"]
    ended = max(path.stat().st_mtime for path in (place / "metrics.jsonl", place / "state"))
    return {"seconds": ended - began, **{n: found[n] for n in names}, **course(place)}


def course(place: Path) -> dict[str, Any]:
    """Return the settings of a run that are not the defaults, and how its training went."""
    from lexbits.config import resolve
    from lexbits.runs.folder import RunFolder
    from lexbits.training.records import best_record

    run = RunFolder.open(place)
    usual, elsewhere = resolve().model_dump(), {"data", "data_folder", "limit", "seed"}
    chosen = run.settings().model_dump()
    records = run.metrics()
    best = best_record(records)
    return {
        "dev_nll": best["dev_nll"],
        "best_epoch": best["epoch"],
        "epochs": len(records),
        "steps": records[-1]["step"],
        "settings": {n: v for n, v in chosen.items() if n not in elsewhere and v != usual[n]},
    }


def of_ngram(options: argparse.Namespace, job: Job, out: Path, log: Path) -> dict[str, Any]:
    """Return the figures of the Kneser-Ney model; its seconds hold start-up and reading too."""
    began = time.perf_counter()
    command = ["lexbits", "baseline", "ngram", *source(options, job.data), "--json"]
    call(["-m", *command], log, out)
    took, found = time.perf_counter() - began, json.loads(out.read_text("utf-8"))
    order = found["order"]
    names = ("words", "nll", "nll_se", "seen_nll", "perplexity_per_symbol")
    figures = {name: found[name] for name in names} | {"dev_nll": found["dev_nll"][str(order)]}
    return {"seconds": took, **figures, "settings": {"order": order}}


def of_notebook(
    options: argparse.Namespace, arguments: Sequence[object], out: Path, log: Path
) -> dict[str, Any]:
    """Train the notebook until the time is over."""
    program = [HERE / "notebook_run.py", options.baseline, *arguments]
    call([*program, "--samples", options.samples], log)
    found = json.loads(out.read_text("utf-8"))
    nll = f"test_nll_{options.samples}"
    return {
        "seconds": found["train_seconds"],
        "words": found["test_words"],
        "nll": found[nll],
        "nll_se": found[f"{nll}_se"],
        "samples": options.samples,
        "rate": found["test_rate"],
        "best_epoch": found["best_epoch"],
        "steps": found["steps"],
        "settings": {},
    }


def written_words(options: argparse.Namespace, data: str) -> Path:
    """Return a folder with the words that lexbits has, as lists and as the notebook reads them.

    A split is in a random order, so that its first words are a sample.
    """
    from lexbits.config import resolve
    from lexbits.runs.words import read_words

    folder: Path = options.out / "words" / data
    if (folder / "whole").exists():
        return folder
    place = {"data_folder": str(options.data_folder)} if options.data_folder else {}
    words = read_words(resolve(DATA[data] | place), lambda message: None)
    learned, dev = words.forms()
    test = [entry.form for entry in words.splits["test"]]
    folder.mkdir(parents=True, exist_ok=True)
    for split, forms in (("train", list(learned.forms)), ("dev", list(dev)), ("test", test)):
        random.Random(0).shuffle(forms)
        (folder / f"{split}.txt").write_text("".join(f"{form}\n" for form in forms), "utf-8")
        # The notebook takes the last word of each line, whatever is before it.
        most = {"dev": NOTEBOOK_DEV, "test": NOTEBOOK_TEST}.get(split)
        rows = "".join(f"-\t-\t{form}\n" for form in forms[:most])
        (folder / f"spanish-task1-{split}").write_text(rows, "utf-8")
    (folder / "whole").touch()
    return folder


def source(options: argparse.Namespace, data: str) -> list[str]:
    """Return the arguments of lexbits that name a list."""
    name, limit = DATA[data]["data"], DATA[data].get("limit")
    folder = ["--data-folder", str(options.data_folder)] if options.data_folder else []
    return [name, *(["--limit", str(limit)] if limit else []), *folder]


def call(command: Sequence[object], log: Path, out: Path | None = None) -> float:
    """Run a program, and return when it had read its words; else when it began.

    Args:
        command: what follows `python`.
        log: what it says is added to it.
        out: gets what it prints, if that does not belong there too.

    Raises:
        CalledProcessError: it failed.
    """
    arguments = [sys.executable, "-u", *map(str, command)]
    began, read = time.time(), None
    with log.open("ab") as said, out.open("wb") if out else nullcontext(said) as printed:
        said.write(f"{' '.join(arguments)}\n".encode())
        said.flush()
        with subprocess.Popen(arguments, stdout=printed, stderr=subprocess.PIPE) as process:
            for line in process.stderr or ():
                if read is None and WORDS_READ.search(line):
                    read = time.time()
                said.write(line)
                said.flush()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments)
    return read or began
