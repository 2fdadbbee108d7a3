"""Interpolated modified Kneser-Ney smoothing of one order.

P(w|h) = max(c(hw) − D(c(hw)), 0) / c(h·) + γ(h) P(w|h′),  γ(h) = Σ_w D(c(hw)) / c(h·)

with h′ the context h without its first symbol, and P(w|h) = P(w|h′) for a context never seen (Chen
and Goodman 1999, An empirical study of smoothing techniques for language modeling, section 2.7 and
equations 15 to 17). At the highest order c counts occurrences; below, how many different symbols an
n-gram follows. Where words have weights, c at the highest order adds them up, and an n-gram loses
the same part of that as it does without weights: all of one weight, they change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lexbits.ngram.counts import Floats, Grams, Ids

USUAL_DISCOUNTS = (0.5, 1.0, 1.5)
"""D(1), D(2) and D(3 and more) where counts of counts do not give them, as in tiny lists."""


@dataclass(frozen=True)
class Level:
    """The probabilities of one order, in terms of those of the order below.

    Attributes:
        grams: the n-grams.
        share: [G + 1] max(c − D(c), 0) / c(h·) of each n-gram; last, of one never seen: zero.
        backoff: [C + 1] γ(h) of each context; last, of one never seen: one.
    """

    grams: Grams
    share: Floats
    backoff: Floats

    def prob(self, contexts: Ids, ids: Ids, lower: Floats) -> Floats:
        """Return P(w|h) for n-grams hw.

        Args:
            contexts: numbers of h; `UNSEEN`, −1, is the last entry of `backoff`.
            ids: numbers of hw; `UNSEEN`, −1, is the last entry of `share`.
            lower: P(w|h′).
        """
        return self.share[ids] + self.backoff[contexts] * lower

    def prob_of_all(self, contexts: Ids, lower: Floats) -> Floats:
        """Return P(w|h) of every next symbol w, [N, V], for contexts h [N] and `lower` [N, V]."""
        prob = self.backoff[contexts][:, None] * lower
        rows, ids = self.grams.children(contexts)
        symbols = self.grams.keys[ids] % self.grams.base
        predicted = symbols < lower.shape[1]  # start symbols are given
        prob[rows[predicted], symbols[predicted]] += self.share[ids[predicted]]
        return prob


def smooth(grams: Grams, counts: Ids, contexts: int, weights: Floats | None = None) -> Level:
    """Return the level of `grams`.

    Args:
        grams: the n-grams, G of them.
        counts: [G] c of each.
        contexts: C, the number of n-grams of the order below.
        weights: [G] what each counts for in place of c, if words have weights. It loses the same
            part of it as of c: what is known of an n-gram are the words that it was seen in, and a
            word that is frequent is still one word.
    """
    discount = np.array([0.0, *discounts(counts)])[np.minimum(counts, 3)]
    if weights is not None:
        per_word = np.divide(weights, counts, out=np.zeros(len(weights)), where=counts > 0)
        return _level(grams, weights, discount * per_word, contexts)
    return _level(grams, counts, discount, contexts)


def _level(grams: Grams, counts: NDArray[np.number], discount: Floats, contexts: int) -> Level:
    total = np.bincount(grams.contexts, counts, contexts)
    removed = np.bincount(grams.contexts, discount, contexts)
    # What ends a word is an n-gram of the order below, and the context of nothing.
    backoff = np.divide(removed, total, out=np.ones(contexts), where=total > 0)
    share = (counts - discount) / total[grams.contexts]
    return Level(grams, np.append(share, 0.0), np.append(backoff, 1.0))


def discounts(counts: Ids) -> tuple[float, float, float]:
    """Return D(1), D(2) and D(3 and more), estimated from counts of counts.

    D(i) = i − (i + 1) Y n(i + 1) / n(i),  Y = n(1) / (n(1) + 2 n(2)), with n(i) the number of
    n-grams of count i (Chen and Goodman 1999, equation 17). Where one of the n that it needs is
    zero, or it comes out negative, D(i) is the usual one instead. So 0 < D(i) < i: every context
    leaves something for what it was never seen with, and no count falls below zero.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6)
    if n[1] == 0:
        return USUAL_DISCOUNTS
    y = n[1] / (n[1] + 2 * n[2])
    estimated = [i - (i + 1) * y * n[i + 1] / max(n[i], 1) for i in (1, 2, 3)]
    one, two, three = (
        float(value) if n[i] and n[i + 1] and value > 0 else usual
        for i, value, usual in zip((1, 2, 3), estimated, USUAL_DISCOUNTS, strict=True)
    )
    return one, two, three
