"""Dropout noise of words, the same whichever process works on them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from lexbits.processes import coins


def kept(shape: Sequence[int], rate: float, like: Tensor, words: int | None) -> Tensor:
    """Return 0 with probability `rate`, else 1/(1 − rate): inverted dropout, to multiply by.

    `words` is the axis of the words of a batch; None where the noise is not of words.
    """
    return coins(1 - rate, shape, words, like.device) * (1 / (1 - rate))


def dropped(values: Tensor, rate: float, training: bool, words: int) -> Tensor:
    """Return `values` with dropout in training."""
    return values * kept(values.shape, rate, values, words) if training and rate else values
