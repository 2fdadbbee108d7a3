"""What a run was made with: versions and, in general words, the machine."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from lexbits.errors import command_line

PACKAGES = ("lexbits", "torch", "numpy", "simplemma", "lightning-fabric", "safetensors")


def environment() -> dict[str, Any]:
    """Return the date, the command, versions, and what the machine offers."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": _command(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "cuda": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def _command() -> str | None:
    """Return the command line of this program; None where it is that of another one."""
    program = Path(sys.argv[0])
    if program.stem != "lexbits" and program.parts[-2:] != ("lexbits", "__main__.py"):
        return None
    return command_line(*sys.argv[1:])
