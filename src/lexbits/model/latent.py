"""The whole model: prior P(z), posterior Q(z|x) and decoder P(x|z) in one module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lexbits.alphabet import Alphabet
from lexbits.bits import Bernoullis
from lexbits.config import Settings
from lexbits.model.decoder import Decoder
from lexbits.model.encoder import Encoder


class LatentWordModel(nn.Module):
    """P(z) P(x|z) and Q(z|x) for words x and bit vectors z ∈ {0,1}^K.

    With zero bits there is no encoder, z is empty and P(x|z) is the plain language model.

    Args:
        settings: sizes and choices of both networks.
        alphabet: the symbols.
    """

    prior_logits: Tensor

    def __init__(self, settings: Settings, alphabet: Alphabet) -> None:
        super().__init__()
        s = settings
        self.bits = s.bits
        self.decoder = Decoder(
            alphabet=alphabet,
            bits=s.bits,
            embedding_size=s.embedding_size,
            hidden_size=s.hidden_size,
            layers=s.layers,
            cell=s.cell,
            z_at_start=s.z_at_start,
            z_at_every_step=s.z_at_every_step,
            z_at_logits=s.z_at_logits,
            embedding_dropout=s.embedding_dropout,
            dropout=s.dropout,
            symbol_dropout=s.symbol_dropout,
        )
        self.borrows_embedding = s.encoder_embedding == "borrowed"
        self.encoder = (
            Encoder(
                inputs=alphabet.inputs,
                pad=alphabet.pad,
                embedding_size=s.embedding_size,
                hidden_size=s.encoder_hidden_size,
                bits=s.bits,
                cell=s.cell,
                bidirectional=s.encoder_bidirectional,
                own_embedding=not self.borrows_embedding,
            )
            if s.bits
            else None
        )
        alpha = torch.tensor(
            s.alpha if len(s.alpha) == s.bits else s.alpha * s.bits, dtype=torch.float64
        )
        # In double: a probability that float32 rounds to 1 would get an infinite logit.
        self.register_buffer("prior_logits", torch.logit(alpha).float())

    def prior(self) -> Bernoullis:
        """Return P(z), logits [K]."""
        return Bernoullis(self.prior_logits)

    def posterior(self, words: Tensor) -> Bernoullis:
        """Return Q(z|x), logits [B, K], for words [B, T]."""
        if self.encoder is None:
            return Bernoullis(self.prior_logits.new_zeros((len(words), 0)))
        borrowed = self.decoder.embedding.weight.detach() if self.borrows_embedding else None
        return Bernoullis(self.encoder(words, borrowed).float())
