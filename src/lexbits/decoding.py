"""From bits to words: greedy, sampled and beam decoding, many words at once.

The unknown symbol is never chosen: probabilities are those of the other symbols, renormalised. A
word that has not ended after `limit` symbols is cut there and says so. Ended words cost nothing
more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lexbits.alphabet import END, UNKNOWN
from lexbits.errors import UsageError
from lexbits.model import Decoder, stepper

Method = Literal["greedy", "sample", "beam"]
BEAM_WIDTH = 8
LEAST_TEMPERATURE = 0.001  # below, log-probabilities divided by it overflow

Choice = Callable[[Tensor], Tensor]
"""log-probabilities [N, V] -> chosen symbols [N]."""


@dataclass(frozen=True)
class Decoded:
    """N decoded words.

    Attributes:
        symbols: [N, T], END from the end of a word on.
        log_prob: [N] log-probability in nats of the symbols, the end symbol counted, under the
            distribution they were chosen from (at temperature 1, without the unknown symbol).
        ended: [N] whether the word ended by itself within the limit.
    """

    symbols: Tensor
    log_prob: Tensor
    ended: Tensor


def decode(
    decoder: Decoder, z: Tensor, limit: int, method: Method, temperature: float = 1.0
) -> Decoded:
    """Decode z [N, K] by one of the methods below.

    Raises:
        UsageError: an unknown method, or a temperature that it cannot have.
    """
    if not LEAST_TEMPERATURE <= temperature < float("inf"):
        raise UsageError(
            f"expected a temperature of at least {LEAST_TEMPERATURE}, found {temperature:g}"
        )
    if temperature != 1 and method != "sample":
        raise UsageError(f"a temperature goes with decode 'sample' only, found {method!r}")
    if method == "greedy":
        return greedy(decoder, z, limit)
    if method == "sample":
        return ancestral(decoder, z, limit, temperature)
    if method == "beam":
        return beam(decoder, z, limit, BEAM_WIDTH)
    raise UsageError(f"expected one of greedy, sample, beam as decoding, found {method!r}")


def greedy(decoder: Decoder, z: Tensor, limit: int) -> Decoded:
    """Decode z [N, K] by taking the most probable symbol at each step."""
    return _one_by_one(decoder, z, limit, lambda log_probs: log_probs.argmax(-1))


def ancestral(decoder: Decoder, z: Tensor, limit: int, temperature: float = 1.0) -> Decoded:
    """Decode z [N, K] by sampling each symbol from p(x_i | z, x_<i)^(1/temperature), renormalised.

    Noise comes from torch's global generator.
    """

    def choose(log_probs: Tensor) -> Tensor:
        return torch.multinomial(torch.softmax(log_probs / temperature, -1), 1)[:, 0]

    return _one_by_one(decoder, z, limit, choose)


def _one_by_one(decoder: Decoder, z: Tensor, limit: int, choose: Choice) -> Decoded:
    rows = parents = torch.arange(len(z), device=z.device)  # the words that have not ended
    symbols = torch.full_like(rows, decoder.start_symbol)
    prefixes = stepper(decoder, z)
    chosen = torch.full((len(z), limit), END, device=z.device)
    total = torch.zeros(len(z), device=z.device)
    ended = torch.zeros(len(z), dtype=torch.bool, device=z.device)
    for position in range(limit):
        log_probs = _without_unknown(prefixes.step(symbols, parents))
        symbols = choose(log_probs)
        chosen[rows, position] = symbols
        total[rows] += log_probs.gather(1, symbols[:, None])[:, 0]
        ended[rows] = symbols == END
        parents = (symbols != END).nonzero()[:, 0]
        if len(parents) == 0:
            break
        rows, symbols = rows[parents], symbols[parents]
    return Decoded(chosen, total, ended)


def beam(decoder: Decoder, z: Tensor, limit: int, width: int = 8) -> Decoded:
    """Decode z [N, K] to about the most probable word: the best of `width` prefixes kept each step.

    Ended words stay in the beam with their score, so a shorter word is not preferred for being
    short; the search for a word stops when its best hypothesis has ended.
    """
    n, device = len(z), z.device
    words = torch.full((n, width, limit), END, device=device)
    scores = torch.full((n, width), -torch.inf, device=device)
    scores[:, 0] = 0.0  # all prefixes are the empty one: count it once
    ended = torch.zeros((n, width), dtype=torch.bool, device=device)
    rows = torch.arange(n, device=device)  # the words whose best hypothesis has not ended
    prefixes = stepper(decoder, z)
    parents = rows.repeat_interleave(width)
    symbols = torch.full_like(parents, decoder.start_symbol)
    for position in range(limit):
        log_probs = _without_unknown(prefixes.step(symbols, parents)).view(len(rows), width, -1)
        size = log_probs.shape[-1]
        stay = torch.full((size,), -torch.inf, device=device)
        stay[END] = 0.0
        log_probs = torch.where(ended[rows, :, None], stay, log_probs)
        candidates = (scores[rows, :, None] + log_probs).flatten(1)
        best, places = candidates.topk(width, dim=1)
        parent, symbol = places // size, places % size
        longer = words[rows].gather(1, parent[..., None].expand(-1, -1, limit))
        longer[..., position] = symbol
        words[rows], scores[rows] = longer, best
        ended[rows] = ended[rows].gather(1, parent) | (symbol == END)
        going = (~ended[rows, 0]).nonzero()[:, 0]
        if len(going) == 0:
            break
        parents = (going[:, None] * width + parent[going]).flatten()
        rows, symbols = rows[going], symbol[going].flatten()
    return Decoded(words[:, 0], scores[:, 0], ended[:, 0])


def _without_unknown(logits: Tensor) -> Tensor:
    logits = logits.clone()
    logits[:, UNKNOWN] = -torch.inf
    return torch.log_softmax(logits, -1)
