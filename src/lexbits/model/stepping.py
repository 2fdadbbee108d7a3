"""Many prefixes of given codes, advanced together by an LSTM and without gradients."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHUNK = 512
"""Rows of gates that are worked on at once: 2 MB at hidden size 256, about the cache of a core.

On a server's core 256 to 1,024 rows are equally fast.
"""

CODES_IN_TABLE = 128
"""More codes at once have few prefixes each, fewer than the rows of a table for each of them."""


ROWS_IN_TABLE = 2**14
"""The most rows of a table of codes and symbols, 64 MB at hidden size 256: a large alphabet has
many for each code."""


class LstmPrefixes:
    """Prefixes of an LSTM decoder, stepped by hand.

    What a symbol adds to the first layer's gates is looked up in a table of V rows, and what a code
    adds in one of C rows; for few codes in one table of both. A matrix product adds the rest. Gates
    are written in place, chunk by chunk: fresh memory for them costs as much as their
    non-linearities. Of these only σ is computed, a quarter of the work of tanh:
    tanh(x) = 2σ(2x) − 1, where the weights of the gate g are doubled once.

    In 16 bits, c and logits stay in the precision of the weights: c is a sum over the word, and
    logits are large.

    Args:
        rnn: the LSTM; its input is an embedded symbol, and z if it is wide enough for both.
        embedding: [V + 2, E].
        output_weight: [V, H], of the logits.
        output_bias: [C, V], what the codes add to them included.
        state: h and c before the first step, each [layers, C, H].
        z: [C, K] the codes.
        dtype: of the gates, h and the products that they come from; that of the weights unless
            given.
    """

    @torch.no_grad()
    def __init__(
        self,
        rnn: nn.LSTM,
        embedding: Tensor,
        output_weight: Tensor,
        output_bias: Tensor,
        state: Sequence[Tensor],
        z: Tensor,
        dtype: torch.dtype | None = None,
    ) -> None:
        hidden, dtype = rnn.hidden_size, dtype or embedding.dtype
        layers = [
            [_doubled_for_tanh(weight, hidden) for weight in weights] for weights in rnn.all_weights
        ]
        weight_x, _, bias_x, bias_h = layers[0]
        self.weights = [weight_h.to(dtype) for _, weight_h, _, _ in layers]
        self.upper = [
            (inputs.to(dtype), (one + other).to(dtype)) for inputs, _, one, other in layers[1:]
        ]
        weight_e, weight_z = weight_x.tensor_split([embedding.shape[1]], 1)
        of_symbol = F.linear(embedding, weight_e, bias_x + bias_h)
        of_code = F.linear(z, weight_z) if weight_z.shape[1] else None  # unless z_at_every_step
        stride, rows = 0, len(z) * len(of_symbol)
        if of_code is not None and len(z) <= CODES_IN_TABLE and rows <= ROWS_IN_TABLE:
            stride, of_symbol = len(of_symbol), (of_code[:, None] + of_symbol).flatten(0, 1)
            of_code = None
        self.symbols, self.stride = of_symbol.to(dtype), stride
        self.of_code = None if of_code is None else of_code.to(dtype)
        self.output_weight, self.output_bias = output_weight, output_bias
        self.code = torch.arange(len(z))
        h, self.c = state
        self.h = h.to(dtype)
        self.gates = self.h.new_empty(CHUNK, 4 * hidden)
        self.gates_of_code = torch.empty_like(self.gates)
        self.h_before = self.h.new_empty(CHUNK, hidden)

    @torch.no_grad()
    def step(self, symbols: Tensor, parents: Tensor) -> Tensor:
        """See `Prefixes`."""
        self.code = self.code.index_select(0, parents)
        inputs = self.code * self.stride + symbols
        layers, _, hidden = self.h.shape
        h, c = (of.new_empty(layers, len(symbols), hidden) for of in (self.h, self.c))
        rows = (inputs, self.code, parents, h.transpose(0, 1), c.transpose(0, 1))
        for chunk in zip(*(torch.split(part, CHUNK) for part in rows), strict=True):
            self._advance(*chunk)
        self.h, self.c = h, c
        logits = self.output_bias.index_select(0, self.code)
        return logits.addmm_(h[-1].to(logits.dtype), self.output_weight.T).float()

    def _advance(self, inputs: Tensor, code: Tensor, parents: Tensor, h: Tensor, c: Tensor) -> None:
        """Write the states [N, layers, H] after rows `inputs` [N] of the table into h and c."""
        gates = torch.index_select(self.symbols, 0, inputs, out=self.gates[: len(h)])
        if self.of_code is not None:
            gates += torch.index_select(self.of_code, 0, code, out=self.gates_of_code[: len(h)])
        self._advance_layer(0, gates, parents, h[:, 0], c[:, 0])
        for layer, (weight, bias) in enumerate(self.upper, 1):
            torch.addmm(bias, h[:, layer - 1], weight.T, out=gates)
            self._advance_layer(layer, gates, parents, h[:, layer], c[:, layer])

    def _advance_layer(
        self, layer: int, gates: Tensor, parents: Tensor, h: Tensor, c: Tensor
    ) -> None:
        """Write the states [N, H] of a layer into h and c, given what its input adds to gates."""
        h_before = torch.index_select(self.h[layer], 0, parents, out=self.h_before[: len(h)])
        gates.addmm_(h_before, self.weights[layer].T).sigmoid_()
        take, keep, new, show = gates.chunk(4, 1)
        torch.index_select(self.c[layer], 0, parents, out=c).mul_(keep).addcmul_(take, _tanh(new))
        _tanh(torch.mul(c, 2, out=h).sigmoid_()).mul_(show)


def _doubled_for_tanh(weight: Tensor, hidden: int) -> Tensor:
    """Return weights [4H, ...] of the gates i, f, g, o, torch's order, with those of g doubled."""
    doubled = weight.clone()
    doubled[2 * hidden : 3 * hidden] *= 2
    return doubled


def _tanh(half: Tensor) -> Tensor:
    """Write tanh(x) in place of σ(2x)."""
    return half.mul_(2).sub_(1)
