"""A deterministic lower bound of log p(x) for any number of bits, by the codes that Q prefers.

log p(x) ≥ log Σ_{z ∈ Z} p(z) p(x|z) for any set Z of codes; here the n most probable under Q(z|x).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import Bernoullis, BitDistribution
from lexbits.data.corpus import Corpus
from lexbits.errors import UsageError
from lexbits.inference.importance import ROWS_AT_ONCE, Floats
from lexbits.model import LatentWordModel


def most_probable_codes(q: BitDistribution, n: int) -> Tensor:
    """Return the n most probable codes of each of B posteriors, [n, B, K], the best first.

    They are distinct; n is cut to 2^K. Bits are added one at a time and the n best beginnings
    kept: exact for independent bits, where a beginning among the n best stays so whatever follows.

    Raises:
        UsageError: the bits of `q` depend on one another.
    """
    if not isinstance(q, Bernoullis):
        raise UsageError(
            "the most probable codes are known for a factorised posterior only, and this one's "
            "bits depend on one another; use importance sampling, or exact inference for few bits"
        )
    logits = q.logits.detach().double()
    batch, bits = logits.shape
    score = logits.new_zeros((batch, 1))
    steps = []
    for k in range(bits):
        logit = logits[:, k, None]
        both = torch.cat([score + F.logsigmoid(-logit), score + F.logsigmoid(logit)], 1)
        width = score.shape[1]
        score, chosen = both.topk(min(n, both.shape[1]), dim=1)
        steps.append((chosen % width, chosen // width))  # the beginning, and the bit added to it
    z = q.logits.new_empty((bits, batch, score.shape[1]))
    at = torch.arange(score.shape[1], device=z.device).expand(batch, -1)
    for k in range(bits - 1, -1, -1):  # trace each code back to its first bit
        beginning, bit = steps[k]
        z[k] = bit.gather(1, at)
        at = beginning.gather(1, at)
    return z.permute(2, 1, 0)


@torch.no_grad()
def lower_bound(model: LatentWordModel, corpus: Corpus, codes: int = 1000) -> Floats:
    """Return log Σ_z p(z) p(x|z) over the n = `codes` likeliest z of Q(z|x), in nats, [N].

    It grows with n up to log p(x), reached at 2^K. Needs no more memory for more codes than the
    codes themselves; no noise.

    Raises:
        UsageError: the posterior is not factorised.
    """
    codes = min(codes, 2**model.bits)
    bounds = np.empty(len(corpus))
    for indices in corpus.batches(max(1, min(512, ROWS_AT_ONCE // codes))):
        words = torch.from_numpy(corpus.batch(indices)).long()
        words = words.to(next(model.parameters()).device)
        prior, found = model.prior(), most_probable_codes(model.posterior(words), codes)
        log_joint = [
            prior.log_prob(z) + model.decoder.log_prob(words, z)
            for z in torch.split(found, max(1, ROWS_AT_ONCE // len(words)))
        ]
        bounds[indices] = torch.logsumexp(torch.cat(log_joint).double(), 0).cpu().numpy()
    return bounds
