"""The recurrent networks to choose from, and how they read symbols."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CELLS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


def symbol_inputs(
    symbols: Tensor, table: Tensor, weight: Tensor, fuse: bool = True
) -> tuple[Tensor, Tensor]:
    """Return inputs [..., X] and input weights [G, X + R] for symbols embedded by `table` [V, E].

    `weight` [G, E + R] multiplies embedding and R further inputs. Where the alphabet is smaller
    than the embedding, the embedding is multiplied into the weights once and the inputs are
    one-hot: W (Eᵀ onehot(x)) = (W Eᵀ) onehot(x). That is the same function with V in place of E
    multiplications for each weight and symbol. Without `fuse` the inputs are always embeddings, as
    dropout on them needs.
    """
    inputs, embedding_size = table.shape
    if inputs >= embedding_size or not fuse:
        return F.embedding(symbols, table), weight
    fused = weight[:, :embedding_size] @ table.T
    one_hot = F.embedding(symbols, torch.eye(inputs, dtype=table.dtype, device=table.device))
    return one_hot, torch.cat([fused, weight[:, embedding_size:]], dim=1)


def run_layer(
    rnn: nn.LSTM | nn.GRU, inputs: Tensor, state: tuple[Tensor, ...], weights: Sequence[Tensor]
) -> Tensor:
    """Return the outputs [T, N, H] of one layer of the kind of `rnn`, with the weights given."""
    if inputs.device.type == "cuda":
        return _run_by_cudnn(rnn, inputs, state, weights)
    return _run(rnn, inputs, state, weights)


def _run(
    rnn: nn.LSTM | nn.GRU, inputs: Tensor, state: tuple[Tensor, ...], weights: Sequence[Tensor]
) -> Tensor:
    given = list(weights)
    if isinstance(rnn, nn.LSTM):
        return torch.lstm(inputs, state, given, True, 1, 0.0, rnn.training, False, False)[0]
    return torch.gru(inputs, state[0], given, True, 1, 0.0, rnn.training, False, False)[0]


def _run_by_cudnn(
    rnn: nn.LSTM | nn.GRU, inputs: Tensor, state: tuple[Tensor, ...], weights: Sequence[Tensor]
) -> Tensor:
    """Do the same with all weights in one piece of memory, as cuDNN wants them.

    Others it copies into one piece itself, and warns of it. Under autocast all is cast here: torch
    has cuDNN's recurrent networks compute in fp16 then, also where bf16 is asked for, and gradients
    would need a scale.
    """
    dtype = torch.get_autocast_dtype("cuda") if torch.is_autocast_enabled("cuda") else inputs.dtype
    with torch.autocast("cuda", enabled=False):
        flat = torch.cat([weight.flatten() for weight in weights]).to(dtype)
        pieces = torch.split(flat, [weight.numel() for weight in weights])
        shaped = [piece.view_as(weight) for piece, weight in zip(pieces, weights, strict=True)]
        return _run(rnn, inputs.to(dtype), tuple(part.to(dtype) for part in state), shaped)
