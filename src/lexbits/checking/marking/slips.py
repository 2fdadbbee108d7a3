"""Exercises, and the slips that are usual in them: each one part of what is right, done otherwise.

What is right is put together from parts, each a function. A slip puts another function in the place
of one of them, so that all it leads to can be computed; and two slips together are both put in.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from torch import Tensor

from lexbits.checking.marking.expectation import (
    OF_F,
    Call,
    Expectation,
    expectation,
    side_by_side,
)
from lexbits.checking.marking.world import World

Parts = Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Slip:
    """A usual mistake.

    Attributes:
        name: what it is called.
        parts: what takes the place of which part.
        effect: what it does; `{…}` are numbers that are measured, see `recognition.told`.
        hint: how to find it.
        mixes: whether it makes the estimate of a word depend on the others of the batch.
        tolerance: how much further off than rounding what is recognised may be, as where a small
            constant is usually added.
    """

    name: str
    parts: Parts
    effect: str
    hint: str
    mixes: bool = False
    tolerance: float = 1.0


@dataclass(frozen=True, eq=False)
class Exercise:
    """Something to write.

    Attributes:
        name: what `mark` calls it.
        title: what it is, in words.
        parameters: what it is given.
        judged: of which means it is judged.
        told: of which it is not judged, but told.
        samples: the numbers of samples S that it is measured with; (1,) where it has none.
        parts: what is right.
        assemble: parts -> a function of what is given, and S.
        slips: what is usually wrong.
        unit: of the value.
        aliases: parts of names of functions that are meant for it.
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    judged: tuple[str, ...]
    samples: tuple[int, ...]
    parts: Parts
    assemble: Callable[[Parts], Call]
    slips: tuple[Slip, ...] = ()
    told: tuple[str, ...] = ()
    aliases: tuple[str, ...] = field(default=())

    def spoken(self, part: str) -> str:
        """Return what a part is called where this exercise is spoken of."""
        if part == OF_F and "f" not in self.parameters:
            return "gradient in the decoder"
        return part

    def with_slips(self, slips: tuple[Slip, ...] = ()) -> Call:
        """Return the exercise done with these slips."""
        parts = dict(self.parts)
        for slip in slips:
            parts.update(slip.parts)
        return self.assemble(parts)

    def combinations(self, mixing: bool) -> Iterator[tuple[Slip, ...]]:
        """Yield each slip, then all pairs that go together: those that mix words, or the others."""
        singles = [(slip,) for slip in self.slips]
        pairs = itertools.combinations(self.slips, 2)
        for slips in (*singles, *pairs):
            if len(set().union(*(s.parts for s in slips))) == sum(len(s.parts) for s in slips) and (
                any(slip.mixes for slip in slips) == mixing
            ):
                yield slips

    @cached_property
    def _known(self) -> Callable[..., Expectation]:
        @cache
        def known(names: tuple[str, ...], samples: int, world: World) -> Expectation:
            slips = tuple(slip for slip in self.slips if slip.name in names)
            # Most slips treat words each alone, which is quicker.
            average = expectation if any(slip.mixes for slip in slips) else side_by_side
            return average(self.with_slips(slips), world, samples)

        return known

    def known(self, slips: tuple[Slip, ...], samples: int, world: World) -> Expectation:
        """Return what the exercise gives on average with these slips, computed once."""
        return self._known(tuple(slip.name for slip in slips), samples, world)


def argument(call: Callable[..., Tensor], parameters: tuple[str, ...]) -> Call:
    """Return a function of what is given, and S, for one of these parameters."""
    return lambda given, samples: call(*(given.argument(name, samples) for name in parameters))
