"""Devices and precision: the only module that knows lightning-fabric."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.optim import Optimizer

from lexbits.errors import UsageError
from lexbits.processes import Processes

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = [
    "Fabric",
    "make_fabric",
    "make_optimizer",
    "processes_of",
    "refuse_missing",
    "start",
    "torch_device",
]

PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed"}


LONGEST_WAIT = timedelta(days=2)
"""For what the first process does alone, such as reading words."""


def refuse_missing(device: str, precision: str) -> None:
    """Check that this machine has such a device and such arithmetic.

    Raises:
        UsageError: it does not, with what there is.
    """
    available = {"cpu": True, "auto": True, **_gpus()}
    if not available.get(device, False):
        found = ", ".join(name for name, there in available.items() if there)
        raise UsageError(
            f"device {device!r} is not available here; available are: {found} (give one of them "
            "as --device)"
        )
    if precision == "bf16" and (lacking := _without_bf16(_kind_of(device))):
        raise UsageError(f"precision bf16: {lacking}; take --precision fp32")


def _kind_of(device: str) -> str:
    """Return the kind of device that a name stands for: `auto` takes a GPU if there is one."""
    if device != "auto":
        return device
    return next((kind for kind, available in _gpus().items() if available), "cpu")


def _gpus() -> dict[str, bool]:
    """Return the kinds of GPUs, and whether there is one of each."""
    return {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}


def _without_bf16(kind: str) -> str:
    """Say what keeps a kind of device from computing in bf16; "" if nothing does."""
    if kind == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return "this GPU has no such arithmetic (NVIDIA's have it from Ampere, 2020, on)"
    if kind == "mps":
        return "recurrent networks compute in float32 only on Apple's GPUs"
    if kind == "cpu" and not cpu_has_bf16():
        return "this processor has no such arithmetic for recurrent networks (it takes AVX-512)"
    return ""


def torch_device(name: str) -> torch.device:
    """Return the device of a name; `auto` takes a GPU if there is one.

    Raises:
        UsageError: this machine has no such device.
    """
    refuse_missing(name, "fp32")
    return torch.device(_kind_of(name))


def make_fabric(device: str, precision: str, devices: int = 1, nodes: int = 1) -> Fabric:
    """Return this many processes, one for each device of each machine, not yet started.

    Raises:
        UsageError: as `refuse_missing`; or a launcher has started another number of processes.
    """
    # Imported here: it takes as long as torch, and only training needs it.
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    refuse_missing(device, precision)
    started = int(os.environ.get("WORLD_SIZE", "1"))
    if started not in (1, devices * nodes):
        raise UsageError(
            f"expected --devices and --nodes that make {started} processes, as a launcher has "
            f"started, found {devices} × {nodes}"
        )
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Fabric(
                accelerator=_kind_of(device),
                devices=devices,
                num_nodes=nodes,
                strategy=DDPStrategy(timeout=LONGEST_WAIT) if devices * nodes > 1 else "auto",
                precision=PRECISIONS[precision],  # type: ignore[arg-type]
            )
        except (ValueError, RuntimeError) as error:
            raise UsageError(f"{devices} devices on {nodes} machines: {error}") from None


def start(fabric: Fabric) -> Processes:
    """Start the processes of `fabric`, if there are several; each continues from here.

    Raises:
        UsageError: a launcher has started another number of processes.
    """
    if fabric.world_size > 1:
        try:
            fabric.launch()
        except (ValueError, RuntimeError) as error:
            raise UsageError(f"--devices, --nodes: {error}") from None
    return processes_of(fabric)


def processes_of(fabric: Fabric) -> Processes:
    """Return the processes that train together."""
    return Processes(fabric.global_rank, fabric.world_size, fabric.device)


def cpu_has_bf16() -> bool:
    """Whether torch's recurrent networks work in bf16 on this processor."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def make_optimizer(module: nn.Module, weight_decay: float) -> Optimizer:
    """Return AdamW over each trainable parameter once; the schedule sets its learning rate."""
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(parameters, weight_decay=weight_decay, fused=True)
