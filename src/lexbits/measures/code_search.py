"""Better codes than the encoder's: a search from the posterior's mode.

The code that says a word best is z* = argmax p(x|z). The mode of Q(z|x) is a guess at it from one
pass of a network that has to guess for all words (amortised inference). The search makes it better
for this word: of all flips of a single bit the best is taken, until none makes p(x|z)
larger: steepest ascent to a local maximum, as in iterated conditional modes (Besag 1986, On the
statistical analysis of dirty pictures). The prior has no say: a code that it likes better, but from
which the word does not come back, says less.
"""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.data.corpus import Corpus
from lexbits.model import ROWS_AT_ONCE, LatentWordModel

LEAST_GAIN = 0.01
"""Nats that a flip must gain: less changes no word, and much less is rounding."""


@torch.no_grad()
def searched_codes(model: LatentWordModel, corpus: Corpus) -> Tensor:
    """Return for each word a code [N, K] that no flip of one bit makes better by `LEAST_GAIN`.

    Its log p(x|z) is at least that of the mode of Q(z|x). K evaluations of the decoder for each
    word and flip, and K to see that there is no other.
    """
    found = torch.zeros((len(corpus), model.bits))
    most = model.decoder.pairs_at_once(ROWS_AT_ONCE)
    for indices in corpus.batches(max(1, most // max(1, model.bits))):
        words = model.words(corpus, indices)
        found[torch.from_numpy(indices)] = _climb(model, words, model.posterior(words).mode).cpu()
    return found


def _climb(model: LatentWordModel, words: Tensor, z: Tensor) -> Tensor:
    """Return local maxima for words [B, T] from codes z [B, K]."""
    z = z.clone()
    best = model.decoder.log_prob(words, z[None])[0]
    flips = torch.eye(model.bits, device=z.device)[:, None]
    climbing = torch.arange(len(z), device=z.device)
    while len(climbing) and model.bits:
        nearby = (z[climbing] - flips).abs()  # [K, B, K]
        value, flip = model.decoder.log_prob(words[climbing], nearby).max(0)
        better = value > best[climbing] + LEAST_GAIN
        climbing = climbing[better]
        z[climbing] = nearby[flip[better], better.nonzero()[:, 0]]
        best[climbing] = value[better]
    return z
