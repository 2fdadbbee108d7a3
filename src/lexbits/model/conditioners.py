"""Networks that look at earlier bits: how z_1 … z_{k−1} (and the word) move the logit of z_k."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lexbits.model.cells import run_layer


class Made(nn.Module):
    """A network with one hidden layer, masked so that output k depends on bits before k only.

    Germain et al. (2015), MADE: masked autoencoder for distribution estimation. With K − 1 hidden
    units or more, output k can depend on every earlier bit; with fewer, their degrees are spread
    over all bits, and output k can depend on the bits before the largest degree up to k.

    Args:
        bits: K.
        context: C, the size of what is known of the word; it reaches every hidden unit.
        hidden_size: H.
    """

    see_inputs: Tensor
    see_hidden: Tensor

    def __init__(self, bits: int, context: int, hidden_size: int) -> None:
        super().__init__()
        self.inputs = nn.Linear(bits, hidden_size)
        self.context = nn.Linear(context, hidden_size, bias=False) if context else None
        self.outputs = nn.Linear(hidden_size, bits, bias=False)
        nn.init.zeros_(self.outputs.weight)  # independent bits to begin with
        # Hidden unit h may look at the first `seen` bits; output k (from 0) at units with seen ≤ k.
        unit, degrees = torch.arange(hidden_size), max(1, bits - 1)
        enough = hidden_size >= degrees
        seen = unit % degrees + 1 if enough else (unit + 1) * degrees // hidden_size
        number = torch.arange(bits)
        self.register_buffer("see_inputs", (number < seen[:, None]).float(), persistent=False)
        self.register_buffer("see_hidden", (seen <= number[:, None]).float(), persistent=False)
        self.register_load_state_dict_pre_hook(_refuse_cut)  # type: ignore[no-untyped-call]

    def forward(self, z: Tensor, context: Tensor) -> Tensor:
        """Return what bits and context add to the logits, [..., K], for z [..., K]."""
        hidden = F.linear(2 * z - 1, self.inputs.weight * self.see_inputs, self.inputs.bias)
        if self.context is not None:
            hidden = hidden + self.context(context)
        return F.linear(torch.tanh(hidden), self.outputs.weight * self.see_hidden)


def _refuse_cut(made: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
    """Refuse networks of version 0.1.0 that cut dependencies: it gave them 64 units whatever K."""
    weight = state.get(f"{prefix}inputs.weight")
    if weight is None or not isinstance(made, Made):
        return
    (hidden, bits), (units, inputs) = weight.shape, made.inputs.weight.shape
    if bits == inputs and hidden < units:
        raise RuntimeError(
            f"a MADE of {hidden} hidden units over {bits} bits, as version 0.1.0 made them, in "
            f"which no bit depends on those after the first {hidden}; train the model again"
        )


class BitGru(nn.Module):
    """A GRU that reads one bit after another, started by the context.

    h_1 = tanh(dense(context)), h_{k+1} = gru(h_k, z_k), and h_k adds dense(h_k)_k to the logit of
    bit k.

    Args:
        bits: K.
        context: C, the size of what is known of the word.
        hidden_size: H.
    """

    def __init__(self, bits: int, context: int, hidden_size: int) -> None:
        super().__init__()
        self.start = nn.Linear(context, hidden_size)
        self.gru = nn.GRU(1, hidden_size)
        # One row of weights for each bit: which bit is next is not to be counted by the GRU.
        self.outputs = nn.Parameter(torch.zeros(bits, hidden_size))

    def forward(self, z: Tensor, context: Tensor) -> Tensor:
        """Return what bits and context add to the logits, [..., K], for z [..., K]."""
        rows = (2 * z - 1).flatten(0, -2)
        first = torch.tanh(self.start(context)).flatten(0, -2)[None]
        states = first
        if z.shape[-1] > 1:
            states = torch.cat([first, self._read(rows.T[:-1, :, None], first)])
        return torch.einsum("knh,kh->nk", states, self.outputs).view(z.shape)

    def one_by_one(self, z: Tensor, context: Tensor) -> Iterator[Tensor]:
        """Yield what is added to the logit of each bit, [...], with earlier ones read from z then.

        These are the very numbers of `forward`; each bit is read once, and not all of them at each.
        """
        state = torch.tanh(self.start(context)).flatten(0, -2)[None]
        for k, weights in enumerate(self.outputs):
            if k:
                state = self._read((2 * z[..., k - 1] - 1).flatten()[None, :, None], state)
            # A product of one matrix would add in another order than the product of several does.
            alike = min(2, len(self.outputs))
            products = torch.einsum(
                "knh,kh->nk", state.expand(alike, -1, -1), weights.expand(alike, -1)
            )
            yield products[:, 0].view(z.shape[:-1])

    def _read(self, bits: Tensor, state: Tensor) -> Tensor:
        """Return the states [T, N, H] after each of the bits [T, N, 1], from a state [1, N, H]."""
        return run_layer(self.gru, bits, (state,), self.gru.all_weights[0])
