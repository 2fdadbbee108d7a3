"""Where in a word the bits help: the nats they save at each symbol, from the start and the end.

At symbol i of a word the gain is

E_Q(z|x)[log p(x_i | x_<i, z)] − log p(x_i | x_<i),  p(x_i | x_<i) = p(x_≤i) / p(x_<i),

against the model's own marginal p(x_≤i) = E_P(z)[p(x_≤i | z)], not against another model. The
gains of a word sum to E_Q[log p(x|z)] − log p(x), so their mean over words to NLL − distortion. A
gain can be negative: Q knows the whole word, and is not the best of all codes for each symbol.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lexbits.bits import keyed_samples
from lexbits.bits.precision import in_double
from lexbits.data.corpus import Corpus
from lexbits.errors import UsageError
from lexbits.likelihood.importance import Floats
from lexbits.model import ROWS_AT_ONCE, LatentWordModel
from lexbits.randomness import word_keys
from lexbits.results import Result

WORDS = 2000
SAMPLES = 100
SEED = 0


@dataclass(frozen=True)
class Gain(Result):
    """The mean gain at one position.

    Attributes:
        position: counted from 1; from the start, or from the end, where 1 is the end symbol.
        gain: nats that the bits save there, on average over the words that have the position.
        words: how many words have the position.
    """

    position: int
    gain: float
    words: int


@dataclass(frozen=True)
class PositionGain(Result):
    """Gains over a list of words.

    Attributes:
        words: number of words.
        total: nats saved on a word, E_Q[log p(x|z)] − log p(x): the mean sum of its gains.
        from_start: the gain at each position from the start; the end symbol has one.
        from_end: the gain at each position from the end, the end symbol first.
    """

    words: int
    total: float
    from_start: tuple[Gain, ...]
    from_end: tuple[Gain, ...]

    def __str__(self) -> str:
        return f"{self.words:,} words: the bits save {self.total:.2f} nats on a word"

    def saved(self, side: Sequence[Gain], symbols: int) -> float:
        """Return the nats saved on a word by the first positions of a side, this many of them."""
        return sum(gain.gain * gain.words for gain in side[:symbols]) / self.words


def position_gain(
    model: LatentWordModel, corpus: Corpus, words: int | None = WORDS, samples: int = SAMPLES
) -> PositionGain:
    """Estimate the gain at each position; deterministic, as words and noise have fixed seeds.

    Args:
        model: the model.
        corpus: the words.
        words: how many of them, drawn at random; None for all.
        samples: S for each word, even; see `symbol_gains`.

    Raises:
        UsageError: no bits, no words, or an S that is odd or below 2.
    """
    if words is not None and words < 1:
        raise UsageError(f"expected at least 1 word to measure gains on, found {words}")
    chosen = np.arange(len(corpus))
    if words is not None and words < len(corpus):
        random = np.random.Generator(np.random.Philox(SEED))
        chosen = np.sort(random.choice(len(corpus), words, replace=False))
    part = corpus.part(chosen)
    gains = symbol_gains(model, part, samples, SEED)
    rows = [row[:length] for row, length in zip(gains, part.lengths, strict=True)]
    return PositionGain(
        words=len(rows),
        total=float(gains.sum() / len(rows)),
        from_start=_by_position(rows),
        from_end=_by_position([row[::-1] for row in rows]),
    )


@torch.no_grad()
def symbol_gains(model: LatentWordModel, corpus: Corpus, samples: int, seed: int = SEED) -> Floats:
    """Estimate the gain at every symbol, [N, T] in nats, zero after the end of a word.

    p(x_≤i) ≈ 1/S Σ_s w_s p(x_≤i|z_s),  w_s = p(z_s) / (½ Q(z_s|x) + ½ p(z_s)),

    with half of the samples from Q and half from the prior: the balance heuristic (Veach and Guibas
    1995, Optimally combining sampling techniques for Monte Carlo rendering; Owen and Zhou 2000,
    Safe and effective importance sampling). Samples of Q alone serve whole words, and miss most
    codes that a short prefix allows; those of the prior alone serve short prefixes, and miss the
    few codes that explain a whole word. Weights are at most 2. E_Q is the mean over the half from
    Q. The noise of a word is a function of the word and the seed.

    Raises:
        UsageError: no bits, or an S that is odd or below 2.
    """
    if model.bits == 0:
        raise UsageError("this model has no bits (bits = 0): they save nothing")
    if samples < 2 or samples % 2:
        raise UsageError(f"expected an even number of samples of at least 2, found {samples}")
    gains = np.zeros(corpus.inside.shape)
    keys = word_keys(corpus, seed, "gains")
    most = model.decoder.pairs_at_once(ROWS_AT_ONCE)
    for indices in corpus.batches(max(1, most // samples)):
        words = model.words(corpus, indices)
        found = _batch_gains(model, words, keys[indices].to(words.device), samples // 2)
        gains[indices, : words.shape[1]] = found.T.cpu().numpy()
    return gains


def _batch_gains(model: LatentWordModel, words: Tensor, keys: Tensor, half: int) -> Tensor:
    """Return the gains of words [B, T] from `half` samples of either kind for each, [T, B]."""
    q, prior = model.posterior(words), model.prior()
    z = torch.cat([keyed_samples(q, keys, half), keyed_samples(prior, keys, half, first=half)])
    log_q, log_prior = in_double(q.log_prob(z)), in_double(prior.log_prob(z))
    log_weights = log_prior - torch.logaddexp(log_q, log_prior) + math.log(2)
    symbols = in_double(model.decoder.symbol_log_prob(words, z))
    log_prefix = torch.logsumexp(log_weights + symbols.cumsum(0), 1) - math.log(2 * half)
    before = torch.cat([torch.zeros_like(log_prefix[:1]), log_prefix[:-1]])  # p(empty prefix) = 1
    return symbols[:, :half].mean(1) - (log_prefix - before)


def _by_position(rows: list[Floats]) -> tuple[Gain, ...]:
    gains = []
    for i in range(max(len(row) for row in rows)):
        values = [row[i] for row in rows if len(row) > i]
        gains.append(Gain(i + 1, float(np.mean(values)), len(values)))
    return tuple(gains)
