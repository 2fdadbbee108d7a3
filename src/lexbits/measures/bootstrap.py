"""How certain a difference between two models is, from the words it was measured on."""

from __future__ import annotations

import numpy as np

from lexbits.likelihood.importance import Floats

DRAWS_AT_ONCE = 2**20
"""Synthetic words held at a time: bounds the memory."""


def paired_bootstrap(
    differences: Floats, repeats: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """Return a 95 % interval of the mean of `differences` [N], one for each word.

    Words are drawn anew with replacement, N of them, `repeats` times; the interval lies between the
    2.5 % and the 97.5 % quantile of the means (Efron and Tibshirani 1993, An introduction to the
    bootstrap, ch. 13). Both models were measured on the same words, so what makes a word easy or
    hard for both is no part of it.

    Args:
        differences: of two models' metrics on each word, such as their NLL in nats; at least one.
        repeats: how often the words are drawn.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    n = len(differences)
    at_once = max(1, DRAWS_AT_ONCE // n)
    means = np.empty(repeats)
    for first in range(0, repeats, at_once):
        drawn = random.integers(n, size=(min(at_once, repeats - first), n))
        means[first : first + len(drawn)] = differences[drawn].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)
