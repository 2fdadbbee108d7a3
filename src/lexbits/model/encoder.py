"""The inference network: a word's symbols -> the logits of Q(z|x)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.model.cells import CELLS, run_layer, symbol_inputs
from lexbits.model.dropout import dropped
from lexbits.model.new_characters import extend_read


class Encoder(nn.Module):
    """Reads a word with one or two recurrent networks; their last states give K logits.

    f_i = rnn(f_{i−1}, emb(x_i)), b_i = rnn(b_{i+1}, emb(x_i)),
    logits = dense(tanh(dense([f_n, b_1])))

    The backward network reads each word reversed in its own length, so padding changes nothing and
    no packing is needed.

    Args:
        settings: the sizes; whether it reads backwards too, and has an embedding of its own.
        alphabet: gives the number of symbols and the special ones.
    """

    def __init__(self, settings: Settings, alphabet: Alphabet) -> None:
        super().__init__()
        s = settings
        size, cell = s.encoder_hidden_size, CELLS[s.cell]
        own = s.encoder_embedding == "own"
        self.pad = alphabet.pad
        self.dropout = s.encoder_dropout
        self.embedding = nn.Embedding(alphabet.inputs, s.embedding_size) if own else None
        self.forwards = cell(s.embedding_size, size)
        self.backwards = cell(s.embedding_size, size) if s.encoder_bidirectional else None
        self.combine = nn.Linear(size * (2 if s.encoder_bidirectional else 1), size)
        self.logits = nn.Linear(size, s.bits)

    def add_characters(self, count: int) -> None:
        """Make room for `count` characters after the known ones."""
        if self.embedding is not None:
            extend_read(self.embedding, count)
        self.pad += count

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
