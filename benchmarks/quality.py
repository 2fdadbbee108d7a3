"""Likelihood, information and reconstruction on the test words, beside the floors.

    python benchmarks/quality.py --data-folder ../shared/data/sigmorphon2016 --out runs \
        --json quality.json --data sigmorphon2016:spanish --models best default --seeds 0 1 2
    python benchmarks/quality.py --data-folder ../shared/data/sigmorphon2016 --out runs \
        --json quality.json --figure docs/images/rates --seeds 0 --models best \
        "best, taught plain" "1 nat, half the steps" "2 nats, half the steps" \
        "3 nats, half the steps" "8 nats, half the steps" "24 bits, 11 nats, half the steps" \
        "64 bits, words whole"

For each data set the n-gram floor; for each seed the models asked for and, with `best`, the plain
language model with the preset `plain`: the first teacher, trained with just these settings. Models
that differ from `best` in a flag share its teachers, as the runs of a sweep do: `best` comes first.
All are chosen by dev words and measured on the same test words, the difference to the plain model
word by word with a paired bootstrap. Runs in --out and rows in --json are kept, so that a stopped
benchmark goes on. One thread for each process; seconds are sums over epochs, teachers counted.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

FLOOR, PLAIN, BEST = "n-gram", "plain", "best"
WHOLE = {
    "bits": 64,
    "rate_target": 0.0,
    "kl_weight": 0.0,
    "estimator": "gumbel-st",
    "samples": 1,
    "encoder_hidden_size": 512,
    "dropout": 0.0,
    "synthetic_words": 6.0,
    "steps": 14_000,
}
"""For words to come back whole: nothing is paid for bits, and twice the steps, on more words."""
HALF: dict[str, Any] = {"steps": 3500}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    BEST: ("best", {}),
    "default": ("default", {}),
    "best, no teachers": ("best", {"teachers": 0, "synthetic_words": 0.0}),
    "best, taught plain": ("best", {"bits": 0, "rate_target": 0.0}),
    "1 nat, half the steps": ("best", HALF | {"rate_target": 1.0}),
    "2 nats, half the steps": ("best", HALF | {"rate_target": 2.0}),
    "3 nats, half the steps": ("best", HALF | {"rate_target": 3.0}),
    "8 nats, half the steps": ("best", HALF | {"rate_target": 8.0}),
    "24 bits, 11 nats, half the steps": ("best", HALF | {"bits": 24, "rate_target": 11.0}),
    "64 bits, words whole": ("best", WHOLE),
}
FIGURES = (
    *("nll", "nll_se", "perplexity_per_symbol", "elbo", "rate", "distortion", "ess"),
    *("mutual_information", "marginal_kl", "total_correlation", "active_bits"),
)


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["sigmorphon2016:spanish"])
    parser.add_argument("--data-folder", help="folder with the SIGMORPHON files")
    parser.add_argument("--limit", default="auto", help="draw so many words of a list")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=[BEST, "default"], choices=MODELS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--samples", type=int, default=1000, help="S, on the test words")
    parser.add_argument("--words", type=int, help="measure on so many of them, drawn at random")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--figure", type=Path, help="path without ending: .png and .svg are drawn")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.data_folder:
        os.environ["LEXBITS_DATA"] = options.data_folder
    if options.one:
        data, model, seed = options.one
        print(json.dumps(measure_one(options, data, model, int(seed))))
        return
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    done = {(row["data"], row["model"], row["seed"]) for row in rows}
    wanted = [(data, FLOOR, 0) for data in options.data] + [
        (data, model, seed)
        for model in sorted(options.models, key=lambda model: model != BEST)
        for data in options.data
        for seed in options.seeds
    ]
    missing = [job for job in wanted if job not in done]
    first = [job for job in missing if job[1] in (FLOOR, BEST)]
    with ThreadPoolExecutor(options.processes) as pool:
        for jobs in (first, [job for job in missing if job not in first]):
            for found in pool.map(lambda job: run(options, *job), jobs):
                rows += found
                options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))
    if options.figure:
        draw(rows, options.figure)


def run(options: argparse.Namespace, data: str, model: str, seed: int) -> list[dict[str, Any]]:
    """Train and measure in processes of their own, of one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if model != FLOOR:
        out = prepared(options, data, model, seed)
        command = [sys.executable, "-m", "lexbits", "train", "--resume", str(out)]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment)
    arguments = ["--out", str(options.out), "--json", os.devnull, "--samples", str(options.samples)]
    arguments += ["--limit", options.limit]
    if options.words:
        arguments += ["--words", str(options.words)]
    measured = subprocess.run(
        [sys.executable, __file__, *arguments, "--one", data, model, str(seed)],
        check=True,
        stdout=subprocess.PIPE,
        env=environment,
    )
    found: list[dict[str, Any]] = json.loads(measured.stdout)
    return found


def folder(out: Path, data: str, model: str, seed: int) -> Path:
    """Return the place of a run."""
    name = f"{Path(data.replace(':', '-')).stem}-{model}-{seed}"
    return out / name.replace(", ", "-").replace(" ", "-")


def prepared(options: argparse.Namespace, data: str, model: str, seed: int) -> Path:
    """Return the place of a run that is there, or that is made now."""
    from lexbits.config import resolve
    from lexbits.runs.folder import RunFolder
    from lexbits.runs.words import create_run, read_words

    path = folder(options.out, data, model, seed)
    if not (path / "config.toml").exists():
        preset, flags = MODELS[model]
        settings = resolve({"data": data, "limit": options.limit, "seed": seed, **flags}, preset)
        words = read_words(settings, lambda message: None)
        with create_run(path, settings, words) as new:
            if flags and settings.teachers:
                best = RunFolder.open(folder(options.out, data, BEST, seed))
                new.take_teachers(best)
                if "synthetic_words" not in flags:  # then the same words are drawn
                    new.write_synthetic(best.synthetic())
    return path


def measure_one(
    options: argparse.Namespace, data: str, model: str, seed: int
) -> list[dict[str, Any]]:
    """Return the rows of a trained model and, with `best`, of the plain model."""
    name = {"data": data, "model": model, "seed": seed}
    if model == FLOOR:
        return [name | ngram_floor(data, options.limit)]
    from lexbits.runs.folder import RunFolder

    run = RunFolder.open(folder(options.out, data, model, seed))
    row, log_prob = measured(run, options)
    rows = [name | row]
    if run.settings().teachers:
        plain, plain_log_prob = measured(RunFolder.open(run.teacher(0)), options)
        rows[0] |= difference(plain_log_prob - log_prob)
        if model == BEST:
            rows.append({**name, "model": PLAIN, **plain})
    return rows


def measured(run: Any, options: argparse.Namespace) -> tuple[dict[str, Any], Any]:  # noqa: ANN401
    """Return figures of the run's best model on its test words, and log p(x) of each."""
    from lexbits.data.corpus import Corpus
    from lexbits.likelihood import score_words
    from lexbits.measures.evaluation import sum_up
    from lexbits.measures.reconstruction import reconstruction
    from lexbits.randomness import seeded_torch
    from lexbits.studies.summary import training_seconds
    from lexbits.word_model import WordModel

    model = WordModel.load(run.path)
    forms = [entry.form for entry in run.split("test")]
    if options.words and options.words < len(forms):
        forms = random.Random(0).sample(forms, options.words)
    corpus = Corpus.from_words(forms, model.alphabet)
    with seeded_torch(0, "evaluate"):
        scores = score_words(model.network, corpus, options.samples)
    figures = sum_up(model.network, scores)
    search = model.settings.kl_weight == 0  # what is trained to bring words back
    rebuilt = reconstruction(model.network, corpus, search) if model.settings.bits else None
    row = {
        "words": len(corpus),
        **{name: getattr(figures, name) for name in FIGURES},
        "nll_by_samples": {str(s): -float(v.mean()) for s, v in scores.by_samples.items()},
        "exact": rebuilt.exact if rebuilt else None,
        "edit_distance": rebuilt.edit_distance if rebuilt else None,
        "searched_exact": rebuilt.searched_exact if rebuilt else None,
        "rate_target": model.settings.rate_target,
        "dev_nll": min(record["dev_nll"] for record in run.metrics()),
        "seconds": training_seconds(run),
    }
    return row, scores.log_prob


def difference(nll: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the mean difference to the plain model, word by word, and its 95 % interval."""
    from lexbits.measures.bootstrap import paired_bootstrap

    low, high = paired_bootstrap(nll)
    return {"nll_difference": float(nll.mean()), "difference_low": low, "difference_high": high}


def ngram_floor(data: str, limit: str) -> dict[str, Any]:
    """Return the figures of the Kneser-Ney model."""
    from lexbits.config import resolve
    from lexbits.runs.words import read_words
    from lexbits.studies.baseline import ngram_baseline

    words = read_words(resolve({"data": data, "limit": limit}), lambda message: None)
    found = ngram_baseline(words, list(range(2, 9)))
    return {
        "words": found.words,
        "nll": found.nll,
        "nll_se": found.nll_se,
        "perplexity_per_symbol": found.perplexity_per_symbol,
        "dev_nll": min(found.dev_nll.values()),
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return means over seeds as a table in Markdown; of the NLL, the lowest and highest too."""
    columns = ("elbo", "rate", "mutual_information", "marginal_kl", "active_bits", "seconds")
    lines = [
        "| data | model | seeds | test NLL | lowest–highest | ± over words "
        "| − plain, each seed [95 %] | rebuilt | by search | ELBO | rate | MI | marginal KL "
        "| active bits | training, s |",
        "|" + "---|" * 15,
    ]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["data"], row["model"]), []).append(row)
    for (data, model), group in sorted(groups.items()):
        nll = [row["nll"] for row in group]
        rebuilt, searched = (
            [row[name] for row in group if row.get(name) is not None]
            for name in ("exact", "searched_exact")
        )
        cells = [
            data,
            model,
            str(len(group)),
            f"{statistics.mean(nll):.3f}",
            f"{min(nll):.3f}–{max(nll):.3f}",
            f"{group[0]['nll_se']:.3f}",
            "; ".join(
                f"{row['nll_difference']:+.3f} [{row['difference_low']:+.3f}, "
                f"{row['difference_high']:+.3f}]"
                for row in group
                if "nll_difference" in row
            ),
            f"{statistics.mean(rebuilt):.1%}" if rebuilt else "",
            f"{statistics.mean(searched):.1%}" if searched else "",
            *(
                f"{statistics.mean(row[name] for row in group):.2f}" if name in group[0] else ""
                for name in columns
            ),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the models that hold a rate, and the one that brings words back, of the first seed."""
    from lexbits.figures.style import as_file
    from lexbits.figures.sweep import sweep_figure

    first = [row for row in rows if (row["data"], row["seed"]) == (rows[0]["data"], 0)]
    free = [row | {"nll": math.nan} for row in first if row["model"] == "64 bits, words whole"]
    held = [row for row in first if row.get("rate_target")]
    points = sorted([*held, *free], key=lambda row: row["rate"])
    plain = next(row for row in first if row["model"] == PLAIN)
    path.parent.mkdir(parents=True, exist_ok=True)
    for kind in ("png", "svg"):
        path.with_suffix(f".{kind}").write_bytes(as_file(sweep_figure(points, plain), kind))


if __name__ == "__main__":
    main()
