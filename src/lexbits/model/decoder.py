"""The generative network P(x|z): a bit vector and a prefix -> logits of the next symbol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from lexbits.alphabet import UNKNOWN, Alphabet
from lexbits.bits import distinct_pairs
from lexbits.model.cells import CELLS, run_layer, symbol_inputs
from lexbits.model.dropout import scaled_mask
from lexbits.processes import rand

ROWS_AT_ONCE = 512
"""Pairs of a word and a code for one call of `Decoder.log_prob` where many are to be evaluated:
what it computes of them at a step stays in the cache of a processor, and memory is bounded."""


ENTRIES_AT_ONCE = 2**21
"""Rows times symbols of the alphabet in one step: fewer rows where an alphabet is large."""

USUAL_SYMBOLS = 16
"""Of a word; batches of longer ones have fewer words."""


@dataclass(frozen=True)
class DecoderState:
    """What the decoder remembers of N prefixes.

    Attributes:
        hidden: the recurrent states, each [layers, N, H]; two for an LSTM, one for a GRU.
        z: [N, K] the bits that the words are decoded from.
    """

    hidden: tuple[Tensor, ...]
    z: Tensor

    def take(self, rows: Tensor) -> DecoderState:
        """Keep the chosen prefixes, in the given order; one may be chosen several times."""
        hidden = tuple(part.index_select(1, rows) for part in self.hidden)
        return DecoderState(hidden, self.z.index_select(0, rows))


class Decoder(nn.Module):
    """A recurrent language model of one word's symbols, given its bits.

    h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [emb(x_{i−1}), z]),
    logits_i = dense(h_i) + dense(z); each of the three entries of z can be switched off.
    With zero bits it is the plain language model.

    Args:
        alphabet: gives the number of symbols and the special ones.
        bits: K.
        embedding_size: size of a symbol's embedding.
        hidden_size: H.
        layers: recurrent layers.
        cell: "lstm" or "gru".
        z_at_start: z sets the initial state.
        z_at_every_step: z is an input at every step.
        z_at_logits: z adds to the logits.
        embedding_dropout: dropout on the entries of the embedding matrix, drawn once for a batch.
        input_dropout: dropout on the embedded symbols.
        recurrent_dropout: dropout on the entries of the first layer's recurrent matrix, drawn once
            for a batch (DropConnect; Merity et al. 2018, Regularizing and optimizing LSTM language
            models).
        dropout: dropout on the outputs of every layer.
        variational: one dropout noise for all positions of a word (Gal and Ghahramani 2016), for
            embedded symbols and outputs; else one for each.
        symbol_dropout: share of input symbols replaced by UNKNOWN in training; targets never are.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        bits: int,
        embedding_size: int,
        hidden_size: int,
        layers: int,
        cell: str,
        z_at_start: bool,
        z_at_every_step: bool,
        z_at_logits: bool,
        embedding_dropout: float,
        input_dropout: float,
        recurrent_dropout: float,
        dropout: float,
        variational: bool,
        symbol_dropout: float,
    ) -> None:
        super().__init__()
        self.start_symbol = alphabet.start
        self.pad = alphabet.pad
        self.embedding_dropout = embedding_dropout
        self.input_dropout = input_dropout
        self.recurrent_dropout = recurrent_dropout
        self.dropout = dropout
        self.variational = variational
        self.symbol_dropout = symbol_dropout
        self.z_at_every_step = z_at_every_step
        self.embedding = nn.Embedding(alphabet.inputs, embedding_size)
        self.rnn = CELLS[cell](
            embedding_size + (bits if z_at_every_step else 0),
            hidden_size,
            layers,
        )
        self.logits = nn.Linear(hidden_size, alphabet.size)
        size = layers * hidden_size
        with_start = bool(bits) and z_at_start
        self.z_to_h = nn.Linear(bits, size) if with_start else None
        self.z_to_c = nn.Linear(bits, size) if with_start and cell == "lstm" else None
        with_logits = bool(bits) and z_at_logits
        self.z_to_logits = nn.Linear(bits, alphabet.size, bias=False) if with_logits else None

    def rows_at_once(self, most: int) -> int:
        """Return how many prefixes to advance together: `most`, or fewer of a large alphabet."""
        return max(1, min(most, ENTRIES_AT_ONCE // self.logits.out_features))

    def pairs_at_once(self, most: int) -> int:
        """Return how many pairs of a word and a code to give `log_prob`: `most`, or fewer."""
        return max(1, min(most, self.rows_at_once(ENTRIES_AT_ONCE) // USUAL_SYMBOLS))

    def log_prob(self, words: Tensor, z: Tensor) -> Tensor:
        """Return log p(x|z) in nats, [S, B], for words [B, T] and bits z [S, B, K].

        In training mode the dropout noise of a word is shared by its S samples, so that f(z) is one
        function of z and differences between samples are differences between codes. So a code that
        a word has twice is read once.
        """
        if len(z) == 1 or not _is_hard(z):
            return self.symbol_log_prob(words, z).sum(0)
        pairs = distinct_pairs(z)
        log_prob = self._log_prob_of_pairs(words, pairs.codes[pairs.code], pairs.word).sum(0)
        return log_prob[pairs.which].view(z.shape[:2])

    def symbol_log_prob(self, words: Tensor, z: Tensor) -> Tensor:
        """Return log p(x_i|x_<i, z) in nats, [T, S, B], zero behind the end of a word."""
        samples, batch, _ = z.shape
        rows = torch.arange(batch, device=z.device).repeat(samples) if samples > 1 else None
        return self._log_prob_of_pairs(words, z.flatten(0, 1), rows).view(-1, samples, batch)

    def _log_prob_of_pairs(self, words: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        """Return log p(x_i|x_<i, z), [T, N], of N codes z [N, K] and the words [B, T] in `rows`."""
        targets = words.T  # time first: that is the layout of the fused recurrent kernels
        previous = torch.cat([targets.new_full((1, len(words)), self.start_symbol), targets[:-1]])
        outputs = self._read(self._drop_symbols(previous), z, rows)
        outputs = self._drop(outputs, self.dropout, len(words), rows)
        logits = self.read_out(outputs, z)
        losses = F.cross_entropy(
            logits.flatten(0, 1).float(),
            _take(targets, rows).flatten(),
            ignore_index=self.pad,
            reduction="none",
        )
        return -losses.view(len(targets), len(z))

    def start(self, z: Tensor) -> tuple[Tensor, DecoderState]:
        """Return the start symbols [N] and the state before the first step, for z [N, K]."""
        symbols = torch.full((len(z),), self.start_symbol, device=z.device)
        return symbols, DecoderState(self._hidden(z), z)

    def step(self, symbols: Tensor, state: DecoderState) -> tuple[Tensor, DecoderState]:
        """Read one symbol for each prefix, [N]; return logits of the next, [N, V], and state."""
        inputs = self._with_z(self.embedding(symbols), state.z)
        outputs, hidden = self.rnn(inputs[None], self._pack(state.hidden))
        logits = self.read_out(outputs[0], state.z)
        hidden = hidden if isinstance(hidden, tuple) else (hidden,)
        return logits.float(), DecoderState(hidden, state.z)

    def read_out(self, outputs: Tensor, z: Tensor) -> Tensor:
        """Return logits [..., V] of the last layer's outputs [..., H] and the bits z [..., K]."""
        logits: Tensor = self.logits(outputs)
        return logits if self.z_to_logits is None else logits + self.z_to_logits(z)

    def _read(self, symbols: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        """Return the last layer's outputs [T, N, H] on symbols [T, B] and z [N, K]."""
        batch = symbols.shape[1]
        table = self._drop_entries(self.embedding.weight, self.embedding_dropout)
        input_weight, recurrent_weight, *biases = self.rnn.all_weights[0]
        recurrent = self._drop_entries(recurrent_weight, self.recurrent_dropout)
        values, weight = symbol_inputs(
            symbols, table, input_weight, fuse=not (self.training and self.input_dropout)
        )
        values = self._drop(values, self.input_dropout, batch, None)
        values = self._with_z(_take(values, rows), z.expand(len(symbols), *z.shape))
        hidden = self._hidden(z)
        layers: list[Sequence[Tensor]] = [
            [weight, recurrent, *biases],
            *self.rnn.all_weights[1:],
        ]
        for layer, weights in enumerate(layers):
            if layer:
                values = self._drop(values, self.dropout, batch, rows)
            state = tuple(part[layer : layer + 1] for part in hidden)
            values = run_layer(self.rnn, values, state, weights)
        return values

    def _pack(self, hidden: tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
        return hidden if isinstance(self.rnn, nn.LSTM) else hidden[0]

    def _hidden(self, z: Tensor) -> tuple[Tensor, ...]:
        shape = (len(z), self.rnn.num_layers, self.rnn.hidden_size)
        if self.z_to_h is None:
            zeros = z.new_zeros(shape).transpose(0, 1)
            return (zeros, zeros) if isinstance(self.rnn, nn.LSTM) else (zeros,)
        h = torch.tanh(self.z_to_h(z)).view(shape).transpose(0, 1).contiguous()
        if self.z_to_c is None:
            return (h,)
        return h, self.z_to_c(z).view(shape).transpose(0, 1).contiguous()

    def _with_z(self, embedded: Tensor, z: Tensor) -> Tensor:
        return (
            torch.cat([embedded, z], dim=-1) if self.z_at_every_step and z.shape[-1] else embedded
        )

    def _drop_symbols(self, symbols: Tensor) -> Tensor:
        if not self.training or self.symbol_dropout == 0:
            return symbols
        dropped = rand(symbols.shape, 1, self.embedding.weight) < self.symbol_dropout
        return torch.where(dropped & (symbols != self.start_symbol), UNKNOWN, symbols)

    def _drop(self, values: Tensor, rate: float, batch: int, rows: Tensor | None) -> Tensor:
        """Inverted dropout in training on [T, N, H]; what is in a word's rows shares its noise."""
        if not self.training or rate == 0:
            return values
        length, _, size = values.shape
        noise = scaled_mask(
            (1 if self.variational else length, batch, size), rate, values, word_axis=1
        )
        return values * _take(noise, rows)

    def _drop_entries(self, matrix: Tensor, rate: float) -> Tensor:
        """Inverted dropout in training on the entries of a weight matrix, once for a batch."""
        if not self.training or rate == 0:
            return matrix
        return matrix * scaled_mask(matrix.shape, rate, matrix, word_axis=None)


def _take(of_words: Tensor, rows: Tensor | None) -> Tensor:
    """Return from [T, B, ...] what belongs to each of N pairs, [T, N, ...]; None is B of them."""
    return of_words if rows is None else of_words.index_select(1, rows)


def _is_hard(z: Tensor) -> bool:
    """Whether z is made of zeros and ones, and no gradient runs through it."""
    return not z.requires_grad and bool(((z == 0) | (z == 1)).all())
