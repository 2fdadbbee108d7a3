"""Ways out of posterior collapse, side by side: likelihood and information on dev words.

    python benchmarks/collapse.py --data-folder ../shared/data/sigmorphon2016 --json collapse.json

Spanish SIGMORPHON 2016 at the sizes of the preset `default`, real words only, 13 epochs each,
best epoch by dev NLL, the same seed. Some ways are settings of lexbits; the others are built here,
in a few lines each, and are not part of it because of what this table says. Rows in --json are
kept. One thread for each process.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lexbits.config import Settings, resolve
from lexbits.measures import evaluate
from lexbits.randomness import seeded_torch
from lexbits.runs.words import read_words
from lexbits.training import loop
from lexbits.training.loop import train
from lexbits.training.memory import BestInMemory, train_in_memory
from lexbits.training.session import Session

EPOCHS, SAMPLES = 13, 100
ELBO = {"free_nats": 0.0}
TARGET = {"free_nats": 0.0, "rate_target": 4.0}


class Hooks(BestInMemory):
    """Hooks with one more: what is done after a step."""

    def __init__(self, after_step: Callable[[Session], None] | None) -> None:
        super().__init__()
        self.after_step = after_step

    def step_done(self, session: Session) -> None:
        """Do what the way asks for."""
        if self.after_step:
            self.after_step(session)

    def epoch_done(self, session: Session, record: dict[str, Any], is_best: bool) -> None:
        """Keep the best model, and say how it goes."""
        super().epoch_done(session, record, is_best)
        shown = ("epoch", "dev_nll", "dev_rate", "dev_mutual_information")
        print({name: record[name] for name in shown}, file=sys.stderr)


@dataclass(frozen=True)
class Way:
    """A way out of collapse.

    Attributes:
        settings: what differs from the preset `default`.
        prepare: what is done to the session before the first step.
        after_step: what is done after each step.
        schedule: the weight of the KL in place of the settings' own.
    """

    settings: dict[str, Any]
    prepare: Callable[[Session], None] | None = None
    after_step: Callable[[Session], None] | None = None
    schedule: Callable[[Settings, int, int], float] | None = None


def cyclical(settings: Settings, step: int, steps_per_epoch: int) -> float:
    """KL weight in four cycles, the first half of each a climb from 0 to 1 (Fu et al. 2019)."""
    cycle = EPOCHS * steps_per_epoch / 4
    return min(1.0, 2 * (step % cycle) / cycle)


def words_of(session: Session) -> tuple[list[str], list[str]]:
    """Return the words that a session learns from and selects by."""
    train_words, dev = (
        [session.alphabet.decode(row) for row in corpus.batch(np.arange(len(corpus))).tolist()]
        for corpus in (session.corpus, session.dev)
    )
    return train_words, dev


def pretrain(session: Session) -> None:
    """Train as an autoencoder for three epochs, then reset the decoder (Li et al. 2019)."""
    settings = session.settings.model_copy(update={"kl_weight": 0.0, "epochs": 3, "free_nats": 0.0})
    first = Session.start(settings, session.alphabet, *words_of(session))
    train(first, Hooks(None))
    encoder = session.model.encoder
    assert encoder is not None
    assert first.model.encoder is not None
    encoder.load_state_dict(first.model.encoder.state_dict())


def zero_bits_path(session: Session) -> None:
    """Start from a plain model, and what reads z from zero."""
    start_from_plain(session)
    with torch.no_grad():
        for name, weights in session.model.decoder.named_parameters():
            if name.startswith("z_to_"):
                weights.zero_()
            elif name == "rnn.weight_ih_l0":
                weights[:, -session.settings.bits :] = 0


def start_from_plain(session: Session) -> None:
    """Start from a plain model of the same sizes."""
    settings = session.settings.model_copy(update={"bits": 0, "rate_target": 0.0})
    plain, _ = train_in_memory(settings, session.alphabet, *words_of(session))
    session.model.decoder.take_over(plain.decoder)


class Normalised(nn.Module):
    """Batch normalisation of logits to a standard deviation that is fixed (Zhu et al. 2020)."""

    def __init__(self, linear: nn.Linear, deviation: float) -> None:
        super().__init__()
        self.linear = linear
        self.norm = nn.BatchNorm1d(linear.out_features, affine=False)
        self.shift = nn.Parameter(torch.zeros(linear.out_features))
        self.deviation = deviation

    def forward(self, summary: Tensor) -> Tensor:
        """Return logits."""
        normalised: Tensor = self.norm(self.linear(summary))
        return self.deviation * normalised + self.shift


def normalise(session: Session) -> None:
    """Put batch normalisation behind the encoder."""
    encoder = session.model.encoder
    assert encoder is not None
    encoder.logits = Normalised(encoder.logits, deviation=2.0)  # type: ignore[assignment]
    parameters = list(session.objective.parameters())
    session.optimizer.param_groups[0]["params"] = [p for p in parameters if p.requires_grad]


class Aggressive:
    """Up to ten encoder steps after each step, while the dev words' information grows (He 2019)."""

    def __init__(self) -> None:
        self.best = -math.inf
        self.going = True

    def __call__(self, session: Session) -> None:
        """Follow a step; measure the information once an epoch."""
        if not self.going:
            return
        encoder = session.model.encoder
        assert encoder is not None
        random = np.random.default_rng(session.progress.step)
        others = [p for n, p in session.objective.named_parameters() if ".encoder." not in n]
        last = math.inf
        for parameter in others:
            parameter.requires_grad_(False)
        for _ in range(2):
            total = 0.0
            for _ in range(5):
                batch = session.corpus.batch(random.integers(len(session.corpus), size=64))
                terms = session.objective(torch.from_numpy(batch).long(), 1.0)
                terms.loss.backward()
                session.optimizer.step()
                session.optimizer.zero_grad()
                total -= float(terms.elbo)
            if total > last:
                break
            last = total
        for parameter in others:
            parameter.requires_grad_(True)
        if session.progress.step % session.steps_per_epoch == 0:
            known = evaluate(session.model.eval(), session.dev, 1).mutual_information
            session.model.train()
            self.going, self.best = known > self.best, max(known, self.best)


WAYS = {
    "plain model": Way({"bits": 0}),
    "ELBO": Way(ELBO),
    "linear annealing, 5 epochs": Way({**ELBO, "kl_annealing_epochs": 5.0}),
    "cyclical annealing": Way(ELBO, schedule=cyclical),
    "free nats, 4 per word": Way({}),
    "free nats, 0.25 per bit": Way({"free_nats": 0.25, "free_nats_per": "bit"}),
    "encoder pre-trained": Way(ELBO, prepare=pretrain),
    "encoder pre-trained, free nats": Way({}, prepare=pretrain),
    "aggressive encoder steps": Way(ELBO, after_step=Aggressive()),
    "batch normalisation": Way(ELBO, prepare=normalise),
    "weaker decoder: symbol dropout 0.2": Way({**ELBO, "symbol_dropout": 0.2}),
    "rate target 4": Way(TARGET),
    "rate target 4, MADE prior": Way({**TARGET, "prior": "made"}),
    "rate target 4, from a plain model": Way(TARGET, prepare=start_from_plain),
    "rate target 4, from a plain model, z path at zero": Way(TARGET, prepare=zero_bits_path),
}


def main() -> None:
    """Run what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-folder", required=True, help="folder with spanish-task1-*")
    parser.add_argument("--json", type=Path, required=True)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options.one, options.data_folder)))
        return
    rows = json.loads(options.json.read_text("utf-8")) if options.json.exists() else []
    missing = [name for name in WAYS if name not in {row["way"] for row in rows}]
    with ThreadPoolExecutor(options.processes) as pool:
        for row in pool.map(lambda name: run(name, options.data_folder), missing):
            rows.append(row)
            options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(rows))


def run(name: str, data_folder: str) -> dict[str, Any]:
    """Run one way in a process of its own."""
    arguments = ["--data-folder", data_folder, "--json", os.devnull, "--one", name]
    done = subprocess.run(
        [sys.executable, __file__, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def run_one(name: str, data_folder: str) -> dict[str, Any]:
    """Train and measure on the dev words that are not in training."""
    way = WAYS[name]
    data = {
        "data": "sigmorphon2016:spanish",
        "data_folder": data_folder,
        "dev_words": 10_000,
        "synthetic_words": 0.0,
        "dropout": 0.3,
    }
    settings = resolve({**data, "epochs": EPOCHS, **way.settings})
    words = read_words(settings, lambda message: None)
    session = Session.start(settings, words.alphabet, *words.forms())
    if way.prepare:
        way.prepare(session)
    if way.schedule:
        vars(loop)["kl_weight"] = way.schedule  # the loop takes no schedule from outside
    hooks = Hooks(way.after_step)
    train(session, hooks)
    session.model.load_state_dict(hooks.best)
    with seeded_torch(0, "evaluate"):
        figures = evaluate(session.model.eval(), session.dev, SAMPLES)
    names = ("nll", "elbo", "rate", "mutual_information", "marginal_kl", "active_bits")
    return {
        "way": name,
        "dev_words": figures.words,
        "seconds": sum(record["seconds"] for record in hooks.records),
        **{name: getattr(figures, name) for name in names},
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [
        "| way | dev NLL | ELBO | rate | MI | marginal KL | active bits | training, s |",
        "|" + "---|" * 8,
    ]
    lines += [
        f"| {row['way']} | {row['nll']:.2f} | {row['elbo']:.2f} | {row['rate']:.2f} "
        f"| {row['mutual_information']:.2f} | {row['marginal_kl']:.2f} | {row['active_bits']} "
        f"| {row['seconds']:.0f} |"
        for row in rows
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
