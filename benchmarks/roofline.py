"""How near training and evaluation come to what the processor can do.

    python benchmarks/roofline.py --data ../shared/data/sigmorphon2016 --json roofline.json

The processor's peak is measured: the best of one large matrix product and of products such as the
recurrent networks are made of (64 or 512 rows, hidden 256). The work of a training step and of an
importance-sampled evaluation, at the notebook's sizes, is counted: multiplications and additions of
their matrix products, three times the forward ones in training, and in evaluation for each prefix
that is read; what a symbol adds is looked up there. Rounds alternate and nothing else should run.
What is missing to the whole is non-linearities, memory, threads that wait, the optimiser, and
Python.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from speed import SAMPLES, WORDS, Clock, seconds, start
from torch import Tensor

from lexbits.data.corpus import Corpus
from lexbits.likelihood import score_words
from lexbits.model.stepping import LstmPrefixes
from lexbits.training.loop import train

PRODUCTS = {
    "large product": (2048, 2048, 2048),
    "product of a training step": (64, 256, 1024),
    "product of an evaluation": (512, 256, 1024),
}


def main() -> None:
    """Measure in alternating rounds, print the table, write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with spanish-task1-*")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    session, test = start(options.data)
    corpus = Corpus.from_words(test[:WORDS], session.alphabet)
    work = {
        "training": 3 * forward_work(session, session.corpus, session.settings.batch_size),
        "evaluation": evaluation_work(session, corpus),
    }
    rates: dict[str, list[float]] = {}
    for number in range(options.rounds):
        found = {name: product_rate(*sizes) for name, sizes in PRODUCTS.items()}
        session, _ = start(options.data)
        clock = Clock(options.steps)
        train(session, clock)
        found["training"] = work["training"] / statistics.median(clock.seconds[5:])
        read = partial(score_words, session.model.eval(), corpus, SAMPLES)
        found["evaluation"] = work["evaluation"] / seconds(read)
        for name, rate in found.items():
            rates.setdefault(name, []).append(rate / 1e9)
        print(f"round {number + 1}", file=sys.stderr)
    medians = {name: statistics.median(values) for name, values in rates.items()}
    peak = max(medians[name] for name in PRODUCTS)
    result = {
        "unit": "GFLOP/s",
        "rates": rates,
        "medians": medians,
        "share_of_peak": {name: medians[name] / peak for name in work},
        "gigaflop": {name: value / 1e9 for name, value in work.items()},
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def lstm_work(rows: float, inputs: int, hidden: int) -> float:
    """Return the operations of one LSTM layer on so many rows, summed over steps."""
    return 2 * rows * 4 * hidden * (inputs + hidden)


def decoder_work(session: Any, corpus: Any, words: int) -> float:  # noqa: ANN401
    """Return the operations of the decoder on so many words as long as those of `corpus`."""
    decoder = session.model.decoder
    symbols = words * float(np.mean(corpus.lengths))
    hidden, size = decoder.rnn.hidden_size, decoder.logits.out_features
    bits = session.settings.bits if session.settings.z_at_every_step else 0
    inputs = min(session.alphabet.inputs, decoder.embedding.embedding_dim) + bits
    return float(lstm_work(symbols, inputs, hidden) + 2 * symbols * hidden * size)


def evaluation_work(session: Any, corpus: Any) -> float:  # noqa: ANN401
    """Return the operations of the decoder in scoring `corpus`, for the prefixes that it reads."""
    rows: list[int] = []
    step = LstmPrefixes.step

    def counting(stepper: LstmPrefixes, symbols: Tensor, parents: Tensor) -> Tensor:
        rows.append(len(symbols))
        return step(stepper, symbols, parents)

    with patch.object(LstmPrefixes, "step", counting):
        score_words(session.model.eval(), corpus, SAMPLES)
    decoder = session.model.decoder
    hidden, size = decoder.rnn.hidden_size, decoder.logits.out_features
    return float(lstm_work(sum(rows), 0, hidden) + 2 * sum(rows) * hidden * size)


def forward_work(session: Any, corpus: Any, words: int) -> float:  # noqa: ANN401
    """Return the operations of encoder and decoder on so many words."""
    encoder = session.model.encoder
    characters = words * (float(np.mean(corpus.lengths)) - 1)
    inputs = min(session.alphabet.inputs, encoder.forwards.input_size)
    directions = 2 if encoder.backwards is not None else 1
    encoding = directions * lstm_work(characters, inputs, encoder.forwards.hidden_size)
    return float(encoding + decoder_work(session, corpus, words))


def product_rate(rows: int, inner: int, columns: int, seconds_long: float = 1.0) -> float:
    """Return operations a second of a matrix product of these sizes."""
    left, right = torch.randn(rows, inner), torch.randn(inner, columns)
    times = []
    until = time.perf_counter() + seconds_long
    while time.perf_counter() < until:
        times.append(seconds(lambda: left @ right))
    return 2 * rows * inner * columns / statistics.median(times)


def table(result: dict[str, Any]) -> str:
    """Return the result as a table in Markdown."""
    lines = ["| | GFLOP/s, median (least, most) | share of the peak |", "|---|---|---|"]
    for name, values in result["rates"].items():
        share = result["share_of_peak"].get(name)
        lines.append(
            f"| {name} | {statistics.median(values):.0f} ({min(values):.0f}, {max(values):.0f}) "
            f"| {f'{share:.0%}' if share else ''} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
