"""A training step of the same model written in Pyro, beside that of lexbits.

    pip install pyro-ppl
    python benchmarks/pyro_step.py --data ../shared/data/sigmorphon2016 --json pyro.json

What somebody would write who took a probabilistic programming language: torch's own embedding and
LSTM modules, a plate of words, TraceGraph_ELBO with its decaying average as the baseline. Sizes are
the notebook's (embedding 256, hidden 256, 16 bits, batch 64, one sample, bidirectional encoder),
the batches those that lexbits makes, of equal length and ready before the clock starts. Rounds
alternate, each in a process of its own; nothing else should run.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import torch
from speed import measure_training, start
from torch import Tensor, nn


class Model(nn.Module):
    """P(z) P(x|z) and Q(z|x), as model and guide of Pyro."""

    def __init__(self, symbols: int, bits: int, embedding: int, hidden: int) -> None:
        super().__init__()
        self.bits = bits
        self.embedding = nn.Embedding(symbols, embedding)
        self.encoder = nn.LSTM(embedding, hidden, bidirectional=True, batch_first=True)
        self.combine = nn.Linear(2 * hidden, hidden)
        self.q_logits = nn.Linear(hidden, bits)
        self.z_to_h = nn.Linear(bits, hidden)
        self.z_to_c = nn.Linear(bits, hidden)
        self.decoder = nn.LSTM(embedding, hidden, batch_first=True)
        self.logits = nn.Linear(hidden, symbols)

    def model(self, words: Tensor, start_symbol: int) -> None:
        """Draw bits and the words [B, T] given them."""
        import pyro
        import pyro.distributions as dist

        pyro.module("decoder", self)
        with pyro.plate("words", len(words)):
            z = pyro.sample("z", dist.Bernoulli(torch.full((self.bits,), 0.5)).to_event(1))
            state = (torch.tanh(self.z_to_h(z))[None], self.z_to_c(z)[None])
            previous = torch.cat([torch.full_like(words[:, :1], start_symbol), words[:, :-1]], 1)
            outputs, _ = self.decoder(self.embedding(previous), state)
            pyro.sample("x", dist.Categorical(logits=self.logits(outputs)).to_event(1), obs=words)

    def guide(self, words: Tensor, start_symbol: int) -> None:
        """Draw bits given words [B, T]."""
        import pyro
        import pyro.distributions as dist

        with pyro.plate("words", len(words)):
            _, (last, _) = self.encoder(self.embedding(words[:, :-1]))
            features = torch.tanh(self.combine(torch.cat([last[0], last[1]], -1)))
            pyro.sample(
                "z",
                dist.Bernoulli(logits=self.q_logits(features)).to_event(1),
                infer={"baseline": {"use_decaying_avg_baseline": True}},
            )


def measure_pyro(data: Path, steps: int) -> float:
    """Return the median seconds of a training step."""
    import pyro
    from pyro.infer import SVI, TraceGraph_ELBO
    from pyro.optim import Adam

    session, _ = start(data)
    settings, corpus = session.settings, session.corpus
    batches = [torch.from_numpy(corpus.batch(rows)).long() for rows in session.batches()]
    whole = [
        b for b in batches if len(b) == settings.batch_size and (b != session.alphabet.pad).all()
    ]
    pyro.clear_param_store()
    # Pyro's baseline keeps one average for each place of the batch: all are of one size here.
    network = Model(
        session.alphabet.inputs, settings.bits, settings.embedding_size, settings.hidden_size
    )
    svi: Any = SVI(network.model, network.guide, Adam({"lr": 1e-3}), TraceGraph_ELBO())
    times = []
    for words in whole[:steps]:
        began = time.perf_counter()
        svi.step(words, session.alphabet.start)
        times.append(time.perf_counter() - began)
    return statistics.median(times[5:])


def main() -> None:
    """Time in alternating rounds, print a table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with spanish-task1-*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--one", choices=("pyro", "lexbits"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one == "pyro":
        print(measure_pyro(options.data, options.steps))
        return
    if options.one == "lexbits":
        print(measure_training(options.data, "fp32", options.steps)["fp32"])
        return
    seconds: dict[str, list[float]] = {"pyro": [], "lexbits": []}
    for _ in range(options.rounds):
        for name, found in seconds.items():
            arguments = ["--data", str(options.data), "--steps", str(options.steps)]
            done = subprocess.run(
                [sys.executable, __file__, "--one", name, *arguments],
                check=True,
                stdout=subprocess.PIPE,
            )
            found.append(float(done.stdout))
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    ratio = medians["pyro"] / medians["lexbits"]
    print("| | ms a step, median (least, most) | pyro / lexbits |\n|---|---|---|")
    for name, found in seconds.items():
        spread = f"({1e3 * min(found):.1f}, {1e3 * max(found):.1f})"
        shown = f"{ratio:.2f}" if name == "lexbits" else ""
        print(f"| {name} | {1e3 * medians[name]:.1f} {spread} | {shown} |")
    if options.json:
        from importlib.metadata import version

        result = {"seconds": seconds, "ratio": ratio, "pyro": version("pyro-ppl")}
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
