"""Counter-based randomness: noise is a function of the seed and of what it is for.

Nothing random depends on what was drawn before, so training continued from a saved step draws the
same noise as training that was never stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch


def derive_seed(seed: int, *purpose: str | int) -> int:
    """Return a 63-bit seed for a purpose, such as ("step", 12)."""
    text = "/".join(str(part) for part in (seed, *purpose))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) >> 1


def seed_torch(seed: int, *purpose: str | int) -> None:
    """Seed torch's global generators, of the CPU and of the devices in use, for a purpose."""
    value = derive_seed(seed, *purpose)
    # torch.manual_seed takes half a millisecond for a note to devices that are not there.
    torch.default_generator.manual_seed(value)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(value)
    if torch.backends.mps.is_available():
        torch.mps.manual_seed(value)


@contextmanager
def seeded_torch(seed: int, *purpose: str | int) -> Iterator[None]:
    """Seed torch's global generators for the block and restore the CPU's afterwards."""
    with torch.random.fork_rng(devices=[]):
        seed_torch(seed, *purpose)
        yield
