"""What a reader's function returns, if it is something that can be measured."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor

COARSE = (torch.float16, torch.bfloat16)


class CannotBeMarkedError(Exception):
    """A function does not give anything that could be measured; it says why.

    Attributes:
        name, effect, hint: as of a `Mistake`.
    """

    def __init__(self, name: str, effect: str, hint: str) -> None:
        super().__init__(name)
        self.name, self.effect, self.hint = name, effect, hint


class NotWrittenError(Exception):
    """A function returns nothing, and has not looked at what it was given: an empty exercise."""


def tensor_of(found: object) -> Tensor:
    """Return a result if it is a tensor of numbers.

    Raises:
        CannotBeMarkedError: it is not.
    """
    if isinstance(found, Tensor):
        if found.layout is not torch.strided or found.device.type != "cpu":
            raise CannotBeMarkedError(
                "the result is no ordinary tensor",
                f"Expected a dense tensor on the CPU; found one of layout {found.layout} on "
                f"{found.device}.",
                "where is a tensor turned into another kind?",
            )
        if found.is_complex() or not found.is_floating_point() or found.dtype in COARSE:
            raise CannotBeMarkedError(
                f"the result has the type {str(found.dtype).removeprefix('torch.')}",
                "Expected numbers with a fraction and at least seven digits: torch.float32, as "
                "torch makes them unasked, or torch.float64.",
                "where is a tensor turned into another type?",
            )
        return found
    if inspect.iscoroutine(found):
        found.close()
    what, hint = _no_tensor(found)
    raise CannotBeMarkedError(
        "nothing is returned" if found is None else "the result is no tensor",
        f"Expected a tensor with a number for each word, [B]; found {what}.",
        hint,
    )


def _no_tensor(found: object) -> tuple[str, str]:
    """Return what was found in the place of a tensor, and a hint."""
    kind = f"a {type(found).__name__}"
    if isinstance(found, list) and found and all(isinstance(each, Tensor) for each in found):
        return f"a list of {len(found)} tensors", "how do several tensors become one?"
    of_kind: list[tuple[bool, str, str]] = [
        (found is None, "None", "does every way through the function end with a return?"),
        (inspect.isgenerator(found), kind, "which word stands in the place of return?"),
        (inspect.iscoroutine(found), kind, "which word stands in front of def?"),
        (
            type(found).__module__ == "numpy",
            "numpy",
            "a tensor that leaves torch loses its gradient: stay with torch",
        ),
        (
            isinstance(found, int | float),
            f"{kind}, one number without gradient",
            "there are several words in a batch; and .item() gives up the gradient",
        ),
        (
            isinstance(found, tuple | list),
            f"{kind} of {len(found) if isinstance(found, tuple | list) else 0}",
            "return one tensor, not several things",
        ),
        (callable(found), f"{kind}, which can be called", "are there brackets behind its name?"),
    ]
    for fits, what, hint in of_kind:
        if fits:
            return what, hint
    return kind, "what stands behind return?"
