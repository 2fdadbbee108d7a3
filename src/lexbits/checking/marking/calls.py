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

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.guarded import PATIENCE, TooSlowError, at_home, limited
from lexbits.checking.marking.noise import NotSideBySideError
from lexbits.checking.marking.returned import CannotBeMarkedError, NotWrittenError, tensor_of
from lexbits.checking.marking.world import Given
from lexbits.checking.outcomes import NotEnumerableError

PASSED_ON = (NotEnumerableError, NotSideBySideError)
"""What our noise raises through the reader's function is meant for us."""
LONGEST = 300
"""Characters of an error that are shown."""


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
        self.by_name = _in_another_order(function, parameters)
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
        arguments = {name: given.argument(name, samples) for name in self.parameters}
        before = [leaf.detach().clone() for leaf in given.leaves]
        try:
            with at_home(given.logits.dtype), limited(PATIENCE):
                if self.by_name:
                    found = self.function(**arguments)
                else:
                    found = self.function(*arguments.values())
        except PASSED_ON:
            raise
        except TooSlowError:
            raise CannotBeMarkedError(
                "it does not come to an end",
                f"A call with {len(given.logits):,} words and S = {samples} was stopped after "
                f"{PATIENCE:.0f} seconds.",
                "which loop has no end, or goes over words one by one?",
            ) from None
        except KeyboardInterrupt:
            raise
        except NotImplementedError as error:
            if str(error):
                raise raised(error, self.function) from None
            raise NotWrittenError from None
        except BaseException as error:  # whatever unfinished code raises
            raise raised(error, self.function) from None
        if (found is None or found is NotImplemented) and not given.used:
            raise NotWrittenError
        _refuse_changes(given, before, arguments)
        self.fractions |= given.decoder.fractions
        return tensor_of(found)


def _in_another_order(function: Callable[..., object], parameters: tuple[str, ...]) -> bool:
    """Whether a function has the parameters of the exercise, but not in this order by position."""
    try:
        found = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
    by_position = [p.name for p in found.values() if p.kind is not p.KEYWORD_ONLY]
    return set(parameters) <= set(found) and by_position[: len(parameters)] != list(parameters)


def _refuse_changes(given: Given, before: list[Tensor], arguments: dict[str, Any]) -> None:
    """Raise CannotBeMarkedError if a function has changed what it was given."""
    changed = any(not torch.equal(old, new) for old, new in zip(before, given.leaves, strict=True))
    for argument in arguments.values():
        if isinstance(argument, FactorisedBernoulli):
            changed |= not any(argument.logits is leaf for leaf in given.leaves)
    if changed:
        raise CannotBeMarkedError(
            "it changes what it is given",
            "After the call q, the prior or the decoder has other numbers than before; whoever "
            "uses them next gets those.",
            "which line assigns to an attribute, or calls a method whose name ends in _?",
        )


def raised(error: BaseException, function: Callable[..., object]) -> CannotBeMarkedError:
    """Return what the reader's function has raised in a sentence, with its line."""
    text = in_short(error)
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
        _hint(error),
    )


def in_short(error: BaseException) -> str:
    """Return an error's type and its text in one line, cut where it is very long."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # its own text is code of the reader's too
        text = ""
    text = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
    return f"{type(error).__name__}{': ' if text else ''}{text}"


def _hint(error: BaseException) -> str:
    if isinstance(error, AttributeError) and isinstance(error.obj, FactorisedBernoulli):
        names = [name for name in dir(FactorisedBernoulli) if not name.startswith("_")]
        return f"a distribution over bits has logits, {', '.join(names)}"
    if isinstance(error, NameError):
        return "is what the line names defined, or imported, in a cell that was run?"
    if isinstance(error, RecursionError):
        return "the function calls itself: where does that end?"
    if "in-place operation" in in_short(error):
        return "a tensor that was given is changed: make a new one in its place"
    return "print the shapes of what this line works with: the first call shows what you print"


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
