"""Words given constraints: how long fifty take, common or rare, and beside fishing for them.

    python benchmarks/constraints.py RUN

Fishing is drawing words from the prior until fifty meet the constraint: its time is that of one
word, measured, times fifty over the probability of the constraint.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from pathlib import Path

from lexbits import WordModel
from lexbits.decoding import Constraints, draw_constrained, draw_words

WANTED = 50
ROUNDS = 3
PLAIN = 20_000
CASES = (
    Constraints(starts_with="ma"),
    Constraints(starts_with="gua"),
    Constraints(starts_with="guar"),
    Constraints(starts_with="fla"),
    Constraints(starts_with="xi"),
    Constraints(starts_with="zurr"),
    Constraints(ends_with="mente"),
    Constraints(contains=("zorr",)),
    Constraints(length=(6, 6)),
    Constraints(starts_with="ma", ends_with="mente", length=(10, 12)),
)


def main() -> None:
    """Print a table."""
    model = WordModel.load(Path(sys.argv[1]))
    network, longest = model.network, model.settings.max_length
    began = time.perf_counter()
    draw_words(network, range(PLAIN), 0, longest)
    one = (time.perf_counter() - began) / PLAIN
    print(f"a word without constraints: {one * 1e3:.3f} ms")
    print(f"{'constraint':60} {'P':>9} {'seconds':>8} {'fishing':>9} {'ratio':>8}")
    for case in CASES:
        pattern = case.pattern(model.alphabet, longest)
        seconds, probabilities = [], []
        for seed in range(ROUNDS):
            began, found = time.perf_counter(), 0
            for piece in draw_constrained(network, pattern, seed):
                found += len(piece.symbols)
                probabilities.append(math.exp(piece.log_probability))
                if found >= WANTED:
                    break
            seconds.append(time.perf_counter() - began)
        probability, taken = statistics.mean(probabilities), statistics.median(seconds)
        fishing = one * WANTED / probability
        given = ", ".join(f"{name}={value!r}" for name, value in vars(case).items() if value)
        print(f"{given:60} {probability:9.1e} {taken:8.2f} {fishing:9.1f} {fishing / taken:8.1f}")


if __name__ == "__main__":
    main()
