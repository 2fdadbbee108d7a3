"""Random orders of lists too long to be shuffled in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROUNDS = 4


class Permutation:
    """A random order of 0 … n − 1 of which any piece can be had without the rest.

    A Feistel network of four rounds on numbers of as many bits as n − 1 has; what falls outside is
    sent through again until it falls inside (Black and Rogaway 2002, Ciphers with arbitrary finite
    domains). A function of n and the key alone.
    """

    def __init__(self, n: int, *key: int) -> None:
        self.n = n
        self._half = max(1, ((n - 1).bit_length() + 1) // 2)
        self._keys = np.random.SeedSequence(key).generate_state(ROUNDS, np.uint64)

    def __call__(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what stands at the `places`, each from 0 to n − 1."""
        found = self._cipher(places.astype(np.uint64))
        while (outside := found >= self.n).any():
            found[outside] = self._cipher(found[outside])
        return found.astype(np.int64)

    def _cipher(self, numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
        half, mask = np.uint64(self._half), np.uint64((1 << self._half) - 1)
        left, right = numbers >> half, numbers & mask
        for key in self._keys:
            left, right = right, left ^ (_mix(right ^ key) & mask)
        return (left << half) | right


def _mix(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64 bits: the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
