"""The inference network: a word's symbols -> the logits of Q(z|x)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lexbits.model.cells import CELLS, run_layer, symbol_inputs
from lexbits.model.dropout import dropped


class Encoder(nn.Module):
    """Reads a word with one or two recurrent networks; their last states give K logits.

    f_i = rnn(f_{i−1}, emb(x_i)), b_i = rnn(b_{i+1}, emb(x_i)),
    logits = dense(tanh(dense([f_n, b_1])))

    The backward network reads each word reversed in its own length, so padding changes nothing and
    no packing is needed.

    Args:
        inputs: number of different symbols that may be read.
        pad: the symbol behind the end of a word.
        embedding_size: size of a symbol's embedding.
        hidden_size: size of each network's state.
        bits: K.
        cell: "lstm" or "gru".
        bidirectional: whether to read backwards too.
        own_embedding: whether the encoder has an embedding; else one is handed to `forward`.
        dropout: dropout on embedded symbols and last states, in training.
    """

    def __init__(
        self,
        inputs: int,
        pad: int,
        embedding_size: int,
        hidden_size: int,
        bits: int,
        cell: str,
        bidirectional: bool,
        own_embedding: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.pad = pad
        self.dropout = dropout
        self.embedding = nn.Embedding(inputs, embedding_size) if own_embedding else None
        self.forwards = CELLS[cell](embedding_size, hidden_size)
        self.backwards = CELLS[cell](embedding_size, hidden_size) if bidirectional else None
        self.combine = nn.Linear(hidden_size * (2 if bidirectional else 1), hidden_size)
        self.logits = nn.Linear(hidden_size, bits)

    def forward(self, words: Tensor, borrowed: Tensor | None = None) -> Tensor:
        """Return logits [B, K] for words [B, T]; `borrowed` is the embedding matrix of another."""
        logits: Tensor = self.logits(self.summary(words, borrowed))
        return logits

    def summary(self, words: Tensor, borrowed: Tensor | None = None) -> Tensor:
        """Return what is read off words [B, T], in (−1, 1), [B, H]: the logits are linear in it."""
        table = borrowed if self.embedding is None else self.embedding.weight
        if table is None:
            raise ValueError("this encoder has no embedding of its own: hand it one")
        # Characters only: the end symbol says nothing more. The empty word is read as its end.
        last = ((words != self.pad).sum(1) - 2).clamp(min=0)
        words = words[:, :-1] if words.shape[1] > 1 else words
        ends = [self._last_state(self.forwards, words, last, table)]
        if self.backwards is not None:
            positions = torch.arange(words.shape[1], device=words.device)
            reversed_words = words.gather(1, (last[:, None] - positions).clamp(min=0))
            ends.append(self._last_state(self.backwards, reversed_words, last, table))
        ends = [dropped(end, self.dropout, self.training, word_axis=0) for end in ends]
        return torch.tanh(self.combine(torch.cat(ends, dim=-1)))

    def _last_state(
        self, rnn: nn.LSTM | nn.GRU, words: Tensor, last: Tensor, table: Tensor
    ) -> Tensor:
        input_weight, *others = rnn.all_weights[0]
        dropping = self.training and self.dropout > 0
        inputs, weight = symbol_inputs(words.T, table, input_weight, fuse=not dropping)
        inputs = dropped(inputs, self.dropout, dropping, word_axis=1)
        zeros = table.new_zeros((1, len(words), rnn.hidden_size))
        outputs = run_layer(rnn, inputs, (zeros, zeros), [weight, *others])
        return outputs[last, torch.arange(len(last), device=last.device)]
