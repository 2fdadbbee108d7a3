"""Quality by the minute: the test NLL over the time that a training may take.

    python benchmarks/minutes.py --baseline ../shared/baseline \
        --data-folder ../shared/data/sigmorphon2016 --json minutes.json --figures docs/images

On each list, at each budget, for each seed:

- lexbits          lexbits train DATA --minutes N --seed SEED
- lexbits, plain   the same with --bits 0
- n-gram           lexbits baseline ngram DATA, once a list
- notebook         the founding notebook, trained until the time is over
- Transformer, LSTM    those of character_models.py, of the kind that people train on names

All learn from the same words, are chosen by the same dev words, those that are not in train, and
are measured on the same test words. The notebook differs in this: it has at most 2,000 dev words,
as it reads all of them every hundred steps, and its NLL is that of 3,000 test words drawn at
random, by its own importance sampling with the same S, which takes minutes for all of them.

Minutes are those of a machine on which the notebook takes 65 ms for a training step. What it takes
here, the median of 40 steps, is measured before the first job and again every half an hour, and
budgets are multiplied by the ratio, the `stretch`. A budget holds all of a training: evaluations on
dev words, teachers, synthetic words; not start-up and the reading of the list. `seconds` is what it
took. Jobs run one after the other with all cores; nothing else should run.

Each job has a row in --json, kept as soon as it is there; a stopped benchmark goes on with what is
missing if the same command is given again, and what failed is tried again. --data, --models,
--minutes and --seeds select jobs. --dry-run only says which there are and how long they take,
--summary only prints the tables and draws. Runs, word lists and logs are kept in --out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from minutes_jobs import DATA, LEXBITS, MODELS, NGRAM, NOTEBOOK, PLAIN, Job, call, measure
from minutes_results import draw, tables

MINUTES = (1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
REFERENCE_MS, STEPS, AGAIN = 65.0, 40, 1800.0
BESIDE = {LEXBITS: 240.0, PLAIN: 90.0, NOTEBOOK: 150.0}
OTHERS = 45.0
"""Seconds that a job takes besides its training, about, of the models named and of the others."""


def main() -> None:
    """Run what is missing, print the tables, draw the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--baseline", type=Path, help="folder with notebook_baseline.py")
    parser.add_argument("--data-folder", type=Path, help="folder with the SIGMORPHON files")
    parser.add_argument("--data", nargs="+", choices=DATA, default=list(DATA))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--minutes", nargs="+", type=float, default=list(MINUTES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--samples", type=int, default=100, help="S, on the test words")
    parser.add_argument("--stretch", type=float, help="of budgets, instead of timing the notebook")
    parser.add_argument("--out", type=Path, default=Path("runs/minutes"))
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--figures", type=Path, help="folder in which minutes-DATA.png are drawn")
    parser.add_argument("--dry-run", action="store_true", help="only say what there is to do")
    parser.add_argument("--summary", action="store_true", help="only print and draw what there is")
    options = parser.parse_args()
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    failed: list[Job] = []
    if not options.summary:
        jobs = missing(options, rows)
        say(f"{len(jobs)} jobs: {estimate(jobs, options.stretch or 1.0)}")
        if options.dry_run:
            print("\n".join(map(str, jobs)))
            return
        refuse_impossible(parser, options, jobs)
        failed = run(options, jobs, rows)
    print(tables(rows))
    if options.figures:
        draw(rows, options.figures)
    if failed:
        raise SystemExit(f"failed: {'; '.join(map(str, failed))} (logs in {options.out})")


def missing(options: argparse.Namespace, rows: list[dict[str, Any]]) -> list[Job]:
    """Return the jobs asked for that have no row, short ones first; the n-gram has no minutes."""
    done = {(row["data"], row["model"], row["minutes"], row["seed"]) for row in rows}
    wanted = [Job(data, NGRAM, 0.0, 0) for data in options.data if NGRAM in options.models]
    wanted += [
        Job(data, model, minutes, seed)
        for minutes in sorted(options.minutes)
        for seed in options.seeds
        for data in options.data
        for model in options.models
        if model != NGRAM
    ]
    return [job for job in wanted if job not in done]


def refuse_impossible(
    parser: argparse.ArgumentParser, options: argparse.Namespace, jobs: Sequence[Job]
) -> None:
    """Check that there is a notebook where one is needed."""
    timed = not options.stretch
    if (timed or any(job.model == NOTEBOOK for job in jobs)) and not options.baseline:
        parser.error("expected --baseline; without the notebook, --stretch and --models too")
    if timed and not options.data_folder:
        parser.error("expected --data-folder: the notebook is timed on its Spanish words")


def estimate(jobs: Sequence[Job], stretch: float) -> str:
    """Say how long jobs take."""
    training = stretch * sum(job.minutes for job in jobs) / 60
    beside = stretch * sum(BESIDE.get(job.model, OTHERS) for job in jobs) / 3600
    return f"about {training + beside:.1f} hours, {training:.1f} of them of training"


def run(options: argparse.Namespace, jobs: Sequence[Job], rows: list[dict[str, Any]]) -> list[Job]:
    """Run the jobs, keep the row of each, return those that failed."""
    options.out.mkdir(parents=True, exist_ok=True)
    stretch, step_ms, measured = options.stretch, None, -AGAIN
    failed = []
    for number, job in enumerate(jobs):
        if not options.stretch and time.monotonic() - measured >= AGAIN:
            step_ms, measured = notebook_step_ms(options), time.monotonic()
            stretch = step_ms / REFERENCE_MS
            left = estimate(jobs[number:], stretch)
            say(f"notebook: {step_ms:.1f} ms a step, stretch {stretch:.2f}; {left}")
        say(f"{number + 1} of {len(jobs)}: {job}")
        seconds = 60 * job.minutes * stretch
        try:
            found = measure(options, job, seconds)
        except (subprocess.CalledProcessError, OSError) as error:
            say(f"failed: {error}")
            failed.append(job)
            continue
        time_given = {
            "budget_seconds": seconds,
            "stretch": stretch,
            "notebook_step_ms": step_ms,
        }
        rows.append({**job._asdict(), **time_given, **found, **machine()})
        keep(options.json, rows)
        say(f"  NLL {found['nll']:.3f} ± {found['nll_se']:.3f}, {found['seconds']:.0f} seconds")
    return failed


def notebook_step_ms(options: argparse.Namespace) -> float:
    """Return the milliseconds that the notebook takes for a training step, the median of some."""
    out = options.out / "notebook-step.json"
    arguments = ["--data", options.data_folder, "--steps", STEPS, "--out", out]
    call([options.baseline / "notebook_baseline.py", *arguments], out.with_suffix(".log"))
    return float(json.loads(out.read_text("utf-8"))["train_ms_per_step"])


def machine() -> dict[str, Any]:
    """Return where and when a job has run."""
    import torch

    from lexbits.training.devices import cpu_has_bf16

    return {
        "date": date.today().isoformat(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "bf16": cpu_has_bf16(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "lexbits": version("lexbits"),
    }


def keep(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows; a file that is there is replaced as a whole."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def say(message: str) -> None:
    """Tell the user, with the time."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
