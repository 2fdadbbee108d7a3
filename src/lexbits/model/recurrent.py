"""The recurrent decoder: an LSTM or a GRU that a bit vector enters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lexbits.alphabet import UNKNOWN, Alphabet
from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.model.cells import CELLS, run_layer, symbol_inputs
from lexbits.model.decoder import Decoder, Prefixes, PrefixesByStep
from lexbits.model.dropout import scaled_mask
from lexbits.model.new_characters import extend_predicted, extend_read
from lexbits.model.stepping import LstmPrefixes
from lexbits.processes import rand


@dataclass(frozen=True)
class RecurrentState:
    """What a recurrent decoder remembers of N prefixes.

    Attributes:
        hidden: the recurrent states, each [layers, N, H]; two for an LSTM, one for a GRU.
        z: [N, K] the bits that the words are decoded from.
    """

    hidden: tuple[Tensor, ...]
    z: Tensor

    def take(self, rows: Tensor) -> RecurrentState:
        """Keep the chosen prefixes, in the given order; one may be chosen several times."""
        hidden = tuple(part.index_select(1, rows) for part in self.hidden)
        return RecurrentState(hidden, self.z.index_select(0, rows))


class RecurrentDecoder(Decoder):
    """A recurrent language model of one word's symbols, given its bits.

    h_0 = tanh(dense(z)), c_0 = dense(z), h_i = rnn(h_{i−1}, [emb(x_{i−1}), z]),
    logits_i = dense(h_i) + dense(z); each of the three entries of z can be switched off.

    Settings of dropout: `embedding_dropout` is on the entries of the embedding matrix, drawn once
    for a batch; `recurrent_dropout` on those of the first layer's recurrent matrix, once for a
    batch (DropConnect; Merity et al. 2018, Regularizing and optimizing LSTM language models);
    `input_dropout` on embedded symbols and `dropout` on the outputs of every layer, with
    `variational_dropout` the same at all positions of a word (Gal and Ghahramani 2016);
    `symbol_dropout` replaces input symbols by UNKNOWN, targets never are.

    Args:
        settings: the sizes, and where z enters.
        alphabet: gives the number of symbols and the special ones.
    """

    def __init__(self, settings: Settings, alphabet: Alphabet) -> None:
        super().__init__(alphabet)
        s = self.settings = settings
        size = s.layers * s.hidden_size
        with_bits = s.bits > 0
        self.embedding = nn.Embedding(alphabet.inputs, s.embedding_size)
        inputs = s.embedding_size + (s.bits if s.z_at_every_step else 0)
        self.rnn = CELLS[s.cell](inputs, s.hidden_size, s.layers)
        self.logits = nn.Linear(s.hidden_size, alphabet.size)
        with_start = with_bits and s.z_at_start
        self.z_to_h = nn.Linear(s.bits, size) if with_start else None
        self.z_to_c = nn.Linear(s.bits, size) if with_start and s.cell == "lstm" else None
        with_logits = with_bits and s.z_at_logits
        self.z_to_logits = nn.Linear(s.bits, alphabet.size, bias=False) if with_logits else None

    def _logits_of_pairs(self, words: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        targets = words.T  # time first: that is the layout of the fused recurrent kernels
        previous = torch.cat([targets.new_full((1, len(words)), self.start_symbol), targets[:-1]])
        outputs = self._read(self._drop_symbols(previous), z, rows)
        outputs = self._drop(outputs, self.settings.dropout, len(words), rows)
        return self.read_out(outputs, z)

    def start(self, z: Tensor) -> tuple[Tensor, RecurrentState]:
        """See `Decoder`."""
        symbols = torch.full((len(z),), self.start_symbol, device=z.device)
        return symbols, RecurrentState(self._hidden(z), z)

    def step(self, symbols: Tensor, state: RecurrentState) -> tuple[Tensor, RecurrentState]:
        """See `Decoder`."""
        inputs = self._with_z(self.embedding(symbols), state.z)
        outputs, hidden = self.rnn(inputs[None], self._pack(state.hidden))
        logits = self.read_out(outputs[0], state.z)
        hidden = hidden if isinstance(hidden, tuple) else (hidden,)
        return logits.float(), RecurrentState(hidden, state.z)

    def prefixes(self, z: Tensor) -> Prefixes:
        """Return prefixes of codes, advanced in the way that is fastest here.

        LSTMs on a CPU are stepped by hand; the fused kernels are faster elsewhere.
        """
        if not isinstance(self.rnn, nn.LSTM) or z.device.type != "cpu":
            return PrefixesByStep(self, z)
        with torch.no_grad():
            output_bias = self.read_out(z.new_zeros(len(z), self.rnn.hidden_size), z)
            state = self._hidden(z)
        dtype = torch.bfloat16 if self.precision == "bf16" else None
        return LstmPrefixes(
            self.rnn, self.embedding.weight, self.logits.weight, output_bias, state, z, dtype
        )

    @property
    def bytes_per_prefix(self) -> int:
        """See `Decoder`: old and new states, gates, and logits with their logarithms."""
        parts = 2 if isinstance(self.rnn, nn.LSTM) else 1
        states = parts * self.rnn.num_layers * self.rnn.hidden_size
        weight = self.logits.weight
        return (8 * states + 3 * self.symbols) * weight.element_size()

    @torch.no_grad()
    def take_over(self, plain: Decoder) -> None:
        """See `Decoder`.

        What reads z keeps its weights: at zero, the bits would have to be found useful one by one.
        """
        if not isinstance(plain, RecurrentDecoder):
            raise UsageError(
                f"expected a recurrent decoder to start from, found {type(plain).__name__}"
            )
        weights = dict(plain.named_parameters())
        for name, own in self.named_parameters():
            if name in weights:
                # The input weights have a column for each input: the symbol's, then the bits.
                own[..., : weights[name].shape[-1]] = weights[name]

    def _add_rows(self, count: int) -> None:
        extend_read(self.embedding, count)
        extend_predicted(self.logits, count)
        if self.z_to_logits is not None:
            extend_predicted(self.z_to_logits, count)

    def symbol_vectors(self) -> Tensor:
        """Return the embedding matrix."""
        return self.embedding.weight

    def read_out(self, outputs: Tensor, z: Tensor) -> Tensor:
        """Return logits [..., V] of the last layer's outputs [..., H] and the bits z [..., K]."""
        logits: Tensor = self.logits(outputs)
        return logits if self.z_to_logits is None else logits + self.z_to_logits(z)

    def _read(self, symbols: Tensor, z: Tensor, rows: Tensor | None) -> Tensor:
        """Return the last layer's outputs [T, N, H] on symbols [T, B] and z [N, K]."""
        batch = symbols.shape[1]
        table = self._drop_entries(self.embedding.weight, self.settings.embedding_dropout)
        input_weight, recurrent_weight, *biases = self.rnn.all_weights[0]
        recurrent = self._drop_entries(recurrent_weight, self.settings.recurrent_dropout)
        values, weight = symbol_inputs(
            symbols, table, input_weight, fuse=not (self.training and self.settings.input_dropout)
        )
        values = self._drop(values, self.settings.input_dropout, batch, None)
        values = self._with_z(_take(values, rows), z.expand(len(symbols), *z.shape))
        hidden = self._hidden(z)
        layers: list[Sequence[Tensor]] = [
            [weight, recurrent, *biases],
            *self.rnn.all_weights[1:],
        ]
        for layer, weights in enumerate(layers):
            if layer:
                values = self._drop(values, self.settings.dropout, batch, rows)
            state = tuple(part[layer : layer + 1] for part in hidden)
            values = run_layer(self.rnn, values, state, weights)
        return values

    def _pack(self, hidden: tuple[Tensor, ...]) -> Tensor | tuple[Tensor, ...]:
        return hidden if isinstance(self.rnn, nn.LSTM) else hidden[0]

    def _hidden(self, z: Tensor) -> tuple[Tensor, ...]:
        shape = (len(z), self.rnn.num_layers, self.rnn.hidden_size)
        if self.z_to_h is None:
            layers, hidden = self.rnn.num_layers, self.rnn.hidden_size
            zeros = z.new_zeros((layers, len(z), hidden))  # in one piece, as cuDNN wants it
            return (zeros, zeros) if isinstance(self.rnn, nn.LSTM) else (zeros,)
        h = torch.tanh(self.z_to_h(z)).view(shape).transpose(0, 1).contiguous()
        if self.z_to_c is None:
            return (h,)
        return h, self.z_to_c(z).view(shape).transpose(0, 1).contiguous()

    def _with_z(self, embedded: Tensor, z: Tensor) -> Tensor:
        return (
            torch.cat([embedded, z], dim=-1)
            if self.settings.z_at_every_step and z.shape[-1]
            else embedded
        )

    def _drop_symbols(self, symbols: Tensor) -> Tensor:
        if not self.training or self.settings.symbol_dropout == 0:
            return symbols
        dropped = rand(symbols.shape, 1, self.embedding.weight) < self.settings.symbol_dropout
        return torch.where(dropped & (symbols != self.start_symbol), UNKNOWN, symbols)

    def _drop(self, values: Tensor, rate: float, batch: int, rows: Tensor | None) -> Tensor:
        """Inverted dropout in training on [T, N, H]; what is in a word's rows shares its noise."""
        if not self.training or rate == 0:
            return values
        length, _, size = values.shape
        noise = scaled_mask(
            (1 if self.settings.variational_dropout else length, batch, size),
            rate,
            values,
            word_axis=1,
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
