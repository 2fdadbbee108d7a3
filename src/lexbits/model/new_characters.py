"""Rows for characters that trained networks have never seen.

Nothing that the networks say of words without them changes. To the model these characters were the
unknown symbol, which no training word has, and which is therefore improbable everywhere. So that is
how they begin: the probability of the unknown symbol is shared out among it and them. They are read
as the mean of the characters that are known, of which an unseen one is most likely one more (Hewitt
2021, Initializing new word embeddings for pretrained language models).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lexbits.alphabet import UNKNOWN

AFTER = 2
"""Symbols that are only read, the start and the padding: they come after the characters."""


@torch.no_grad()
def extend_read(table: nn.Embedding, count: int) -> None:
    """Give an embedding of all symbols that can be read, [V + 2, E], `count` characters more."""
    known, last = table.weight[:-AFTER], table.weight[-AFTER:]
    mean = known[UNKNOWN + 1 :].mean(0, keepdim=True)
    table.weight = nn.Parameter(torch.cat([known, mean.expand(count, -1), last]))
    table.num_embeddings += count


@torch.no_grad()
def extend_predicted(layer: nn.Linear, count: int) -> None:
    """Give a layer of logits of all symbols that can be predicted, [..., V], `count` more.

    If it has no bias, that of another layer is added to it.
    """
    layer.weight = nn.Parameter(_repeated(layer.weight, count))
    if layer.bias is not None:
        bias = _repeated(layer.bias, count)
        bias[[UNKNOWN, *range(len(bias) - count, len(bias))]] -= math.log(1 + count)
        layer.bias = nn.Parameter(bias)
    layer.out_features += count


def _repeated(rows: Tensor, count: int) -> Tensor:
    return torch.cat([rows, rows[UNKNOWN].expand(count, *rows.shape[1:])])
