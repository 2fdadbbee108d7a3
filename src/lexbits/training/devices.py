"""Devices and precision: the only module that knows lightning-fabric."""

from __future__ import annotations

import logging
import warnings

import torch
from lightning_fabric import Fabric
from torch import nn
from torch.optim import Optimizer

from lexbits.errors import UsageError

PRECISIONS = {"fp32": "32-true", "bf16": "bf16-mixed"}


def make_fabric(device: str, precision: str) -> Fabric:
    """Return one process on one device.

    Raises:
        UsageError: a device, or arithmetic of a processor, that this machine does not have.
    """
    available = {
        "cpu": True,
        "auto": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not available.get(device, False):
        found = ", ".join(name for name, there in available.items() if there)
        raise UsageError(f"device {device!r} is not available here; available are: {found}")
    on_cpu = device == "cpu" or not (available["cuda"] or available["mps"])
    if precision == "bf16" and on_cpu and not cpu_has_bf16():
        raise UsageError(
            "precision bf16: this processor has no such arithmetic for recurrent networks (it "
            "takes AVX-512); take --precision fp32"
        )
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Fabric(accelerator=device, devices=1, precision=PRECISIONS[precision])  # type: ignore[arg-type]


def cpu_has_bf16() -> bool:
    """Whether torch's recurrent networks work in bf16 on this processor."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def make_optimizer(module: nn.Module, weight_decay: float) -> Optimizer:
    """Return AdamW over each trainable parameter once; the schedule sets its learning rate."""
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    return torch.optim.AdamW(parameters, weight_decay=weight_decay, fused=True)
