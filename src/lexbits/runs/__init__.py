"""Runs on disk: the folder, its words, a training inside it."""

from lexbits.runs.folder import RunFolder

__all__ = ["RunFolder"]
