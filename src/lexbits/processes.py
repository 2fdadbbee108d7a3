"""Processes that train together: each takes a share of the words of every batch.

The noise of a word does not depend on who works on it, and means are over the whole batch. So a
training takes the same course in any number of processes, up to the rounding of sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, distributed

Result = TypeVar("Result")


@dataclass(frozen=True)
class Processes:
    """How many processes work together, and which of them this one is.

    Attributes:
        rank: the number of this process, from 0.
        count: the number of processes.
        device: where this process computes, and through which it talks to the others.
    """

    rank: int = 0
    count: int = 1
    device: torch.device = torch.device("cpu")  # noqa: RUF009 - it cannot be changed

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def share(self, total: int) -> Share:
        """Return what this process has of a batch of `total` words."""
        bounds = [total * i // self.count for i in range(self.count + 1)]
        begin, end = bounds[self.rank], bounds[self.rank + 1]
        if begin == end:  # networks want a word; it counts for nothing
            return Share(0, 1, total, 0.0, self)
        return Share(begin, end, total, (end - begin) / total, self)

    def sum(self, values: Tensor) -> Tensor:
        """Return the sum of the `values` of all processes."""
        if self.count == 1:
            return values
        total = values.detach().to(self.device, copy=True)
        distributed.all_reduce(total)
        return total.to(values.device)

    def any(self, value: bool) -> bool:
        """Whether `value` is true in any process."""
        return value if self.count == 1 else bool(self.sum(torch.tensor(float(value))))

    def wait(self) -> None:
        """Wait until all processes are here."""
        if self.count > 1:
            distributed.barrier()

    def run_on_main(self, action: Callable[[], Result]) -> Result:
        """Let the first process act while the others wait; all return, or raise, what came of it.

        The result is sent to the others by pickle.
        """
        if self.count == 1:
            return action()
        outcome: list[Any] = [None, None]
        if self.first:
            try:
                outcome[0] = action()
            except BaseException as error:
                outcome[1] = error
        distributed.broadcast_object_list(outcome, device=self.device)
        if outcome[1] is not None:
            raise outcome[1]
        return cast(Result, outcome[0])


ALONE = Processes()


@dataclass(frozen=True)
class Share:
    """The words from `begin` to `end`, exclusive, of a batch of `total`.

    Attributes:
        begin: the first of them.
        end: the one after the last.
        total: number of words in the batch.
        weight: the part of the batch that they count for.
        processes: those that share it.
    """

    begin: int
    end: int
    total: int
    weight: float
    processes: Processes

    @contextmanager
    def active(self) -> Iterator[None]:
        """Draw noise and take means for these words while the block runs."""
        token = _active.set(self if self.processes.count > 1 else None)
        try:
            yield
        finally:
            _active.reset(token)

    @property
    def gradient_weight(self) -> float:
        """The factor of this process's mean loss, for gradients averaged over processes."""
        return self.weight * self.processes.count

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean over the batch from the `values` that are means over these words."""
        if self.processes.count == 1:
            return values
        return self.processes.sum(values.detach() * self.weight)


_active: ContextVar[Share | None] = ContextVar("share", default=None)


def batch_mean(values: Tensor) -> Tensor:
    """Return the mean over the whole batch from means over these words, without gradient."""
    share = _active.get()
    return values.detach() if share is None else share.mean(values)


def rand(shape: Sequence[int], word_axis: int, like: Tensor) -> Tensor:
    """Return numbers uniform in [0, 1), of the type and on the device of `like`.

    `word_axis` is the axis of the words in `shape`. Numbers come from torch's global generator
    and are drawn for the whole batch of which these words are a share.
    """
    return _drawn(
        lambda whole: torch.rand(whole, dtype=like.dtype, device=like.device), shape, word_axis
    )


def randint(high: int, shape: Sequence[int], word_axis: int, device: torch.device) -> Tensor:
    """Return integers from 0 to `high`, exclusive; all else as `rand`."""
    return _drawn(lambda whole: torch.randint(high, whole, device=device), shape, word_axis)


def bernoulli_mask(
    chance: float, shape: Sequence[int], word_axis: int | None, device: torch.device
) -> Tensor:
    """Return True with probability `chance`, in steps of 1/65,536, each for itself; else False.

    `word_axis` is None where the noise is not of words and the whole is wanted; all else as `rand`.
    """

    def draw(whole: Sequence[int]) -> Tensor:
        if device.type == "cpu":
            return _cheap_mask(whole, chance)
        return torch.rand(whole, device=device) < chance

    return draw(shape) if word_axis is None else _drawn(draw, shape, word_axis)


def _cheap_mask(shape: Sequence[int], chance: float) -> Tensor:
    # A number for each entry takes torch a noticeable part of a step: here four come from one.
    count = math.prod(shape)
    numbers = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(2**63), None)
    bound = min(round(chance * 2**16), 2**16 - 1) - 2**15
    return (numbers.view(torch.int16)[:count] < bound).view(*shape)


def _drawn(draw: Callable[[list[int]], Tensor], shape: Sequence[int], word_axis: int) -> Tensor:
    share = _active.get()
    if share is None:
        return draw(list(shape))
    if shape[word_axis] != share.end - share.begin:
        raise ValueError(
            f"expected {share.end - share.begin} words at axis {word_axis} of {list(shape)}"
        )
    whole = [share.total if axis == word_axis else size for axis, size in enumerate(shape)]
    return draw(whole).narrow(word_axis, share.begin, share.end - share.begin)
