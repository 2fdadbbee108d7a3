"""Deep generative language models of words with a bit-vector latent variable.

`WordModel` is the object for every job. The modules that `dir(lexbits)` lists are public too; what
they gather in `__all__`, or describe with an example, is meant to be used. All of it is there after
`import lexbits`, and loaded when it is first used: torch takes seconds.
"""

from __future__ import annotations

import importlib
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # What `__getattr__` does below, for type checkers and editors.
    from lexbits import alphabet as alphabet
    from lexbits import bits as bits
    from lexbits import checking as checking
    from lexbits import config as config
    from lexbits import data as data
    from lexbits import errors as errors
    from lexbits import estimators as estimators
    from lexbits import likelihood as likelihood
    from lexbits import measures as measures
    from lexbits import ngram as ngram
    from lexbits import objective as objective
    from lexbits import pretrained as pretrained
    from lexbits import sklearn as sklearn
    from lexbits.word_model import WordModel

    __version__: str

__all__ = ["WordModel", "__version__"]

_MODULES = (
    *("alphabet", "bits", "checking", "config", "data", "errors", "estimators"),
    *("likelihood", "measures", "ngram", "objective", "pretrained", "sklearn"),
)
"""The public modules."""


def __getattr__(name: str) -> object:
    if name == "WordModel":
        return importlib.import_module("lexbits.word_model").WordModel
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("lexbits")
    if name in _MODULES:
        return importlib.import_module(f"lexbits.{name}")
    raise AttributeError(f"module 'lexbits' has no attribute {name!r}")


def __dir__() -> list[str]:
    # Completion looks at every name, so one whose package is not installed would break it.
    absent = set() if find_spec("sklearn") else {"sklearn"}
    return sorted({*__all__, *_MODULES} - absent)
