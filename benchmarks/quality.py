"""Likelihood and information of trained models on the test words, beside their floors.

    python benchmarks/quality.py --data sigmorphon2016:spanish --data-folder \
        ../shared/data/sigmorphon2016 --out runs --json quality.json

For each data set and seed: the preset `best`, the plain language model with the preset `plain` (its
first teacher, trained with just these settings), and the preset `default`; and for each data set
the n-gram floor. All are chosen by dev words and measured on the same test words, the difference to
the plain model with a paired bootstrap over words. Runs in --out and rows in --json are kept, so
that a stopped benchmark goes on. One thread for each process; seconds are sums over epochs,
teachers counted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

PRESETS = ("best", "default")
FLOOR = "n-gram"


def main() -> None:
    """Run what is missing and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", nargs="+", default=["sigmorphon2016:spanish"])
    parser.add_argument("--data-folder", help="folder with the SIGMORPHON files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the runs")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--presets", nargs="+", default=PRESETS, choices=PRESETS)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--samples", type=int, default=1000, help="S, on the test words")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        data, preset, seed = options.one
        print(json.dumps(measure_one(options, data, preset, int(seed))))
        return
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    done = {(row["data"], row["preset"], row["seed"]) for row in rows}
    wanted = [(data, FLOOR, 0) for data in options.data] + [
        (data, preset, seed)
        for preset in options.presets
        for data in options.data
        for seed in options.seeds
    ]
    with ThreadPoolExecutor(options.processes) as pool:
        missing = [job for job in wanted if job not in done]
        for found in pool.map(lambda job: run(options, *job), missing):
            rows += found
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def run(options: argparse.Namespace, data: str, preset: str, seed: int) -> list[dict[str, Any]]:
    """Train and measure in processes of their own, of one thread."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if options.data_folder:
        environment["LEXBITS_DATA"] = options.data_folder
    if preset != FLOOR:
        out = folder(options.out, data, preset, seed)
        how = (
            ["--resume", str(out)]
            if (out / "config.toml").exists()
            else [data, "--preset", preset, "--seed", str(seed), "--out", str(out)]
        )
        command = [sys.executable, "-m", "lexbits", "train", *how]
        subprocess.run(command, check=True, stdout=sys.stderr, env=environment)
    arguments = ["--out", str(options.out), "--json", os.devnull, "--samples", str(options.samples)]
    measured = subprocess.run(
        [sys.executable, __file__, *arguments, "--one", data, preset, str(seed)],
        check=True,
        stdout=subprocess.PIPE,
        env=environment,
    )
    found: list[dict[str, Any]] = json.loads(measured.stdout)
    return found


def folder(out: Path, data: str, preset: str, seed: int) -> Path:
    """Return the place of a run."""
    return out / f"{Path(data.replace(':', '-')).stem}-{preset}-{seed}"


def measure_one(
    options: argparse.Namespace, data: str, preset: str, seed: int
) -> list[dict[str, Any]]:
    """Return the rows of a trained model and, where it has teachers, of the plain model."""
    if preset == FLOOR:
        return [{"data": data, "preset": FLOOR, "seed": seed, **ngram_floor(data)}]
    from lexbits.run import RunFolder

    run = RunFolder.open(folder(options.out, data, preset, seed))
    row, log_prob = measured(run, options.samples)
    rows = [{"data": data, "preset": preset, "seed": seed, **row}]
    if run.settings().teachers:
        teacher = RunFolder.open(run.teacher(0))
        plain, plain_log_prob = measured(teacher, options.samples)
        rows.append({"data": data, "preset": "plain", "seed": seed, **plain})
        rows[0] |= difference(plain_log_prob - log_prob)
    return rows


def measured(run: Any, samples: int) -> tuple[dict[str, Any], Any]:  # noqa: ANN401
    """Return figures of the run's best model on its test words, and log p(x) of each."""
    from lexbits.api import WordModel
    from lexbits.data.corpus import Corpus
    from lexbits.inference import score_words
    from lexbits.inference.accounting import sum_up
    from lexbits.summary import training_seconds
    from lexbits.training.randomness import seeded_torch

    model = WordModel.load(run.path)
    corpus = Corpus.from_words([entry.form for entry in run.split("test")], model.alphabet)
    with seeded_torch(0, "evaluate"):
        scores = score_words(model.network, corpus, samples)
    figures = sum_up(model.network, scores)
    row = {
        "words": len(corpus),
        "nll": figures.nll,
        "nll_se": figures.nll_se,
        "nll_by_samples": {str(s): -float(v.mean()) for s, v in scores.by_samples.items()},
        "perplexity_per_symbol": figures.perplexity_per_symbol,
        "elbo": figures.elbo,
        "rate": figures.rate,
        "mutual_information": figures.mutual_information,
        "marginal_kl": figures.marginal_kl,
        "total_correlation": figures.total_correlation,
        "active_bits": figures.active_bits,
        "ess": figures.ess,
        "dev_nll": min(record["dev_nll"] for record in run.metrics()),
        "seconds": training_seconds(run),
    }
    return row, scores.log_prob


def difference(nll: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return the mean difference to the plain model, word by word, and its 95 % interval."""
    from lexbits.inference.bootstrap import paired_bootstrap

    return {"minus_plain": float(nll.mean()), "interval": paired_bootstrap(nll)}


def ngram_floor(data: str) -> dict[str, Any]:
    """Return the figures of the Kneser-Ney model."""
    from lexbits.baselines import ngram_baseline
    from lexbits.config import resolve
    from lexbits.preparation import read_words

    words = read_words(resolve({"data": data}), lambda message: None)
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
        "| data | model | seeds | test NLL | lowest–highest | ± over words | − plain, each seed "
        "[95 %] | ELBO | rate | MI | marginal KL | active bits | training, s |",
        "|" + "---|" * 13,
    ]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["data"], row["preset"]), []).append(row)
    for (data, preset), group in sorted(groups.items()):
        nll = [row["nll"] for row in group]
        means = [
            f"{statistics.mean(row[name] for row in group):.2f}" if name in group[0] else "–"
            for name in columns
        ]
        differences = [
            "{:+.3f} [{:+.3f}, {:+.3f}]".format(row["minus_plain"], *row["interval"])
            for row in group
            if "minus_plain" in row
        ]
        cells = [
            data,
            preset,
            str(len(group)),
            f"{statistics.mean(nll):.3f}",
            f"{min(nll):.3f}–{max(nll):.3f}",
            f"{group[0]['nll_se']:.3f}",
            "; ".join(differences) or "–",
            *means,
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
