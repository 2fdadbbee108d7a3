"""How much memory a training needs at least, and how much there is."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.model import LatentWordModel
from lexbits.training.devices import torch_device

CHARACTERS = "abcdefghijklmnopqrstuvwxyz"
"""Stands for an alphabet that is not known yet; of large networks it is a small part."""

WORDS = 64
"""Words of a batch that any list can fill: longer batches are as long as the list allows."""

SYMBOLS = 8
"""Symbols of a short word: with longer ones a training needs more."""

COPIES = 4
"""Numbers for each parameter: itself, its gradient, and two moments of AdamW."""

GATES = 5
"""Numbers that a recurrent cell of each state's entry keeps at a step for the backward pass."""

NUMBER = 4  # bytes
CGROUP = Path("/sys/fs/cgroup/memory.max")


def refuse_too_large(settings: Settings, found: Callable[[str], int | None] | None = None) -> None:
    """Check before anything is allocated that networks and samples can fit into the memory.

    What is counted is what a training cannot do without, so it may run out of memory all the same.

    Args:
        settings: those of the training.
        found: returns the bytes of memory of a device; that of this machine.

    Raises:
        UsageError: they cannot, with what they need and what there is.
    """
    there = (found or memory_of)(settings.device)
    if there is None:
        return
    networks, batch = bytes_of_networks(settings), bytes_of_batch(settings)
    if networks + batch <= there:
        return
    if networks > batch:
        smaller = "hidden_size, encoder_hidden_size, embedding_size or layers"
    else:
        smaller = "samples, hidden_size or batch_size"
    raise UsageError(
        f"not enough memory: networks and optimiser need {_size(networks)}, {settings.samples:,} "
        f"samples of each word in a batch at least {_size(batch)}, and there are {_size(there)}; "
        f"expected smaller ones: reduce {smaller}"
    )


def bytes_of_networks(settings: Settings) -> int:
    """Return the bytes of the parameters, their gradients and the state of the optimiser."""
    try:
        with torch.device("meta"):  # shapes without memory
            model = LatentWordModel(settings, Alphabet(CHARACTERS))
    except RuntimeError:  # more bytes than can be counted
        return sys.maxsize
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return NUMBER * COPIES * parameters


def bytes_of_batch(settings: Settings) -> int:
    """Return the fewest bytes that a step keeps for the backward pass: bits and decoder states.

    A code that a word draws twice is read once.
    """
    words = min(WORDS, settings.batch_size)
    drawn = words * (settings.samples if settings.bits else 1)
    codes: int = 2**settings.bits
    read = min(drawn, words * codes)
    states = SYMBOLS * settings.layers * GATES * settings.hidden_size
    return NUMBER * (drawn * settings.bits + read * states)


def memory_of(device: str) -> int | None:
    """Return the bytes of memory of a device, None where nobody says."""
    found = torch_device(device)
    if found.type == "cuda":
        return int(torch.cuda.get_device_properties(found).total_memory)
    try:
        whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # no such system
        return None
    try:
        return min(whole, int(CGROUP.read_text(encoding="ascii")))
    except (OSError, ValueError):  # none, or "max"
        return whole


def _size(count: int) -> str:
    return f"{count / 2**30:,.0f} GB" if count >= 2**30 else f"{count / 2**20:,.0f} MB"
