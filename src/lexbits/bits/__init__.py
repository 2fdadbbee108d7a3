"""Distributions over bit vectors z ∈ {0,1}^K, and codes: bit vectors written as 0101..."""

from lexbits.bits.bernoullis import Bernoullis
from lexbits.bits.codes import format_code, parse_code

__all__ = ["Bernoullis", "format_code", "parse_code"]
