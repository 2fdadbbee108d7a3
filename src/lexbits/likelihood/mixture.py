"""A mixture of two models, and the weight that suits some words best.

P(e) = λ P₁(e) + (1 − λ) P₂(e) for events e: the symbols of words where both models give a
probability to each, else whole words. Both are distributions, so the mixture is one.

What a mixture gains over the better of its parts is what the other knows besides.
"""

from __future__ import annotations

import numpy as np
import torch

from lexbits.data.corpus import Corpus
from lexbits.likelihood.importance import Floats
from lexbits.model import ROWS_AT_ONCE, LatentWordModel

HALVINGS = 60


def best_weight(first: Floats, second: Floats) -> float:
    """Return the λ in [0, 1] that maximises Σ_e log(λ P₁(e) + (1 − λ) P₂(e)).

    The sum is concave in λ, so its slope Σ_e (P₁ − P₂) / (λ P₁ + (1 − λ) P₂) falls and the place
    where it is zero is found by halving. It is the fixed point of EM (Jelinek and Mercer 1980,
    Interpolated estimation of Markov source parameters from sparse data), which takes thousands of
    steps where the models are alike. On these events the mixture is never worse than either model.

    Args:
        first: [E] log P₁(e).
        second: [E] log P₂(e).
    """
    larger = np.maximum(first, second)
    p, q = np.exp(first - larger), np.exp(second - larger)

    def slope(weight: float) -> float:
        with np.errstate(divide="ignore"):  # infinite at 0 and 1 where one model excludes an event
            return float(((p - q) / (weight * p + (1 - weight) * q)).sum())

    if slope(0.0) <= 0:
        return 0.0
    if slope(1.0) >= 0:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def mix(first: Floats, second: Floats, weight: float) -> Floats:
    """Return log(λ P₁ + (1 − λ) P₂) of each entry, for log P₁, log P₂ and λ = `weight`."""
    if weight in (0.0, 1.0):
        return first if weight else second
    mixed: Floats = np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second)
    return mixed


@torch.no_grad()
def symbol_log_prob(model: LatentWordModel, corpus: Corpus) -> Floats:
    """Return log P(x_i|x_<i) of a model of zero bits in nats, [N, T], zero after a word's end.

    Raises:
        ValueError: the model has bits; then only a whole word has a probability that is known.
    """
    if model.bits:
        raise ValueError(f"expected a model of zero bits, found {model.bits}")
    found = np.zeros(corpus.inside.shape)
    for indices in corpus.batches(model.decoder.pairs_at_once(ROWS_AT_ONCE)):
        words = model.words(corpus, indices)
        z = model.prior_logits.new_zeros((1, len(words), 0))
        log_prob = model.decoder.symbol_log_prob(words, z)[:, 0].T
        found[indices, : words.shape[1]] = log_prob.cpu().double().numpy()
    return found
