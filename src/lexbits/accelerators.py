"""What GPUs do otherwise: they work through a queue, and round products where they may."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


def now(device: torch.device) -> float:
    """Return the time in seconds once `device` has done all that it was asked for.

    A GPU works through a queue: what is asked of it returns before it is done.
    """
    if device.type != "cpu":
        torch.accelerator.synchronize(device)
    return time.perf_counter()


@contextmanager
def full_float32() -> Iterator[None]:
    """Let cuDNN's recurrent networks compute in float32 as it is, unless TF32 is asked for.

    In TF32 the factors of products have 10 bits instead of 23. torch takes it for matrices only if
    asked (`torch.set_float32_matmul_precision`, or TORCH_ALLOW_TF32_CUBLAS_OVERRIDE=1 in the
    environment), but for recurrent networks unless told not to; here one answer holds for both.
    """
    _ROUNDING.take()
    try:
        yield
    finally:
        _ROUNDING.give_back()


class _Rounding:
    """The switch of cuDNN, which is one for the whole process.

    Threads, and blocks inside blocks, may want it at the same time: the first of them finds what
    the program has chosen, and the last one puts it back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._put_back: Callable[[], None] = lambda: None

    def take(self) -> None:
        """Switch TF32 off if nobody has."""
        with self._lock:
            self._users += 1
            if self._users == 1 and not _tf32_is_asked_for():
                self._put_back = _switched_off()

    def give_back(self) -> None:
        """Put the switch back if nobody else wants it."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._put_back()
                self._put_back = lambda: None


_ROUNDING = _Rounding()


def _switched_off() -> Callable[[], None]:
    """Switch TF32 off in recurrent networks; return what sets it back."""
    cudnn: Any = torch.backends.cudnn
    off: bool | str
    switch, name, off = cudnn, "allow_tf32", False
    try:
        before = cudnn.allow_tf32
    except RuntimeError:  # the program has set the newer switches, one for each kind of operation
        switch, name, off = cudnn.rnn, "fp32_precision", "ieee"
        before = switch.fp32_precision
    setattr(switch, name, off)
    return lambda: setattr(switch, name, before)


def _tf32_is_asked_for() -> bool:
    products = torch.backends.cuda.matmul
    if hasattr(products, "fp32_precision"):  # from torch 2.9 on
        return bool(products.fp32_precision == "tf32")
    return bool(products.allow_tf32)
