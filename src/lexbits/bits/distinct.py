"""Which of many sampled codes are the same, so that each is evaluated once.

A posterior with little entropy draws few different codes in a thousand samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

BITS_AT_ONCE = 30
"""Bits that are added to a number at once; with fewer than 2³³ codes it stays below 2⁶³."""


@dataclass(frozen=True)
class DistinctPairs:
    """The P different pairs of a word and a code among samples, by code and then by word.

    Attributes:
        word: [P] the word of each.
        code: [P] its code, as a row of `codes`.
        codes: [U, K] the different codes.
        which: [S·B] which pair there is at each place; s·B + b is that of sample s of word b.

    Examples:
        >>> pairs = distinct_pairs(torch.tensor([[[0.0], [1.0]], [[0.0], [0.0]]]))
        >>> pairs.codes[pairs.code[pairs.which]].view(2, 2)  # what was drawn, again
        tensor([[0., 1.],
                [0., 0.]])
    """

    word: Tensor
    code: Tensor
    codes: Tensor
    which: Tensor


def distinct_pairs(z: Tensor) -> DistinctPairs:
    """Find the different pairs of a word and a code among codes [S, B, K] of B words.

    Examples:
        >>> pairs = distinct_pairs(torch.tensor([[[0.0], [1.0]], [[0.0], [0.0]]]))
        >>> len(pairs.word)  # the first word has drawn its code twice
        3
    """
    samples, batch, _ = z.shape
    number, codes = distinct_codes(z.flatten(0, 1))
    words = torch.arange(batch, device=z.device).repeat(samples)
    pairs, which = torch.unique(number * batch + words, return_inverse=True)
    return DistinctPairs(pairs % batch, pairs // batch, codes, which)


def distinct_codes(z: Tensor) -> tuple[Tensor, Tensor]:
    """Return for each of the codes [N, K] which different one it is, [N], and those, [U, K].

    Examples:
        >>> which, codes = distinct_codes(torch.tensor([[0.0, 1.0], [0.0, 0.0], [0.0, 1.0]]))
        >>> len(codes), bool((codes[which][0] == torch.tensor([0.0, 1.0])).all())
        (2, True)
    """
    places = torch.arange(len(z), device=z.device)
    which = torch.zeros_like(places)
    for piece in torch.split(z, BITS_AT_ONCE, 1):
        numbers = which
        for bit in piece.unbind(1):
            numbers = 2 * numbers + bit.long()
        which = torch.unique(numbers, return_inverse=True)[1]
    one_place = places.new_empty(int(which.max()) + 1).scatter_(0, which, places)
    return which, z[one_place]
