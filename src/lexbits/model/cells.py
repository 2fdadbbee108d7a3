"""The recurrent networks to choose from, and how they read symbols."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CELLS: dict[str, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}


def read_symbols(rnn: nn.LSTM | nn.GRU, symbols: Tensor, table: Tensor) -> Tensor:
    """Return the outputs [T, B, H] of one-layer `rnn` on symbols [T, B] embedded by `table` [V, E].

    Where the alphabet is smaller than the embedding, the embedding is multiplied into the input
    weights once and the network reads one-hot symbols: W (Eᵀ onehot(x)) = (W Eᵀ) onehot(x). That is
    the same function with V in place of E multiplications for each weight and symbol.
    """
    inputs, embedding_size = table.shape
    if inputs >= embedding_size:
        outputs: Tensor = rnn(F.embedding(symbols, table))[0]
        return outputs
    input_weight, *others = rnn.parameters()
    weights = [input_weight @ table.T, *others]
    one_hot = F.one_hot(symbols, inputs).to(table.dtype)
    state = table.new_zeros((1, symbols.shape[1], rnn.hidden_size))
    return run_layer(rnn, one_hot, (state, state), weights)


def run_layer(
    rnn: nn.LSTM | nn.GRU, inputs: Tensor, state: tuple[Tensor, ...], weights: list[Tensor]
) -> Tensor:
    """Return the outputs [T, N, H] of one layer of the kind of `rnn`, with the weights given."""
    if isinstance(rnn, nn.LSTM):
        return torch.lstm(inputs, state, weights, True, 1, 0.0, rnn.training, False, False)[0]
    return torch.gru(inputs, state[0], weights, True, 1, 0.0, rnn.training, False, False)[0]
