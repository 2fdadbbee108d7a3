"""What is exactly true of words and their posteriors, from tables of log p(x|z) over all codes.

log p(x) − ELBO = KL(Q(z|x) ‖ P(z|x)): the gap is all of Q's fault. Where Q is factorised it has two
parts (Cremer, Li and Duvenaud 2018): what no factorised posterior reaches, and what the encoder
loses against the best of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.bits import Posterior, codes_between
from lexbits.bits.precision import home_of_doubles, in_double
from lexbits.data.corpus import Corpus
from lexbits.likelihood.exact import (
    LIMIT,
    Progress,
    log_likelihood_by_code,
    log_prior_by_code,
    refuse_too_many_bits,
)
from lexbits.likelihood.importance import Floats
from lexbits.likelihood.mean_field import best_factorised_elbo, marginals
from lexbits.likelihood.trie import alphabetical_blocks, part_of
from lexbits.model import LatentWordModel

TABLE_BYTES = 512 * 2**20
"""Largest table of log p(x|z) that is kept; words are taken in blocks that fit."""

PIECE = 2**22
"""Entries of the table that are worked on at once, in float64, by about ten arrays of that size."""


@dataclass(frozen=True)
class ExactScores:
    """One value for each of N words, in the order of the corpus; in nats, exact up to rounding.

    Attributes:
        log_prob: log p(x).
        elbo: −rate − distortion.
        gap: KL(Q(z|x) ‖ P(z|x)) = log_prob − elbo.
        rate: KL(Q(z|x) ‖ P(z)).
        distortion: −E_Q[log p(x|z)].
        mean_field_gap: log_prob − the best ELBO found of a factorised posterior. An upper bound of
            KL from the best factorised posterior to P(z|x): the search may end in a local optimum.
            None where Q is not factorised.
        amortisation_gap: gap − mean_field_gap, not negative: what the encoder's Q loses against the
            best factorised posterior found, so a lower bound. None where Q is not factorised.
        best_code_prob: probability P(z|x) of the most probable code.
        symbols: number of symbols, the end of the word counted.
    """

    log_prob: Floats
    elbo: Floats
    gap: Floats
    rate: Floats
    distortion: Floats
    best_code_prob: Floats
    symbols: NDArray[np.int64]
    mean_field_gap: Floats | None = None
    amortisation_gap: Floats | None = None


@torch.no_grad()
def exact_scores(
    model: LatentWordModel, corpus: Corpus, limit: int = LIMIT, progress: Progress | None = None
) -> ExactScores:
    """Score every word of `corpus` with all codes.

    Raises:
        UsageError: more bits than `limit`.
    """
    refuse_too_many_bits(model.bits, limit)
    log_prior = log_prior_by_code(model)
    at_once = max(1, PIECE // len(log_prior))
    blocks, found = [], []
    for block, table in _tables(model, corpus, limit, progress):
        for first in range(0, len(block), at_once):
            words = corpus.batch(block[first : first + at_once])
            log_likelihood = in_double(table[first : first + at_once])
            found.append(_scores(model, words, log_likelihood, log_prior))
        blocks.append(block)
    order = np.argsort(np.concatenate(blocks))
    columns = {
        name: torch.cat([piece[name] for piece in found]).cpu().numpy()[order] for name in found[0]
    }
    return ExactScores(**columns, symbols=corpus.lengths)


def words_in_table(model: LatentWordModel) -> int:
    """Return the number of words whose log p(x|z) for all codes fill TABLE_BYTES; at least one."""
    row = next(model.decoder.parameters()).element_size() << model.bits
    return max(1, TABLE_BYTES // row)


def _tables(
    model: LatentWordModel, corpus: Corpus, limit: int, progress: Progress | None
) -> Iterator[tuple[NDArray[np.int64], Tensor]]:
    """Yield blocks of B words with their log p(x|z) [B, 2^K], in the arithmetic of the model."""
    codes, weight = 2**model.bits, next(model.decoder.parameters())
    finished = 0
    for block in alphabetical_blocks(corpus, words_in_table(model)):
        table = torch.empty((len(block), codes), dtype=weight.dtype, device=weight.device)
        done = 0
        for z, log_likelihood in log_likelihood_by_code(model, part_of(corpus, block), limit):
            table[:, done : done + len(z)] = log_likelihood.T
            done += len(z)
            if progress is not None:
                progress(finished * codes + done * len(block), codes * len(corpus))
        yield block, table
        finished += len(block)


def _scores(
    model: LatentWordModel, words: NDArray[np.int32], log_likelihood: Tensor, log_prior: Tensor
) -> dict[str, Tensor]:
    """Return the columns of ExactScores for words [B, T] from log p(x|z) [B, 2^K] and log P(z)."""
    q = model.posterior(torch.from_numpy(words).long().to(model.device))
    log_q = _log_q_by_code(q, model, len(words))
    log_joint = log_likelihood + log_prior
    log_prob = torch.logsumexp(log_joint, 1)
    posterior, q_by_code = torch.exp(log_joint - log_prob[:, None]), torch.exp(log_q)
    best_code_prob, best = posterior.max(1)
    places = torch.arange(model.bits - 1, -1, -1, device=best.device)
    best_code = (best[:, None] >> places & 1).double()
    rate = (q_by_code * (log_q - log_prior)).sum(1)
    distortion = -(q_by_code * log_likelihood).sum(1)
    elbo = -rate - distortion
    scores = {
        "log_prob": log_prob,
        "elbo": elbo,
        "gap": log_prob - elbo,
        "rate": rate,
        "distortion": distortion,
        "best_code_prob": best_code_prob,
    }
    if q.factorised:
        starts = [marginals(q_by_code), marginals(posterior), best_code]
        # The encoder's own posterior is one of the factorised ones, whatever rounding says.
        reached = torch.maximum(best_factorised_elbo(log_joint, starts), elbo)
        scores["mean_field_gap"] = log_prob - reached
        scores["amortisation_gap"] = reached - elbo
    return scores


def _log_q_by_code(q: Posterior, model: LatentWordModel, words: int) -> Tensor:
    """Return log Q(z|x) of all codes, [B, 2^K] in float64, for the posteriors of B words."""
    like = next(model.decoder.parameters())
    codes, step = 2**model.bits, max(1, PIECE // (words * max(1, model.bits)))
    home = home_of_doubles(like.device)
    log_q = torch.empty((words, codes), dtype=torch.float64, device=home)
    for first in range(0, codes, step):
        last = min(first + step, codes)
        z = codes_between(model.bits, first, last).to(like)
        log_q[:, first:last] = in_double(q.log_prob(z[:, None]).T)
    # In float32 the codes sum to 1 ± 1e-6; times log p(x, z) that would be seen in the ELBO.
    return torch.log_softmax(log_q, 1)
