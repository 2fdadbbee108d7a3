"""The metrics of epochs, looked back on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]
"""The metrics of one epoch, flat, as they go into a line of JSON."""


def best_record(records: Sequence[Record]) -> Record:
    """Return the record of the epoch that was chosen, the earliest of several equals."""
    return min(records, key=lambda record: record["dev_score"])
