"""Deep generative language models of words with a bit-vector latent variable."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lexbits.word_model import WordModel

    __version__: str

__all__ = ["WordModel", "__version__"]


def __getattr__(name: str) -> object:
    # Loaded on first use: torch takes seconds, and most of the program does not need it.
    if name == "WordModel":
        return importlib.import_module("lexbits.word_model").WordModel
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("lexbits")
    raise AttributeError(f"module 'lexbits' has no attribute {name!r}")
