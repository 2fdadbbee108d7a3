"""The networks: P(z), P(x|z) and Q(z|x). Axes: S samples, B words, T symbols, K bits, H hidden."""

from lexbits.model.decoder import ROWS_AT_ONCE, Decoder, DecoderState, Prefixes
from lexbits.model.encoder import Encoder
from lexbits.model.latent import LatentWordModel
from lexbits.model.recurrent import RecurrentDecoder

__all__ = [
    "ROWS_AT_ONCE",
    "Decoder",
    "DecoderState",
    "Encoder",
    "LatentWordModel",
    "Prefixes",
    "RecurrentDecoder",
]
