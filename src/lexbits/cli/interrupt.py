"""Ctrl-C: the first finishes the step and saves, the second quits at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from lexbits.cli.output import messages, say

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
"""What asks to stop: Ctrl-C, the system, and a terminal that is closed."""


class Stop:
    """Which signal asked to stop, if one did."""

    signal: int | None = None


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """Turn the first of `SIGNALS` into a request to stop, and let the second end the process.

    Ending at once is safe: every file of a run is written whole or not at all. A signal that this
    process was started to ignore, as by nohup, stays ignored.
    """
    stop = Stop()

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.signal is not None:
            _show_cursor()
            os._exit(128 + number)
        stop.signal = number
        with suppress(RuntimeError):  # it came in the middle of another message
            say("\nStopping after this step (once more to quit at once) ...")

    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show_cursor() -> None:
    """Show the cursor of a terminal again, which a bar hides, without waiting for anybody."""
    if messages().is_terminal:
        with suppress(OSError):
            os.write(2, b"\x1b[?25h\n")
