"""Guards around code that may do anything: how long it takes, and what it leaves changed."""

from __future__ import annotations

import _thread
import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

PATIENCE = 60.0
"""Seconds that one call of a reader's function may take."""


class TooSlowError(Exception):
    """A call has not come to an end in time."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, as Ctrl-C would; without a limit outside of the main thread.

    Raises:
        TooSlowError: it took longer.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    lock, over, late = threading.Lock(), False, False

    def interrupt() -> None:
        nonlocal late
        with lock:
            if not over:
                late = True
                _thread.interrupt_main()

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        try:
            yield
        finally:
            with lock:
                over = True
            timer.cancel()
    except KeyboardInterrupt:
        if not late:
            raise
        raise TooSlowError from None


@contextlib.contextmanager
def at_home(dtype: torch.dtype) -> Iterator[None]:
    """Let tensors that code makes have this type; restore what it may set for all others.

    What is given is in double precision, and a matrix of the code's own is to be multiplied with it
    as in a training, where all is in single precision.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)
        torch.set_grad_enabled(True)


def generators() -> list[bytes]:
    """Return the states of all generators of random numbers that code may use unasked."""
    of_numpy: Any = np.random.get_state()
    return [
        torch.get_rng_state().numpy().tobytes(),
        of_numpy[1].tobytes() + bytes(str(of_numpy[2:]), "ascii"),
        bytes(str(hash(random.getstate())), "ascii"),
    ]


def seed_generators(seed: int) -> None:
    """Set them all."""
    torch.default_generator.manual_seed(seed)
    np.random.seed(seed)
    random.seed(seed)


@contextlib.contextmanager
def generators_of_our_own(seed: int) -> Iterator[None]:
    """Set the generators, and restore those of the reader at the end."""
    of_numpy, of_python = np.random.get_state(), random.getstate()
    with torch.random.fork_rng(devices=[]):
        try:
            seed_generators(seed)
            yield
        finally:
            np.random.set_state(of_numpy)
            random.setstate(of_python)
