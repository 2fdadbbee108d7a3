"""Words as points of a plane, near where their bits are alike."""

from __future__ import annotations

import numpy as np

from lexbits.likelihood.importance import Floats


def word_map(means: Floats) -> Floats:
    """Return the two principal coordinates of N posterior means, [N, 2], each from 0 to 1.

    Principal components have no sign: here the bit that counts most for a coordinate, of equal ones
    the first, counts for it positively. A coordinate in which the words do not differ, as the
    second one of a single bit, is 1/2.

    Args:
        means: the probability of a one of each bit, [N, K], with N and K at least 1.

    Examples:
        >>> word_map(np.array([[0.0, 0.2], [0.5, 0.2], [1.0, 0.2]])).tolist()
        [[0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]
    """
    centred = means - means.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2]
    most = np.abs(axes).round(9).argmax(1)
    signs = np.sign(axes[np.arange(len(axes)), most])
    points = np.zeros((len(means), 2))
    points[:, : len(axes)] = centred @ (axes * signs[:, None]).T
    low, high = points.min(0), points.max(0)
    spread = high - low
    same = spread < 1e-9  # all that is left is rounding
    return np.where(same, 0.5, (points - low) / np.where(same, 1.0, spread))
