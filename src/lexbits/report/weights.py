"""The weights of a model as a page holds them: rounded, as text, and as a network again.

Half precision has 11 significant bits. In int8 a row of a matrix is whole numbers up to 127 times a
scale of its own in single precision, as outputs of one layer differ in size; vectors, such as
biases, stay in half precision: they are few.
"""

from __future__ import annotations

import base64
import copy
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.errors import RunError
from lexbits.model import LatentWordModel
from lexbits.model.conditioners import Made

Precision = Literal["half", "int8"]

LARGEST_HALF = 65504.0
LARGEST_INT8 = 127

FACTS = (
    *("bits", "cell", "hidden_size", "layers", "embedding_size"),
    *("z_at_start", "z_at_every_step", "z_at_logits"),
    *("encoder_hidden_size", "encoder_bidirectional", "encoder_embedding"),
    *("prior", "posterior", "max_length"),
)
"""The settings that say what the networks compute."""


@dataclass(frozen=True)
class Rounded:
    """A tensor as a page holds it.

    Attributes:
        numbers: float16, or int8 of the same shape.
        scales: what multiplies each row of int8, float32; None for float16.
    """

    numbers: NDArray[Any]
    scales: NDArray[np.float32] | None = None

    @property
    def values(self) -> Tensor:
        """The tensor again, in single precision."""
        numbers = self.numbers.astype(np.float32)
        return torch.from_numpy(numbers if self.scales is None else numbers * self.scales[:, None])


def describe(
    network: LatentWordModel, alphabet: Alphabet, settings: Settings, precision: Precision
) -> dict[str, Any]:
    """Return all that a page needs to compute what the model does, fit for JSON.

    `settings` and `characters` are as they are; `weights` has the `precision`, `data`, the bytes of
    all numbers in base64, and `tensors`: by the names of the network, their `shape` and the bytes
    that their numbers (`at`) and, in int8, their scales (`scales`) begin at. All is little-endian.
    Masks are multiplied in.

    Raises:
        RunError: weights that are no finite numbers in that precision.
    """
    content = bytearray()
    tensors: dict[str, dict[str, Any]] = {}
    for name, held in _round_all(network, precision).items():
        entry = tensors[name] = {"shape": list(held.numbers.shape), "at": len(content)}
        content += held.numbers.astype(held.numbers.dtype.newbyteorder("<")).tobytes()
        if held.scales is not None:
            entry["scales"] = len(content)
            content += held.scales.astype("<f4").tobytes()
    return {
        "settings": {name: getattr(settings, name) for name in FACTS},
        "characters": list(alphabet.characters),
        "weights": {
            "precision": precision,
            "tensors": tensors,
            "data": base64.b64encode(content).decode(),
        },
    }


def rounded(network: LatentWordModel, precision: Precision) -> LatentWordModel:
    """Return a copy of the network with exactly the weights that a page of it holds, on the CPU.

    Raises:
        RunError: weights that are no finite numbers in that precision.
    """
    found = copy.deepcopy(network).cpu().eval()
    values = {name: held.values for name, held in _round_all(network, precision).items()}
    found.load_state_dict({**found.state_dict(), **values})
    return found


def _round_all(network: LatentWordModel, precision: Precision) -> dict[str, Rounded]:
    return {name: _round(name, values, precision) for name, values in _tensors(network).items()}


def _tensors(network: LatentWordModel) -> dict[str, Tensor]:
    """Return the weights by name, with zeros for entries that never count."""
    tensors = {name: values.detach().cpu() for name, values in network.state_dict().items()}
    for name, part in network.named_modules():
        if isinstance(part, Made):
            for layer, mask in (("inputs", part.see_inputs), ("outputs", part.see_hidden)):
                place = f"{name}.{layer}.weight"
                tensors[place] = tensors[place] * mask.cpu()
    if "couplings" in tensors:
        tensors["couplings"] = torch.triu(tensors["couplings"], diagonal=1)
    return {name: values for name, values in tensors.items() if values.numel()}


def _round(name: str, values: Tensor, precision: Precision) -> Rounded:
    numbers = values.float().numpy()
    most = LARGEST_HALF if precision == "half" or numbers.ndim == 1 else np.inf
    if not bool((np.abs(numbers) < most).all()):
        raise RunError(
            f"the weights {name} are no finite numbers in {precision} precision, so no page can "
            "hold them: the training has diverged; train the model again"
        )
    if most == LARGEST_HALF:
        return Rounded(numbers.astype(np.float16))
    largest = np.abs(numbers).max(1)
    scales = np.where(largest > 0, largest / LARGEST_INT8, 1).astype(np.float32)
    return Rounded(np.rint(numbers / scales[:, None]).astype(np.int8), scales)
