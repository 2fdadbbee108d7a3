"""Dropout masks of words, the same whichever process works on them."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from lexbits.processes import bernoulli_mask


def scaled_mask(shape: Sequence[int], rate: float, like: Tensor, word_axis: int | None) -> Tensor:
    """Return 0 with probability `rate`, else 1/(1 − rate): inverted dropout, to multiply by.

    `word_axis` is the axis of the words of a batch; None where the noise is not of words.
    """
    return bernoulli_mask(1 - rate, shape, word_axis, like.device) * (1 / (1 - rate))


def dropped(values: Tensor, rate: float, training: bool, word_axis: int) -> Tensor:
    """Return `values` with dropout in training."""
    return (
        values * scaled_mask(values.shape, rate, values, word_axis) if training and rate else values
    )
