"""Devices and precision: the only module that knows lightning-fabric."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import torch
from torch import nn
from torch.optim import Optimizer

from lexbits.config import Precision, Settings
from lexbits.errors import UsageError
from lexbits.processes import Processes

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = [
    "Fabric",
    "has_fast_bf16",
    "make_fabric",
    "make_optimizer",
    "precision_of",
    "processes_of",
    "refuse_missing",
    "settled",
    "start",
    "torch_device",
]

PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed"}

SMALLEST_IN_BF16 = {"lstm": 128, "gru": 256}
"""The hidden size from which on a training step is faster in bf16, by the cell: see `settled`."""

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
        raise UsageError(
            f"precision bf16: {lacking}; take precision fp32 (--precision fp32), which is close, "
            "not equal"
        )


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


def torch_device(name: str, precision: Precision = "fp32") -> torch.device:
    """Return the device of a name; `auto` takes a GPU if there is one.

    Raises:
        UsageError: this machine has no such device, or the device no such arithmetic.
    """
    refuse_missing(name, precision)
    return torch.device(_kind_of(name))


def settled(settings: Settings) -> Settings:
    """Return settings whose precision is fp32 or bf16: `auto` takes what trains faster here.

    That is bf16 for networks of at least `SMALLEST_IN_BF16` on a GPU or a CPU that multiplies in
    bf16 (AVX-512 with bf16, or AMX), and fp32 for all others. A step in fp32 takes this many times
    as long as one in bf16 (one thread of a CPU with AVX-512 and bf16; docs/performance.md): with
    LSTMs of 16, 32, 64, 128, 256, 512 units 0.87, 1.01, 1.11, 1.33, 1.43, 1.49; with GRUs of 64,
    128, 256, 512 units 0.79, 1.05, 1.43, 1.64.
    """
    if settings.precision != "auto":
        return settings
    smallest = SMALLEST_IN_BF16.get(settings.cell)
    large = smallest is not None and settings.hidden_size >= smallest
    fast = large and has_fast_bf16(_kind_of(settings.device))
    return settings.model_copy(update={"precision": "bf16" if fast else "fp32"})


def has_fast_bf16(kind: str) -> bool:
    """Whether a kind of device multiplies in bf16 itself; others compute it in fp32 and round."""
    if kind == "cuda":
        return torch.cuda.is_available() and not _without_bf16(kind)
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return kind == "cpu" and native and cpu_has_bf16()


def make_fabric(settings: Settings, devices: int = 1, nodes: int = 1) -> Fabric:
    """Return this many processes, one for each device of each machine, not yet started.

    Args:
        settings: name the device and the precision.
        devices: of each machine.
        nodes: how many machines there are.

    Raises:
        UsageError: as `refuse_missing`; or a launcher has started another number of processes.
    """
    # Imported here: it takes as long as torch, and only training needs it.
    from lightning_fabric import Fabric
    from lightning_fabric.strategies.ddp import DDPStrategy

    device = settings.device
    refuse_missing(device, settings.precision)
    precision = settled(settings).precision
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


def precision_of(fabric: Fabric) -> Precision:
    """Return the arithmetic of the networks that are trained by `fabric`."""
    used = fabric.strategy.precision.precision
    return next(cast("Precision", name) for name, known in PRECISIONS.items() if known == used)


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
