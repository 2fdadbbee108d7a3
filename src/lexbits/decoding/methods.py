"""From bits to words: greedy, sampled and beam decoding, many words at once.

Neither the unknown symbol is ever chosen nor the end before the first character, so no word is
empty: probabilities are those of the other symbols, renormalised. A word that has not ended after
`limit` symbols is cut there and says so. Ended words cost nothing more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.bits import keyed_samples
from lexbits.bits.precision import home_of_doubles, in_double
from lexbits.errors import UsageError
from lexbits.model import Decoder, LatentWordModel
from lexbits.randomness import number_keys, uniform

Method = Literal["greedy", "sample", "beam"]
BEAM_WIDTH = 8
LEAST_TEMPERATURE = 0.001  # below, log-probabilities divided by it overflow

CODES_AT_ONCE = 1024
"""Codes that are decoded together: bounds the memory."""

Choice = Callable[[Tensor, Tensor, int], Tensor]
"""log-probabilities [N, V], the words [N] that they are of, position -> chosen symbols [N]."""


@dataclass(frozen=True)
class Decoded:
    """N decoded words.

    Attributes:
        symbols: [N, T], END from the end of a word on.
        log_prob: [N] log-probability in nats of the symbols, the end symbol counted, under the
            distribution they were chosen from (at temperature 1, without the unknown symbol and
            the empty word).
        ended: [N] whether the word ended by itself within the limit.
    """

    symbols: Tensor
    log_prob: Tensor
    ended: Tensor

    def spell(self, alphabet: Alphabet, longest: int) -> list[str]:
        """Return the words; one that has not ended is cut after `longest` characters."""
        return [alphabet.decode(row[:longest]) for row in self.symbols.tolist()]


def draw_words(
    model: LatentWordModel,
    numbers: range,
    seed: int,
    longest: int,
    method: Method = "sample",
    temperature: float = 1.0,
    z: Tensor | None = None,
) -> tuple[Tensor, Decoded]:
    """Draw words from a model: z from the prior, then x from P(x|z). Return z [N, K] and the words.

    A word is a function of its number and the seed (up to the rounding of the decoder's sums): more
    of them begin with the same ones.

    Args:
        model: the model.
        numbers: the numbers of the words, one after another.
        seed: other seeds give other words.
        longest: the most characters of a word that ends.
        method: how z is decoded.
        temperature: of the method "sample".
        z: [K], or [N, K], to decode in place of samples from the prior.
    """
    codes = draw_codes(model, numbers, seed) if z is None else z.expand(len(numbers), -1)
    keys = number_keys(numbers.start, len(numbers), seed, "symbols")
    return codes, decode(model.decoder, codes, longest + 1, method, temperature, keys)


def draw_codes(model: LatentWordModel, numbers: range, seed: int) -> Tensor:
    """Draw codes z [N, K] from the prior, each a function of its number and the seed."""
    keys = number_keys(numbers.start, len(numbers), seed, "codes").to(model.device)
    return keyed_samples(model.prior(), keys, 1)[0]


@torch.no_grad()
def decode(
    decoder: Decoder,
    z: Tensor,
    limit: int,
    method: Method,
    temperature: float = 1.0,
    keys: Tensor | None = None,
) -> Decoded:
    """Decode z [N, K] by one of the methods below, in pieces of bounded size.

    Args:
        decoder: the decoder.
        z: what to decode.
        limit: the most symbols of a word, its end counted.
        method: "greedy", "sample" or "beam".
        temperature: of "sample".
        keys: [N] of the noise of "sample".

    Raises:
        UsageError: an unknown method, or a temperature that it cannot have.
    """
    if not LEAST_TEMPERATURE <= temperature < float("inf"):
        raise UsageError(
            f"expected a temperature of at least {LEAST_TEMPERATURE}, found {temperature:g}"
        )
    if temperature != 1 and method != "sample":
        raise UsageError(f"a temperature goes with decode 'sample' only, found {method!r}")
    if method not in get_args(Method):
        raise UsageError(f"expected one of greedy, sample, beam as decoding, found {method!r}")
    at_once = max(1, decoder.rows_at_once(CODES_AT_ONCE) // (BEAM_WIDTH if method == "beam" else 1))
    pieces = []
    for begin in range(0, max(1, len(z)), at_once):
        rows = z[begin : begin + at_once]
        if method == "greedy":
            pieces.append(greedy(decoder, rows, limit))
        elif method == "beam":
            pieces.append(beam(decoder, rows, limit, BEAM_WIDTH))
        else:
            if keys is None:
                raise ValueError("expected keys of the noise to sample by")
            pieces.append(
                ancestral(decoder, rows, limit, keys[begin : begin + at_once], temperature)
            )
    return Decoded(
        torch.cat([piece.symbols for piece in pieces]),
        torch.cat([piece.log_prob for piece in pieces]),
        torch.cat([piece.ended for piece in pieces]),
    )


def greedy(decoder: Decoder, z: Tensor, limit: int) -> Decoded:
    """Decode z [N, K] by taking the most probable symbol at each step."""
    return _one_by_one(decoder, z, limit, lambda log_probs, *_: log_probs.argmax(-1))


def ancestral(
    decoder: Decoder, z: Tensor, limit: int, keys: Tensor, temperature: float = 1.0
) -> Decoded:
    """Decode z [N, K] by sampling each symbol from p(x_i | z, x_<i)^(1/temperature), renormalised.

    The noise of a word is a function of its key; `keys` [N] may be on another device.
    """
    keys = keys.to(home_of_doubles(z.device))

    def choose(log_probs: Tensor, rows: Tensor, position: int) -> Tensor:
        # In double precision: a seed gives the same words on all devices, but for the rounding of
        # the decoder's own sums.
        reached = torch.softmax(in_double(log_probs) / temperature, -1).cumsum(-1)
        noise = uniform(keys[rows.to(keys.device)], position, 1, 1)[0] * reached[:, -1:]
        return torch.searchsorted(reached, noise, right=True)[:, 0].to(log_probs.device)

    return _one_by_one(decoder, z, limit, choose)


def _one_by_one(decoder: Decoder, z: Tensor, limit: int, choose: Choice) -> Decoded:
    rows = parents = torch.arange(len(z), device=z.device)  # the words that have not ended
    symbols = torch.full_like(rows, decoder.start_symbol)
    prefixes = decoder.prefixes(z)
    chosen = torch.full((len(z), limit), END, device=z.device)
    total = torch.zeros(len(z), device=z.device)
    ended = torch.zeros(len(z), dtype=torch.bool, device=z.device)
    for position in range(limit):
        log_probs = allowed(prefixes.step(symbols, parents), position)
        symbols = choose(log_probs, rows, position)
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
    prefixes = decoder.prefixes(z)
    parents = rows.repeat_interleave(width)
    symbols = torch.full_like(parents, decoder.start_symbol)
    for position in range(limit):
        log_probs = allowed(prefixes.step(symbols, parents), position)
        log_probs = log_probs.view(len(rows), width, -1)
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


def allowed(logits: Tensor, position: int) -> Tensor:
    """Return log-probabilities of the symbols that a word may have at a position, [N, V]."""
    logits = logits.clone()
    logits[:, UNKNOWN] = -torch.inf
    if position == 0:
        logits[:, END] = -torch.inf
    return torch.log_softmax(logits, -1)
