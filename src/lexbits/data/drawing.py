"""Training words drawn in proportion to weights, an epoch at a time.

An epoch of n words holds word i either ⌊n pᵢ⌋ or ⌈n pᵢ⌉ times, n pᵢ times on average: systematic
sampling (Madow 1949), n points at equal distances on a line on which each word has a piece as long
as its share pᵢ. No other way to draw has a smaller variance of these numbers, and weights in the
loss would leave most batches to a few words and the gradient to chance. From epoch to epoch the
points move on by the golden ratio, so that words too rare for every epoch take turns: after E
epochs each was drawn about E n pᵢ times. What comes out depends on weights, seed and epoch alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lexbits.config import Settings
from lexbits.data.entry import Entry

Floats = NDArray[np.float64]

_GOLDEN = (5**0.5 - 1) / 2


def weights_of(entries: Sequence[Entry]) -> Floats | None:
    """Return the weights of the entries, [N]; None where all are 1, as in lists without weights."""
    weights = np.fromiter((entry.weight for entry in entries), np.float64, len(entries))
    return None if (weights == 1).all() else weights


def shares(weights: Floats | None, settings: Settings) -> Floats | None:
    """Return how much each word counts in training, [N], 1 on average.

    Args:
        weights: [N] frequencies; None where there are none.
        settings: `weighting` says what a frequency f counts for: f, log(1 + f), or 1.

    Returns:
        The shares; None where all words count the same.
    """
    if weights is None or settings.weighting == "types":
        return None
    counted = weights if settings.weighting == "tokens" else np.log1p(weights)
    counted = counted / counted.max()  # the sum of huge weights would be too large a number
    found: Floats = counted * (len(counted) / counted.sum())
    return found


def drawn(parts: Floats, size: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return which words an epoch holds, in proportion to their shares.

    Args:
        parts: [N] the share of each word.
        size: n, words of an epoch.
        seed: fixes the order of the words on the line and where the points of epoch 0 begin.
        epoch: from 0.

    Returns:
        [n] indices of words.
    """
    random = np.random.Generator(np.random.Philox(key=[seed, len(parts)]))
    begin, order = random.random(), random.permutation(len(parts))
    ends = np.cumsum(parts[order])
    points = (np.arange(size) + (begin + epoch * _GOLDEN) % 1) / size * ends[-1]
    places = np.minimum(np.searchsorted(ends, points, side="right"), len(parts) - 1)
    return np.asarray(order[places], np.int64)
