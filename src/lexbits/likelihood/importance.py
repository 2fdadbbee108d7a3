"""Importance-sampled log-likelihood of words, batched over words and samples.

log p(x) ≈ log 1/S Σ_s w_s,  w_s = p(z_s) p(x|z_s) / Q(z_s|x),  z_s ~ Q(z|x)

(Burda, Grosse and Salakhutdinov 2016, Importance weighted autoencoders). The estimate of p(x) is
unbiased; its logarithm is too low on average, less so for larger S: the NLL is biased upwards.

Similar words draw similar codes, and neighbours in the alphabet begin alike: with one code a prefix
is read once for all of them: the less entropy the posterior has and the more samples there are,
the more is shared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.bits import Posterior, distinct_pairs, exact_kl_per_bit, keyed_samples
from lexbits.bits.precision import in_double
from lexbits.data.corpus import Corpus
from lexbits.likelihood.trie import alphabetical_blocks, part_of
from lexbits.likelihood.workers import Workers, workers
from lexbits.model import LatentWordModel
from lexbits.processes import ALONE, Processes
from lexbits.randomness import word_keys

WORDS_AT_ONCE = 512
"""Alphabetical neighbours: with one code they share most of their prefixes."""

BITS_AT_ONCE = 2**23
"""Bits that are drawn together: bounds the memory too."""

COLUMNS = ("log_prob", "standard_error", "ess", "rate", "distortion")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class WordScores:
    """One value for each of N words, in the order of the corpus; in nats.

    Attributes:
        log_prob: importance-sampled log p(x).
        standard_error: Monte Carlo error of log_prob by the delta method, sd(w)/(mean(w) √S);
            zero where there is nothing to sample, infinite where S = 1 leaves it unknown.
        ess: effective sample size (Σw)²/Σw², between 1 and S.
        rate: KL(Q(z|x) ‖ P(z)), exact where the bits of both are independent, else estimated from
            the S samples.
        distortion: −E_Q[log p(x|z)], estimated from the S samples.
        by_samples: log p(x) estimated from fewer samples, for each power of ten below S and for S:
            the mean over disjoint groups of that many.
        symbols: number of symbols, the end of the word counted.
        unseen: number of characters that the model has never seen.
        posterior: [N, P] the parameters of Q(z|x), for `LatentWordModel.posterior_like`.
        keys: [N] the keys of the words' noise.

    Examples:
        >>> corpus = Corpus.from_words(["casa"], model.alphabet)
        >>> scores = score_words(model.network, corpus, samples=10)
        >>> scores.log_prob.shape, bool(scores.log_prob[0] < 0)
        ((1,), True)
    """

    log_prob: Floats
    standard_error: Floats
    ess: Floats
    rate: Floats
    distortion: Floats
    by_samples: dict[int, Floats]
    symbols: NDArray[np.int64]
    unseen: NDArray[np.int64]
    posterior: Floats
    keys: Tensor

    @property
    def elbo(self) -> Floats:
        """The evidence lower bound, −distortion − rate."""
        return -self.distortion - self.rate


def noise_keys(corpus: Corpus, seed: int) -> Tensor:
    """Return the keys of the noise that words are scored with, [N]."""
    return word_keys(corpus, seed, "importance")


@torch.no_grad()
def score_words(
    model: LatentWordModel,
    corpus: Corpus,
    samples: int,
    seed: int = 0,
    processes: Processes = ALONE,
) -> WordScores:
    """Score every word of `corpus` with S = `samples` codes of its posterior.

    log p(x) is estimated by log 1/S Σ_s p(x, z_s) / q(z_s|x) (Burda et al. 2016, Importance
    weighted autoencoders): too low on average, the less so the larger S.

    The noise of a word is a function of the word and the seed, whatever words stand beside it; so
    several processes may share the batches and find the same. With zero bits the likelihood is
    exact and one evaluation a word suffices.

    Examples:
        >>> corpus = Corpus.from_words(["casa", "perro"], model.alphabet)
        >>> len(score_words(model.network, corpus, samples=10).log_prob)
        2
    """
    samples = samples if model.bits else 1
    sizes = sample_numbers(samples)
    batches = alphabetical_blocks(corpus, WORDS_AT_ONCE)
    keys = noise_keys(corpus, seed)
    parameters = model.posterior(model.words(corpus, np.arange(1))).parameters.shape[-1]
    table = torch.zeros((len(corpus), len(COLUMNS) + len(sizes) + parameters), dtype=torch.double)
    with workers(model.device) as team:
        for indices in batches[processes.rank :: processes.count]:
            words, noise = part_of(corpus, indices), keys[indices].to(model.device)
            table[indices] = _score(model, words, noise, samples, sizes, team).cpu()
    columns, estimates, posterior = np.split(
        processes.sum(table).numpy(), [len(COLUMNS), len(COLUMNS) + len(sizes)], axis=1
    )
    return WordScores(
        **dict(zip(COLUMNS, columns.T, strict=True)),
        by_samples=dict(zip(sizes, estimates.T, strict=True)),
        symbols=corpus.lengths,
        unseen=corpus.unseen,
        posterior=posterior,
        keys=keys,
    )


def _score(
    model: LatentWordModel,
    words: Corpus,
    keys: Tensor,
    samples: int,
    sizes: list[int],
    team: Workers,
) -> Tensor:
    """Return [B, ...]: the `COLUMNS`, the estimates from fewer samples, and q's parameters."""
    q = model.posterior(model.words(words, np.arange(len(words))))
    log_weights, log_likelihood = _log_weights(model, words, q, keys, samples, team)
    kl_per_bit = exact_kl_per_bit(q, model.prior())
    columns = (
        torch.logsumexp(log_weights, 0) - math.log(samples),
        _standard_error(log_weights, model.bits),
        effective_sample_size(log_weights),
        (log_likelihood - log_weights).mean(0)
        if kl_per_bit is None
        else in_double(kl_per_bit).sum(-1),
        -log_likelihood.mean(0),
    )
    estimates = (grouped_log_mean(log_weights, size) for size in sizes)
    per_word = torch.stack([*columns, *estimates], dim=1)
    return torch.cat([per_word, in_double(q.parameters)], dim=1)


def _log_weights(
    model: LatentWordModel, words: Corpus, q: Posterior, keys: Tensor, samples: int, team: Workers
) -> tuple[Tensor, Tensor]:
    """Return log w and log p(x|z), both [S, B], in pieces of bounded size."""
    weights, likelihoods = [], []
    step = max(1, BITS_AT_ONCE // (len(words) * max(1, q.bits)))
    for done in range(0, samples, step):
        z = keyed_samples(q, keys, min(step, samples - done), first=done)
        pairs = distinct_pairs(z)
        log_likelihood = team.log_likelihood_of_pairs(model.decoder, words, pairs)
        log_likelihood = log_likelihood[pairs.which.to(log_likelihood.device)].view(z.shape[:2])
        log_prior = model.prior().log_prob(pairs.codes)[pairs.code[pairs.which]].view(z.shape[:2])
        weights.append(in_double(log_prior) + log_likelihood - in_double(q.log_prob(z)))
        likelihoods.append(log_likelihood)
    return torch.cat(weights), torch.cat(likelihoods)


def sample_numbers(samples: int) -> list[int]:
    """Return the powers of ten up to S, and S."""
    powers = [10**i for i in range(len(str(samples)))]
    return sorted({*powers, samples})


def grouped_log_mean(log_weights: Tensor, size: int) -> Tensor:
    """Return log of the mean weight of each group of `size` samples, averaged over groups, [B].

    For log w [S, B]; what is left over of S is not used.
    """
    groups = log_weights[: len(log_weights) // size * size].view(-1, size, log_weights.shape[1])
    return (torch.logsumexp(groups, 1) - math.log(size)).mean(0)


def effective_sample_size(log_weights: Tensor) -> Tensor:
    """Return (Σw)²/Σw² for log w [S, B], [B] between 1 and S (Kong 1992)."""
    return torch.exp(2 * torch.logsumexp(log_weights, 0) - torch.logsumexp(2 * log_weights, 0))


def _standard_error(log_weights: Tensor, bits: int) -> Tensor:
    samples = len(log_weights)
    if bits == 0:
        return torch.zeros_like(log_weights[0])
    if samples == 1:
        return torch.full_like(log_weights[0], math.inf)
    relative = torch.exp(log_weights - torch.logsumexp(log_weights, 0) + math.log(samples))
    return relative.std(0) / math.sqrt(samples)
