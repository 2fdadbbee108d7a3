"""Training with every estimator at equal decoder evaluations: exact NLL and gradient variance.

    python benchmarks/estimator_training.py --data ../shared/data/sigmorphon2016 \
        --json training.json --figure docs/images/estimators

Spanish SIGMORPHON 2016, 8 bits, a small model. Each estimator gets as many samples as fit into four
evaluations of the decoder for a word and step (or the fewest it can work with), and as many epochs
as make 36 evaluations for each training word in all. The weights of the last epoch are measured
with all 256 codes, on the same test words for all. Estimators of the ELBO train with three free
nats; those of another bound cannot have any. Rows already in --json are kept, so that a stopped
benchmark goes on. One thread for each process.
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

BUDGET, TOTAL = 4, 36
LEFT_OUT = ("enumeration",)  # 256 evaluations for each word and step
CURVE_WORDS, TEST_WORDS, VARIANCE_WORDS, REPEATS = 400, 2000, 64, 20


def main() -> None:
    """Run what is missing, print the table, draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with spanish-task1-{train,dev,test}")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--figure", type=Path, help="path without ending: .png and .svg are drawn")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(train_one(options.data, options.one[0], int(options.one[1]))))
        return
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    done = {(row["estimator"], row["seed"]) for row in rows}
    wanted = [(name, seed) for seed in options.seeds for name in names()]
    with ThreadPoolExecutor(options.processes) as pool:
        for row in pool.map(
            lambda job: run(options.data, *job), [job for job in wanted if job not in done]
        ):
            rows.append(row)
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            print(f"{row['estimator']} {row['seed']}: {row['test']['exact_nll']}", file=sys.stderr)
    print(table(rows))
    if options.figure:
        draw(rows, options.figure)


def names() -> list[str]:
    """Return the estimators that take part."""
    from lexbits.estimators import ESTIMATORS

    return [name for name in ESTIMATORS if name not in LEFT_OUT]


def run(data: str, name: str, seed: int) -> dict[str, Any]:
    """Train in a process of its own."""
    command = (sys.executable, __file__, "--data", data, "--json", os.devnull)
    done = subprocess.run(
        (*command, "--one", name, str(seed)),
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def train_one(data: str, name: str, seed: int) -> dict[str, Any]:
    """Train with one estimator and seed, and measure on the way and at the end."""
    import dataclasses

    import numpy as np

    from lexbits.alphabet import Alphabet
    from lexbits.config import resolve
    from lexbits.data import load_splits, without_seen
    from lexbits.data.corpus import Corpus
    from lexbits.estimators.registry import find
    from lexbits.likelihood.exact_scores import exact_scores
    from lexbits.measures import summarise
    from lexbits.training.loop import train
    from lexbits.training.session import Session

    kind = find(name)
    bits = 8
    samples = kind.samples_within(BUDGET, bits) or kind.least_samples
    evaluations = kind.evaluations(samples, bits)
    settings = resolve(
        {
            "data": "sigmorphon2016:spanish",
            "data_folder": data,
            "bits": bits,
            "hidden_size": 128,
            "encoder_hidden_size": 64,
            "estimator": name,
            "samples": samples,
            "free_nats": 3.0 if kind.bound == "elbo" else 0.0,
            "epochs": TOTAL // evaluations,
            "synthetic_words": 0.0,
            "dropout": 0.3,
            "seed": seed,
        }
    )
    splits = load_splits(settings)
    forms = [entry.form for entry in splits.train]
    dev = [entry.form for entry in without_seen(splits.dev, splits.train)[0]]
    order = np.random.Generator(np.random.Philox(key=1)).permutation(len(splits.test))
    test = [splits.test[i].form for i in order[:TEST_WORDS]]
    alphabet = Alphabet.from_words(forms)
    session = Session.start(settings, alphabet, forms, dev)
    meter = Meter(
        Corpus.from_words(test[:CURVE_WORDS], alphabet),
        Corpus.from_words(dev[:VARIANCE_WORDS], alphabet),
        evaluations,
    )
    train(session, meter)
    scores = exact_scores(session.model.eval(), Corpus.from_words(test, alphabet))
    return {
        "estimator": name,
        "seed": seed,
        "bound": kind.bound,
        "unbiased": kind.unbiased,
        "samples": samples,
        "evaluations": evaluations,
        "epochs": settings.epochs,
        "seconds": meter.seconds,
        "mutual_information": meter.mutual_information,
        "curve": meter.points,
        "test": dataclasses.asdict(summarise(scores)),
    }


class Meter:
    """Hooks that measure after each epoch."""

    def __init__(self, test: Any, dev: Any, evaluations: int) -> None:  # noqa: ANN401
        self.test, self.dev, self.evaluations = test, dev, evaluations
        self.points: list[dict[str, float]] = []
        self.seconds = 0.0
        self.mutual_information = 0.0

    def step_done(self, session: Any) -> None:  # noqa: ANN401
        """Do nothing."""

    def save_due(self) -> bool:
        """Never save."""
        return False

    def stop_requested(self) -> bool:
        """Never stop."""
        return False

    def save(self, session: Any) -> None:  # noqa: ANN401
        """Save nothing."""

    def epoch_done(self, session: Any, record: Any, is_best: bool) -> None:  # noqa: ANN401
        """Measure the exact NLL of some test words and the variance of the gradient."""
        import torch

        from lexbits.likelihood import exact_log_prob
        from lexbits.measures.estimator_comparison import gradient_variance
        from lexbits.randomness import seeded_torch

        self.seconds += record["seconds"]
        self.mutual_information = record["dev_mutual_information"]
        words = torch.from_numpy(self.dev.symbols).long()
        objective = session.objective
        with seeded_torch(0, "variance"):
            variance = gradient_variance(session.model, session.settings, words, objective, REPEATS)
        session.model.eval()
        nll = -float(exact_log_prob(session.model, self.test).mean())
        self.points.append(
            {
                "evaluations": record["epoch"] * self.evaluations,
                "exact_nll": nll,
                "variance": variance,
            }
        )


def table(rows: list[dict[str, Any]]) -> str:
    """Return means over seeds as a table in Markdown, the best NLL of each bound first."""
    lines = [
        "| estimator | bound | S | evaluations | epochs | exact test NLL | sd | ELBO | gap "
        "| amortisation gap | MI | gradient variance, middle | end | training, s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["estimator"], []).append(row)
    for name, runs in sorted(grouped.items(), key=lambda item: order(item[1])):
        first = runs[0]
        nll = [run["test"]["exact_nll"] for run in runs]
        spread = statistics.stdev(nll) if len(nll) > 1 else 0.0
        cells = [
            name, first["bound"], str(first["samples"]), str(first["evaluations"]),
            str(first["epochs"]), f"{statistics.mean(nll):.3f}", f"{spread:.3f}",
            *(
                f"{statistics.mean(run['test'][key] for run in runs):.2f}"
                for key in ("exact_elbo", "gap", "amortisation_gap")
            ),
            f"{statistics.mean(run['mutual_information'] for run in runs):.2f}",
            f"{statistics.mean(middle(run) for run in runs):.3g}",
            f"{statistics.mean(run['curve'][-1]['variance'] for run in runs):.3g}",
            f"{statistics.mean(run['seconds'] for run in runs):.0f}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def order(runs: list[dict[str, Any]]) -> tuple[bool, float]:
    """Sort estimators of the ELBO first, then by NLL."""
    nll = statistics.mean(run["test"]["exact_nll"] for run in runs)
    return runs[0]["bound"] != "elbo", nll


def middle(run: dict[str, Any]) -> float:
    """Return the variance half-way through training."""
    curve = run["curve"]
    value: float = curve[(len(curve) - 1) // 2]["variance"]
    return value


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw exact NLL and gradient variance over training, means over seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault(row["estimator"], []).append(row)
    colours = plt.get_cmap("tab20").colors  # type: ignore[attr-defined]
    for i, (name, runs) in enumerate(sorted(grouped.items(), key=lambda item: order(item[1]))):
        at = [point["evaluations"] for point in runs[0]["curve"]]
        style = "-" if runs[0]["bound"] == "elbo" and runs[0]["unbiased"] else "--"
        for axis, key in zip(axes, ("exact_nll", "variance"), strict=True):
            values = [statistics.mean(run["curve"][k][key] for run in runs) for k in range(len(at))]
            axis.plot(at, values, style, label=name, color=colours[i % 20], linewidth=1.4)
    axes[0].set_title("exact test NLL, nats per word", loc="left")
    axes[1].set_title("variance of the inference network's gradient", loc="left")
    axes[0].set_ylim(top=22.5)
    axes[1].set_yscale("log")
    for axis in axes:
        axis.set_xlabel("decoder evaluations for each training word")
        axis.grid(color="0.92")
        axis.spines[["top", "right"]].set_visible(False)
    axes[1].legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    for ending in (".png", ".svg"):
        figure.savefig(path.with_suffix(ending), dpi=150)


if __name__ == "__main__":
    main()
