"""Double precision where a device has it, else on the CPU: Apple's GPUs (mps) have none."""

from __future__ import annotations

import torch
from torch import Tensor

WITHOUT_DOUBLE = ("mps",)


def home_of_doubles(device: torch.device) -> torch.device:
    """Return where numbers from `device` are in double precision: there, or on the CPU."""
    return torch.device("cpu") if device.type in WITHOUT_DOUBLE else device


def in_double(values: Tensor) -> Tensor:
    """Return `values` in double precision, on their own device if it has that."""
    return values.to(home_of_doubles(values.device)).double()
