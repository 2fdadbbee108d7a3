"""From scores of words to the figures of a split: likelihood, rate, information in the bits.

Sums over words are divided by counts; nothing is a mean of batch means.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lexbits.bits import Bernoullis, Posterior
from lexbits.data.corpus import Corpus
from lexbits.inference.importance import Floats, WordScores, score_words
from lexbits.model import LatentWordModel

ACTIVE_BIT_NATS = 0.02
INFORMATION_WORDS = {True: 20_000, False: 1_000}
"""Mutual information compares all pairs of words; of more words, the first so many are taken: of
posteriors with independent bits (True), where a comparison is cheap, more than of others."""


@dataclass(frozen=True)
class Evaluation:
    """Figures of a list of words; nats per word unless the name says otherwise.

    Attributes:
        words: number of words.
        symbols: number of symbols, each word's end counted.
        samples: S, importance samples for each word (1 where zero bits leave nothing to sample).
        elbo: E_Q[log p(x|z)] − KL(Q(z|x) ‖ P(z)).
        rate: KL(Q(z|x) ‖ P(z)).
        distortion: −E_Q[log p(x|z)].
        nll: importance-sampled −log p(x); biased upwards for small S.
        nll_by_samples: the same from fewer samples, each power of ten below S and S: how it falls
            with S tells how much of it is bias.
        nll_se: standard error of `nll` as the mean over words drawn from the language.
        perplexity_per_symbol: exp(total NLL / symbols).
        ess: mean effective sample size, between 1 and S.
        mutual_information: I(x; z) under Q, over the words given; at most log(words).
        marginal_kl: KL(q(z) ‖ P(z)) = rate − mutual_information.
        active_bits: bits whose own mutual information with x is above 0.02 nats.
    """

    words: int
    symbols: int
    samples: int
    elbo: float
    rate: float
    distortion: float
    nll: float
    nll_by_samples: dict[str, float]
    nll_se: float
    perplexity_per_symbol: float
    ess: float
    mutual_information: float
    marginal_kl: float
    active_bits: int


def evaluate(model: LatentWordModel, corpus: Corpus, samples: int) -> Evaluation:
    """Score `corpus` with S = `samples` and sum up; noise comes from torch's global generator."""
    scores = score_words(model, corpus, samples)
    q = _posteriors(model, scores)
    information = mutual_information(q)
    rate = float(scores.rate.mean())
    total_nll = -float(scores.log_prob.sum())
    n = len(corpus)
    return Evaluation(
        words=n,
        symbols=int(scores.symbols.sum()),
        samples=samples if model.bits else 1,
        elbo=float(scores.elbo.mean()),
        rate=rate,
        distortion=float(scores.distortion.mean()),
        nll=total_nll / n,
        nll_by_samples={str(s): -float(v.mean()) for s, v in scores.by_samples.items()},
        nll_se=standard_error_of_mean(scores.log_prob),
        perplexity_per_symbol=_exp(total_nll / int(scores.symbols.sum())),
        ess=float(scores.ess.mean()),
        mutual_information=information,
        marginal_kl=rate - information,
        active_bits=active_bits(q),
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < math.log(sys.float_info.max) else math.inf


def standard_error_of_mean(values: Floats) -> float:
    """Return sd / √N of values [N]; not a number for a single one."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


@torch.no_grad()
def mutual_information(q: Posterior) -> float:
    """Estimate I(x; z) in nats for N words with posteriors q, one sample z for each.

    I = E_x E_Q(z|x)[log Q(z|x) − log q(z)] with q(z) the mean of all N posteriors (Hoffman and
    Johnson 2016, ELBO surgery); at most log N. Deterministic: the noise has a fixed seed.
    """
    n = len(q.parameters)
    if q.bits == 0:
        return 0.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        z = q.sample(1)[0]
    pieces = torch.split(z, 512 if q.factorised else 64)
    marginal = [torch.logsumexp(q.pairwise_log_prob(piece), 1) for piece in pieces]
    return float((q.log_prob(z) - torch.cat(marginal) + math.log(n)).mean())


@torch.no_grad()
def information_per_bit(q: Posterior) -> Tensor:
    """Return I(x; z_k) = H(mean π_k) − mean H(π_k) in nats, [K], for N words with posteriors q.

    π_k is the probability of a one, estimated from samples where the bits are not independent.
    """
    logits = q.logits if isinstance(q, Bernoullis) else torch.logit(q.mean)
    each = Bernoullis(logits.T[..., None]).entropy().nan_to_num(0.0).mean(-1)
    mean = torch.sigmoid(logits).mean(0)
    return Bernoullis(torch.logit(mean)[..., None]).entropy().nan_to_num(0.0) - each


def active_bits(q: Posterior) -> int:
    """Count the bits whose own mutual information with the word is above 0.02 nats."""
    return int(np.count_nonzero(information_per_bit(q).numpy() > ACTIVE_BIT_NATS))


def _posteriors(model: LatentWordModel, scores: WordScores) -> Posterior:
    independent = model.conditioner is None
    parameters = torch.from_numpy(scores.posterior[: INFORMATION_WORDS[independent]])
    # A network over bits computes in its own precision; logits are compared in double.
    return model.posterior_like(parameters if independent else parameters.to(model.prior_logits))
