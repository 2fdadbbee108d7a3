"""The figures of epochs, looked back on."""

from __future__ import annotations

from collections.abc import Sequence

from lexbits.training.loop import Record


def best_record(records: Sequence[Record]) -> Record:
    """Return the record of lowest dev NLL, the earliest of several; there must be one."""
    return min(records, key=lambda record: record["dev_nll"])
