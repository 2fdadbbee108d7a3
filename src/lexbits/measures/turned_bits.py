"""What turning a bit does: what codes spell with it off and with it on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.decoding import decode
from lexbits.model.decoder import Decoder

ROWS_AT_ONCE = 4096
"""Codes that are decoded together: bounds the memory."""


@torch.no_grad()
def turned_bits(
    decoder: Decoder, alphabet: Alphabet, codes: Tensor, bits: Sequence[int], max_length: int
) -> list[list[tuple[str, str]]]:
    """Return for each bit what every code spells greedily with it off and with it on.

    All other bits stay what they are; one of the two is what the code itself spells.

    Args:
        decoder: of K bits.
        alphabet: its characters.
        codes: N codes, [N, K].
        bits: which of the K are turned, from 0.
        max_length: most characters of a word.
    """
    pieces = [_turned(codes, k) for k in bits]
    if not pieces:
        return []
    z = torch.cat(pieces)  # bits × (off, on) × N
    words = [
        word
        for piece in torch.split(z, ROWS_AT_ONCE)
        for word in decode(decoder, piece, max_length + 1, "greedy").spell(alphabet, max_length)
    ]
    n = len(codes)
    rows = [words[first : first + n] for first in range(0, len(words), n)]
    return [list(zip(off, on, strict=True)) for off, on in zip(rows[::2], rows[1::2], strict=True)]


def _turned(codes: Tensor, bit: int) -> Tensor:
    """Return codes [N, K] with a bit off, then the same with it on, [2N, K]."""
    both = codes.repeat(2, 1)
    both[: len(codes), bit], both[len(codes) :, bit] = 0.0, 1.0
    return both
