"""Counter-based randomness: noise is a function of a seed and of what it is for.

Nothing random depends on what was drawn before, so training continued from a saved step draws the
same noise as training that was never stopped.

A training seeds torch's generators for each of its steps. Whatever else draws has a key for each
word, or for each number of a list, and reads the stream of that key: so what comes out for a word
does not depend on the words beside it, on their order, on batches, threads and devices.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

GOLDEN = 0x9E3779B97F4A7C15 - 2**64
"""The step of the streams, 2^64 divided by the golden ratio, as a signed number."""

MIXING = ((30, 0xBF58476D1CE4E5B9 - 2**64), (27, 0x94D049BB133111EB - 2**64))
LAST_SHIFT = 31

UNIFORM_BITS = 24
"""Of a uniform number: as many as float32 holds."""

CHUNK = 2**17
"""Numbers that a CPU makes at once: they stay in its cache, which is several times as fast."""


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Return a 63-bit seed for a purpose, such as ("step", 12)."""
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def seed_torch(seed: int, *purpose: str | int) -> None:
    """Seed torch's global generators, of the CPU and of the devices in use, for a purpose."""
    value = derive_seed(seed, *purpose)
    # torch.manual_seed takes half a millisecond for a note to devices that are not there.
    torch.default_generator.manual_seed(value)
    if _cuda_is_in_use():
        torch.cuda.manual_seed_all(value)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(value)


@contextmanager
def generators_restored() -> Iterator[None]:
    """Set torch's global generators, of the CPU and of the devices in use, back after the block."""
    of_cuda = torch.cuda.get_rng_state_all() if _cuda_is_in_use() else None
    of_mps = torch.mps.get_rng_state() if torch.backends.mps.is_available() else None
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        if of_cuda is not None:
            torch.cuda.set_rng_state_all(of_cuda)
        elif _cuda_is_in_use():  # since then; it begins with the seed that the CPU has
            torch.cuda.manual_seed_all(torch.initial_seed())
        if of_mps is not None:
            torch.mps.set_rng_state(of_mps)


@contextmanager
def seeded_torch(seed: int, *purpose: str | int) -> Iterator[None]:
    """Seed torch's global generators for the block and restore them afterwards."""
    with generators_restored():
        seed_torch(seed, *purpose)
        yield


def number_keys(first: int, count: int, seed: int, *purpose: str | int) -> Tensor:
    """Return the keys of the numbers first … first + count − 1, [count], for a purpose."""
    return _mix(_start(seed, *purpose) + torch.arange(first, first + count) * GOLDEN)


class Text(Protocol):
    """N words in a text of M symbols, as in a corpus: where each begins, and how many it has."""

    @property
    def text(self) -> NDArray[np.int32]:
        """[M]."""

    @property
    def begins(self) -> NDArray[np.int64]:
        """[N]."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """[N]."""


def word_keys(words: Text, seed: int, *purpose: str | int) -> Tensor:
    """Return a key for each word, [N], by its symbols alone; equal words have equal ones."""
    keys = _start(seed, *purpose).repeat(len(words.lengths))
    inside = np.arange(len(words.lengths))
    for t in range(int(words.lengths.max())):
        inside = inside[words.lengths[inside] > t]  # a long word does not make others cost more
        read = torch.from_numpy(words.text[words.begins[inside] + t].astype(np.int64))
        keys[inside] = _mix((keys[inside] ^ read) + GOLDEN)
    return keys


def uniform(keys: Tensor, first: int, count: int, size: int) -> Tensor:
    """Return numbers uniform in [0, 1), [count, N, size] in float32, from the streams of keys [N].

    A stream is cut into rows of `size` numbers, and these are the rows first … first + count − 1.
    They are those of splitmix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number
    generators), computed in whole numbers: the same on every device.
    """
    found = torch.empty((count, len(keys), size), dtype=torch.float32, device=keys.device)
    at_once = CHUNK if keys.device.type == "cpu" else found.numel()
    step = max(1, at_once // max(1, len(keys) * size))
    for begin in range(0, count, step):
        end = min(begin + step, count)
        rows = torch.arange(first + begin, first + end, device=keys.device)
        places = rows[:, None] * size + torch.arange(1, size + 1, device=keys.device)
        mixed = _mix(keys[:, None] + places[:, None] * GOLDEN)
        found[begin:end] = _shifted(mixed, 64 - UNIFORM_BITS)
    return found.mul_(2.0**-UNIFORM_BITS)


def _cuda_is_in_use() -> bool:
    in_use: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    return in_use


def _start(seed: int, *purpose: str | int) -> Tensor:
    return _mix(torch.tensor(derive_seed(seed, *purpose)))


def _mix(numbers: Tensor) -> Tensor:
    """Return 64-bit numbers whose every bit depends on all bits of `numbers`, one to one."""
    for shift, factor in MIXING:
        numbers = (numbers ^ _shifted(numbers, shift)).mul_(factor)
    return numbers ^ _shifted(numbers, LAST_SHIFT)


def _shifted(numbers: Tensor, shift: int) -> Tensor:
    """Return 64-bit numbers moved right, zeros coming in; torch's shift repeats the sign."""
    return (numbers >> shift).bitwise_and_(2 ** (64 - shift) - 1)
