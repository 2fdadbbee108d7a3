"""Which of many sampled codes are the same, so that each is evaluated once.

A posterior that is nearly sure of its bits draws few different codes in a thousand samples.
"""

from __future__ import annotations

import torch
from torch import Tensor

BITS_AT_ONCE = 30
"""Bits that are added to a number at once; with fewer than 2³³ pairs it stays below 2⁶³."""


def distinct_pairs(z: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Find the different pairs of a word and a code among codes [S, B, K].

    Returns:
        the word of each different pair, [U], its code, [U, K], and which pair there is at each
        place, [S·B], where place s·B + b is that of sample s of word b.
    """
    samples, batch, bits = z.shape
    which = torch.arange(batch, device=z.device).repeat(samples)
    codes = z.flatten(0, 1)
    rows = codes.long()
    for first in range(0, bits, BITS_AT_ONCE):
        piece = rows[:, first : first + BITS_AT_ONCE]
        powers = 2 ** torch.arange(piece.shape[1], device=z.device)
        numbers = (which << BITS_AT_ONCE) + (piece * powers).sum(1)
        which = torch.unique(numbers, return_inverse=True)[1]
    places = torch.arange(len(which), device=z.device)
    one_place = places.new_empty(int(which.max()) + 1).scatter_(0, which, places)
    return one_place % batch, codes[one_place], which
