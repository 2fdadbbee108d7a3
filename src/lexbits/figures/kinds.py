"""Which figures there are of a model, and which files of them; this loads nothing."""

from typing import Literal, get_args

Kind = Literal["training", "accounting", "gain", "bits"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Format = Literal["png", "svg", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
