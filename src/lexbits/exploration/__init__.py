"""Walks through the space of codes."""

from lexbits.exploration.paths import bit_path, mean_path

__all__ = ["bit_path", "mean_path"]
