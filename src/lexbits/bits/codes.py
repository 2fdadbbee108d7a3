"""Bit vectors by number and as text: one character 0 or 1 for each bit."""

from __future__ import annotations

import reprlib

import torch
from torch import Tensor

from lexbits.errors import UsageError


def codes_between(bits: int, first: int, last: int) -> Tensor:
    """Return the bit vectors numbered first … last − 1, [N, K]; the first bit counts most.

    Examples:
        >>> codes_between(3, 5, 7)
        tensor([[1., 0., 1.],
                [1., 1., 0.]])
    """
    numbers = torch.arange(first, last)
    places = torch.arange(bits - 1, -1, -1)
    return (numbers[:, None] >> places & 1).to(torch.get_default_dtype())


def all_codes(bits: int) -> Tensor:
    """Return all bit vectors in the order of their numbers, [2^K, K].

    Examples:
        >>> all_codes(2)
        tensor([[0., 0.],
                [0., 1.],
                [1., 0.],
                [1., 1.]])
    """
    return codes_between(bits, 0, 2**bits)


def format_code(z: Tensor) -> str:
    """Write one bit vector [K] as zeros and ones.

    Examples:
        >>> format_code(torch.tensor([0.0, 1.0, 1.0]))
        '011'
    """
    return "".join("1" if bit else "0" for bit in z.tolist())


def parse_code(code: str, bits: int) -> Tensor:
    """Read zeros and ones as a bit vector [K] of floats.

    Raises:
        UsageError: another length than K, or other characters.

    Examples:
        >>> parse_code("011", 3)
        tensor([0., 1., 1.])
    """
    if set(code) - {"0", "1"}:
        raise UsageError(f"expected a code of zeros and ones, found {reprlib.repr(code)}")
    if len(code) != bits:
        raise UsageError(
            f"expected a code of {bits} bits, found {len(code)} in {reprlib.repr(code)}"
        )
    return torch.tensor([float(bit) for bit in code])
