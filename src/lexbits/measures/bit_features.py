"""Which feature of words goes with a bit, such as the plural with the third one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lexbits.data.entry import feature_values


@dataclass(frozen=True)
class BitFeature:
    """The value of a feature that a bit tells most about.

    Attributes:
        value: the value, as the source writes it.
        share_on: the share of the words that have it, among those with the bit on.
        share_off: the same among those with the bit off.
        information: mutual information of bit and value in nats, above 0 and about ln 2 at most.
    """

    value: str
    share_on: float
    share_off: float
    information: float

    def __str__(self) -> str:
        return f"{self.value}: {self.share_on:.0%} with the bit on, {self.share_off:.0%} off"


def bit_features(codes: NDArray[np.bool_], features: Sequence[str]) -> list[BitFeature | None]:
    """Return for each bit the value whose share differs most between words with it on and off.

    None where no value goes with a bit: it is the same for all words, or what it seems to tell is
    no more than chance makes of so few words. Of equal differences the first value in alphabetical
    order counts. The values of a bundle such as "V;IND;PRS" are taken one by one.

    Args:
        codes: the bits of N words, [N, K].
        features: the feature bundle of each word, empty where it has none.

    Examples:
        >>> bundles = 10 * ["N;SG"] + 10 * ["N;PL"]
        >>> print(bit_features(np.array([[bundle == "N;PL"] for bundle in bundles]), bundles)[0])
        PL: 100% with the bit on, 0% off
    """
    bundles = [set(feature_values(bundle)) for bundle in features]
    values = sorted(set().union(*bundles))
    if not values:
        return [None] * codes.shape[1]
    has = np.array([[value in bundle for value in values] for bundle in bundles])  # [N, values]
    return [_feature_of(bit, has, values) for bit in codes.T]


def _feature_of(
    bit: NDArray[np.bool_], has: NDArray[np.bool_], values: Sequence[str]
) -> BitFeature | None:
    if bit.all() or not bit.any():
        return None
    on, off = has[bit].mean(0), has[~bit].mean(0)
    most = int(np.abs(on - off).round(12).argmax())
    table = np.array([[(bit == b)[has[:, most] == v].sum() for v in (0, 1)] for b in (0, 1)])
    information = mutual_information(table)
    if information <= 0:
        return None
    return BitFeature(values[most], float(on[most]), float(off[most]), information)


def mutual_information(counts: NDArray[np.int64]) -> float:
    """Return the mutual information of rows and columns of a table of counts, in nats.

    Each of H(row) + H(column) − H(row, column) has (cells that occur − 1) / 2N added, which an
    entropy from counts lacks on average (Miller 1955, Note on the bias of information estimates).
    It can be negative.

    Examples:
        >>> print(f"{mutual_information(np.array([[500, 0], [0, 500]])):.3f}")
        0.694
    """
    return _entropy(counts.sum(0)) + _entropy(counts.sum(1)) - _entropy(counts.ravel())


def _entropy(counts: NDArray[np.int64]) -> float:
    n, found = counts.sum(), counts[counts > 0]
    return float((len(found) - 1) / (2 * n) - (found / n * np.log(found / n)).sum())
