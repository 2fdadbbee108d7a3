"""A command in several processes: all run it, and only the first one speaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lexbits.cli.output import messages
from lexbits.errors import RunError

if TYPE_CHECKING:
    from lexbits.config import Settings
    from lexbits.processes import Processes
    from lexbits.training.devices import Fabric


def start_processes(settings: Settings, devices: int, nodes: int) -> Fabric:
    """Start the processes of a training; each continues from here.

    Raises:
        UsageError: there are no such devices, or a launcher has started another number.
    """
    from lexbits.training.devices import make_fabric, start

    fabric = make_fabric(settings, devices, nodes)
    if not start(fabric).first:
        messages().quiet = True
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end
    return fabric


@contextmanager
def in_contact(processes: Processes) -> Iterator[None]:
    """Say in one line that another process has ended, in place of the network's own words.

    Raises:
        RunError: one has.
    """
    try:
        yield
    except RuntimeError as error:
        if processes.count == 1 or "gloo" not in str(error).lower():
            raise
        raise RunError(
            f"process {processes.rank} of {processes.count} has lost the others: one has ended or "
            "cannot be reached; the last saved state is kept"
        ) from None
