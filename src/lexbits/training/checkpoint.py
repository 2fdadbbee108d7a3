"""Tensors and readable counters <-> bytes, in the safetensors format.

A checkpoint is data only: reading one cannot run code. It carries a format number, so that a later
version can say what it is looking at, and a digest, so that a damaged or edited one is noticed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.errors import RunError
from lexbits.model import LatentWordModel

FORMAT = 1

Tensors = Mapping[str, Tensor]


def pack(kind: str, tensors: Tensors, facts: Mapping[str, Any], version: str) -> bytes:
    """Return a checkpoint of `kind` ("model" or "state") as bytes; `facts` must fit in JSON."""
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    header = {"kind": kind, "format": FORMAT, "lexbits": version, "facts": dict(facts)}
    header["sha256"] = _digest(header, tensors)
    # One entry only: safetensors writes several in an order that changes from run to run.
    return safetensors.torch.save(tensors, {"lexbits": json.dumps(header)})


def unpack(kind: str, content: bytes, where: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return tensors and facts of what `pack` wrote; `where` names the file in messages.

    Raises:
        RunError: a pickle, a truncated, edited or foreign file, or a format newer than this one.
    """
    try:
        tensors = safetensors.torch.load(content)
        size = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + size])["__metadata__"]
        header = json.loads(metadata["lexbits"])
        digest = header.pop("sha256")
        newer = header.get("format", 0) > FORMAT
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError):
        # Asked only now: the length that a sound checkpoint begins with may look like a pickle.
        if content[:2] == b"PK" or content[:1] == b"\x80":
            raise RunError(
                f"{where}: expected a safetensors checkpoint, found a pickle; it is refused "
                "because loading a pickle can run code"
            ) from None
        raise RunError(
            f"{where}: expected a checkpoint of lexbits, found a truncated, damaged or foreign file"
        ) from None
    if newer:
        raise RunError(
            f"{where}: written by lexbits {header.get('lexbits')} in format {header['format']}; "
            f"this version reads up to format {FORMAT}: upgrade lexbits"
        )
    if digest != _digest(header, tensors):
        raise RunError(f"{where}: the checkpoint does not match its digest: damaged or edited")
    if header.get("kind") != kind:
        raise RunError(f"{where}: expected a checkpoint of a {kind}, found {header.get('kind')!r}")
    return tensors, header["facts"]


def network_of(
    tensors: Tensors, settings: Settings, alphabet: Alphabet, where: str
) -> LatentWordModel:
    """Return the networks whose weights are the `tensors` of the checkpoint `where`.

    Raises:
        RunError: weights of another size than settings and alphabet ask for.
    """
    with torch.random.fork_rng(devices=[]):  # what it begins with is replaced
        network = LatentWordModel(settings, alphabet)
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise RunError(
            f"{where}: the weights do not fit config.toml and alphabet.json ({mismatch(error)})"
        ) from None
    return network.eval()


def mismatch(error: Exception) -> str:
    """Return the first thing that did not fit: torch names all, a line each, below a heading."""
    lines = str(error).splitlines() or [""]
    return lines[1 if len(lines) > 1 else 0].strip()


def _digest(header: Mapping[str, Any], tensors: Tensors) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name} {tensor.dtype} {list(tensor.shape)}\n".encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
