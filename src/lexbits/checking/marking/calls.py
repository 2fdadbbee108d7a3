"""The reader's function, called with care: whatever it does becomes a sentence, no exception."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lexbits.checking.marking.noise import NotSideBySideError
from lexbits.checking.marking.world import Given
from lexbits.checking.outcomes import NotEnumerableError

PASSED_ON = (NotEnumerableError, NotSideBySideError)
"""What our noise raises through the reader's function is meant for us."""


class CannotBeMarkedError(Exception):
    """A function does not give anything that could be measured; it says why.

    Attributes:
        name, effect, hint: as of a `Mistake`.
    """

    def __init__(self, name: str, effect: str, hint: str) -> None:
        super().__init__(name)
        self.name, self.effect, self.hint = name, effect, hint


class Reader:
    """A function of the reader's, for an exercise with these parameters.

    Attributes:
        name: what it is called.
        repair: what turns what it gives into [B].
        fractions: whether it has given f a z with entries other than zeros and ones.
    """

    def __init__(self, function: Callable[..., object], parameters: tuple[str, ...]) -> None:
        self.function = function
        self.parameters = parameters
        self.name = name_of(function)
        self.repair: Callable[[Tensor], Tensor] = lambda out: out
        self.fractions = False

    def __call__(self, given: Given, samples: int) -> Tensor:
        """Return what it gives, [B]; what it prints is kept back."""
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = self.repair(self.raw(given, samples)).double()
        if out.shape != given.logits.shape[:1]:
            raise CannotBeMarkedError(
                "the shape of the result depends on the batch",
                f"With a batch of {len(given.logits)} words it gave {list(out.shape)}.",
                "is a number of words, samples or bits written into the function?",
            )
        return out

    def raw(self, given: Given, samples: int) -> Tensor:
        """Return what it gives, as it is.

        Raises:
            CannotBeMarkedError: it raises, or gives something other than a tensor.
        """
        arguments = [given.argument(name, samples) for name in self.parameters]
        try:
            found = self.function(*arguments)
        except PASSED_ON:
            raise
        except (Exception, SystemExit) as error:  # whatever unfinished code raises
            raise raised(error, self.function) from None
        self.fractions |= given.decoder.fractions
        return tensor_of(found)


def tensor_of(found: object) -> Tensor:
    """Return a result if it is a tensor of numbers.

    Raises:
        CannotBeMarkedError: it is not.
    """
    if isinstance(found, Tensor):
        if found.is_complex() or not found.is_floating_point():
            raise CannotBeMarkedError(
                f"the result has the type {str(found.dtype).removeprefix('torch.')}",
                "Expected numbers with a fraction, such as torch.float32.",
                "where is a tensor turned into another type?",
            )
        return found
    what = f"a {type(found).__name__}"
    hint = "what stands behind return?"
    if found is None:
        raise CannotBeMarkedError(
            "nothing is returned",
            "Expected a tensor with a number for each word, [B]; found None.",
            "does every way through the function end with a return?",
        )
    if type(found).__module__ == "numpy":
        what, hint = "numpy", "a tensor that leaves torch loses its gradient: stay with torch"
    elif isinstance(found, int | float):
        what += ", one number without gradient"
        hint = "there are several words in a batch; and .item() gives up the gradient"
    elif isinstance(found, tuple | list):
        what = f"a {type(found).__name__} of {len(found)}"
        hint = "return one tensor, not several things"
    raise CannotBeMarkedError(
        "the result is no tensor",
        f"Expected a tensor with a number for each word, [B]; found {what}.",
        hint,
    )


def raised(error: BaseException, function: Callable[..., object]) -> CannotBeMarkedError:
    """Return what the reader's function has raised in a sentence, with its line."""
    text = " ".join(str(error).split())
    text = f"{type(error).__name__}{': ' if text else ''}{text}"
    files = {code.co_filename for code in codes_of(function)}
    inside = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not inside:
        return CannotBeMarkedError(
            "it stops with an error", f"{text}.", "does it take the arguments of the exercise?"
        )
    frame = inside[-1]
    line = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    where = f"line {frame.lineno}" + (
        f" of {Path(frame.filename).name}" if Path(frame.filename).is_file() else ""
    )
    return CannotBeMarkedError(
        "it stops with an error",
        f"In {where}{f', `{line}`' if line else ''}: {text}",
        "print the shapes of what this line works with: the first call shows what you print",
    )


def codes_of(function: Callable[..., object]) -> Iterator[Any]:
    """Yield the code of a function, of an object that can be called, or of a class's methods."""
    found: Any = inspect.unwrap(getattr(function, "func", function))
    members = [found] if inspect.isroutine(found) else vars(_class_of(found)).values()
    for member in members:
        inner = inspect.unwrap(getattr(member, "__func__", member))
        if code := getattr(inner, "__code__", None):
            yield code


def _class_of(found: object) -> type:
    return found if isinstance(found, type) else type(found)


def name_of(function: object) -> str:
    """Return what a function or class is called."""
    function = getattr(function, "func", function)
    return str(getattr(function, "__name__", type(function).__name__))


def all_finite(out: Tensor) -> bool:
    """Whether a result has neither NaN nor infinity."""
    return bool(torch.isfinite(out).all())
