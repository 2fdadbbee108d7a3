"""Ctrl-C: the first finishes the step and saves, the second quits at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from lexbits.cli.output import say


class Stop:
    """Which signal asked to stop, if one did."""

    signal: int | None = None


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Turn the first SIGINT or SIGTERM into a request to stop, and let the second end the process.

    Ending at once is safe: every file of a run is written whole or not at all.
    """
    stop = Stop()

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.signal is not None:
            os._exit(128 + number)
        stop.signal = number
        say("\nStopping after this step (once more to quit at once) ...")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
