"""From bits to words: any word, or words that meet constraints."""

from lexbits.decoding.conditional import draw_constrained
from lexbits.decoding.constraints import Constraints
from lexbits.decoding.lookahead import Pattern
from lexbits.decoding.methods import (
    Decoded,
    Method,
    ancestral,
    beam,
    decode,
    draw_codes,
    draw_words,
    greedy,
)

__all__ = [
    "Constraints",
    "Decoded",
    "Method",
    "Pattern",
    "ancestral",
    "beam",
    "decode",
    "draw_codes",
    "draw_constrained",
    "draw_words",
    "greedy",
]
