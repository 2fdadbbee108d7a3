"""From scores of words to the metrics of a split: likelihood, rate, information in the bits.

Sums over words are divided by counts; nothing is a mean of batch means.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from lexbits.bits.precision import home_of_doubles
from lexbits.data.corpus import Corpus
from lexbits.likelihood.importance import Floats, WordScores, score_words
from lexbits.measures.frozen import FrozenDict
from lexbits.measures.information import Information, information
from lexbits.model import LatentWordModel
from lexbits.processes import ALONE, Processes
from lexbits.results import Result


@dataclass(frozen=True)
class Evaluation(Result):
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
            with S shows how much of it is bias.
        nll_se: standard error of `nll` as the mean over words drawn from the language.
        perplexity_per_symbol: exp(total NLL / symbols).
        ess: mean effective sample size, between 1 and S.
        mutual_information: I(x; z) under Q, over all words given; at most log(words).
        marginal_kl: KL(q(z) ‖ P(z)) = rate − mutual_information.
        total_correlation: KL(q(z) ‖ Π_k q(z_k)): what the bits know of one another. By so much the
            information of single bits, summed, exceeds what they know together.
        active_bits: bits whose own mutual information with x is above 0.02 nats.
        unseen_words: words with a character that the model has never seen. Each such character
            counts as the unknown symbol, one for all of them and so a cheap one: the NLL of these
            words does not compare with that of others.
        unseen_characters: how many such characters there are.
        seen_nll: `nll` of the words without any; None where there are none.

    Examples:
        >>> found = model.evaluate(["casa", "perro"], samples=10)
        >>> bool(abs(found.elbo + found.rate + found.distortion) < 1e-6)
        True
    """

    words: int
    symbols: int
    samples: int
    elbo: float
    rate: float
    distortion: float
    nll: float
    nll_by_samples: FrozenDict[str, float]
    nll_se: float
    perplexity_per_symbol: float
    ess: float
    mutual_information: float
    marginal_kl: float
    total_correlation: float
    active_bits: int
    unseen_words: int
    unseen_characters: int
    seen_nll: float | None

    def __str__(self) -> str:
        return (
            f"{self.words:,} words: NLL {self.nll:.2f} ± {self.nll_se:.2f}, ELBO {self.elbo:.2f} "
            f"(rate {self.rate:.2f}, distortion {self.distortion:.2f}), mutual information "
            f"{self.mutual_information:.2f} nats per word; perplexity per symbol "
            f"{self.perplexity_per_symbol:.2f}, active bits {self.active_bits}"
        )


def evaluate(
    model: LatentWordModel,
    corpus: Corpus,
    samples: int,
    seed: int = 0,
    processes: Processes = ALONE,
) -> Evaluation:
    """Score `corpus` with S = `samples` and sum up, as `score_words` does.

    Examples:
        >>> corpus = Corpus.from_words(["casa", "perro"], model.alphabet)
        >>> evaluate(model.network, corpus, samples=10).words
        2
    """
    return sum_up(model, score_words(model, corpus, samples, seed, processes))


def sum_up(model: LatentWordModel, scores: WordScores) -> Evaluation:
    """Return the metrics of words from their `scores` by `model`."""
    known = information_in(model, torch.from_numpy(scores.posterior), scores.keys)
    rate = float(scores.rate.mean())
    total_nll = -float(scores.log_prob.sum())
    n = len(scores.log_prob)
    return Evaluation(
        words=n,
        symbols=int(scores.symbols.sum()),
        samples=max(scores.by_samples),
        elbo=float(scores.elbo.mean()),
        rate=rate,
        distortion=float(scores.distortion.mean()),
        nll=total_nll / n,
        nll_by_samples=FrozenDict((str(s), -float(v.mean())) for s, v in scores.by_samples.items()),
        nll_se=standard_error_of_mean(scores.log_prob),
        perplexity_per_symbol=perplexity(total_nll, int(scores.symbols.sum())),
        ess=float(scores.ess.mean()),
        mutual_information=known.mutual_information,
        marginal_kl=rate - known.mutual_information,
        total_correlation=known.total_correlation,
        active_bits=known.active_bits,
        unseen_words=int((scores.unseen > 0).sum()),
        unseen_characters=int(scores.unseen.sum()),
        seen_nll=nll_of_seen(scores.log_prob, scores.unseen),
    )


def nll_of_seen(log_prob: Floats, unseen: NDArray[np.int64]) -> float | None:
    """Return the NLL in nats per word of the words that have no unseen characters, if any."""
    seen = log_prob[unseen == 0]
    return -float(seen.mean()) if len(seen) else None


def perplexity(total_nll: float, symbols: int) -> float:
    """Return exp(total NLL in nats / symbols); infinite where that is too large for a float."""
    mean = total_nll / symbols
    return math.exp(mean) if mean < math.log(sys.float_info.max) else math.inf


def standard_error_of_mean(values: Floats) -> float:
    """Return sd / √N of values [N]; not a number for a single one."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def information_in(
    model: LatentWordModel, parameters: torch.Tensor, keys: torch.Tensor
) -> Information:
    """Return what the bits know of words whose posteriors have `parameters` [N, P], in double.

    The noise is that of the words' keys [N]. It is computed where the model is, if that has double
    precision.
    """
    # A network over bits computes in its own precision; logits are compared in double.
    by_network = model.conditioner is not None
    alike = parameters.to(model.prior_logits if by_network else home_of_doubles(model.device))
    return information(model.posterior_like, alike, keys)
