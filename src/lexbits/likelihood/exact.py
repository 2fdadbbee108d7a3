"""Exact log p(x) by enumeration of all 2^K codes, streamed: log p(x) = log Σ_z p(z) p(x|z).

Codes are counted in binary and evaluated in chunks; all metrics are reductions over them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from lexbits.bits import codes_between
from lexbits.bits.precision import home_of_doubles, in_double
from lexbits.data.corpus import Corpus
from lexbits.errors import UsageError
from lexbits.likelihood.importance import Floats
from lexbits.likelihood.trie import Trie, alphabetical_blocks, build_trie, part_of
from lexbits.likelihood.workers import ROWS, times_as_many, workers
from lexbits.model import Decoder, LatentWordModel

WORDS_AT_ONCE = 512
"""Alphabetical neighbours in one trie: no level is wider, and several codes fit into ROWS."""

LIMIT = 20
"""Bits that are enumerated unless a caller asks for more; 2^20 are about a million codes."""

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is, in pairs of a code and a word."""


def refuse_too_many_bits(bits: int, limit: int) -> None:
    """Check that all codes of `bits` bits may be enumerated.

    Raises:
        UsageError: more bits than `limit`.
    """
    if bits > limit:
        raise UsageError(
            f"exact inference enumerates all codes, and {bits} bits have 2^{bits} (about "
            f"10^{bits * math.log10(2):.0f}) of them, more than the limit of {limit} bits: raise "
            "the limit, or use importance sampling or the lower bound of the most probable codes"
        )


def log_likelihood_by_code(
    model: LatentWordModel, corpus: Corpus, limit: int = LIMIT
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield all codes in their order, chunk by chunk, with log p(x|z) of every word.

    Each chunk is (z [C, K], log_likelihood [C, N]), N words in the order of `corpus`, in nats and
    float64. Words are read in alphabetical blocks that share prefixes.

    Raises:
        UsageError: more bits than `limit`.
    """
    refuse_too_many_bits(model.bits, limit)
    return _chunks(model, corpus)


def _chunks(model: LatentWordModel, corpus: Corpus) -> Iterator[tuple[Tensor, Tensor]]:
    weight = next(model.decoder.parameters())
    blocks = alphabetical_blocks(corpus, WORDS_AT_ONCE)
    tries = [build_trie(part_of(corpus, indices), weight.device) for indices in blocks]
    order = torch.from_numpy(np.argsort(np.concatenate(blocks)))
    order = order.to(home_of_doubles(weight.device))
    codes = 2**model.bits
    with workers(weight.device) as team:
        step = team.count * codes_at_once(model.decoder, tries)
        for first in range(0, codes, step):
            z = codes_between(model.bits, first, min(first + step, codes)).to(weight)
            yield z, team.log_likelihood(model.decoder, tries, z).index_select(1, order)


def codes_at_once(decoder: Decoder, tries: Sequence[Trie]) -> int:
    """Return the number of codes a worker takes: no level of any trie makes more than ROWS rows.

    More of them on a GPU, fewer where the alphabet is large.
    """
    device = next(decoder.parameters()).device
    rows = decoder.rows_at_once(ROWS * times_as_many(device))
    return max(1, rows // max(trie.width for trie in tries))


@torch.no_grad()
def log_prior_by_code(model: LatentWordModel) -> Tensor:
    """Return log P(z) in nats for all codes in their order, [2^K] in float64."""
    prior, like = model.prior(), next(model.decoder.parameters())
    codes, step = 2**model.bits, 2**16
    pieces = [
        prior.log_prob(codes_between(model.bits, first, min(first + step, codes)).to(like))
        for first in range(0, codes, step)
    ]
    return in_double(torch.cat(pieces))


@torch.no_grad()
def exact_log_prob(model: LatentWordModel, corpus: Corpus, limit: int = LIMIT) -> Floats:
    """Return log p(x) = log Σ_z P(z) p(x|z) in nats for every word of `corpus`, [N].

    It is exact up to rounding.

    Nothing but a running sum is kept of the codes: memory does not grow with their number, but for
    their prior probabilities (8 bytes each).

    Raises:
        UsageError: more bits than `limit`.

    Examples:
        >>> corpus = Corpus.from_words(["casa", "perro"], model.alphabet)
        >>> exact_log_prob(model.network, corpus).shape
        (2,)
    """
    chunks = log_likelihood_by_code(model, corpus, limit)
    log_prior = log_prior_by_code(model)
    total = torch.full((len(corpus),), -torch.inf, dtype=torch.float64, device=log_prior.device)
    done = 0
    for z, log_likelihoods in chunks:
        log_joint = log_likelihoods + log_prior[done : done + len(z), None]
        total = torch.logaddexp(total, torch.logsumexp(log_joint, 0))
        done += len(z)
    return total.cpu().numpy()
