"""A deterministic lower bound of log p(x) for any number of bits, by the codes that Q prefers.

log p(x) ≥ log Σ_{z ∈ Z} p(z) p(x|z) for any set Z of codes; here the n most probable under Q(z|x).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import Autoregressive, FactorisedBernoulli, Posterior
from lexbits.bits.precision import in_double
from lexbits.data.corpus import Corpus
from lexbits.likelihood.importance import Floats
from lexbits.model import ROWS_AT_ONCE, LatentWordModel


@torch.no_grad()
def most_probable_codes(q: Posterior, n: int) -> Tensor:
    """Return about the n most probable codes of each of B posteriors, [n, B, K], the best first.

    They are distinct; n is cut to 2^K. Bits are added one at a time and the n best beginnings
    kept: exact for independent bits, where a beginning among the n best stays so whatever follows;
    for others a beam search.
    """
    batch = len(q.parameters)
    z = q.parameters.new_zeros((1, batch, q.bits))
    score = in_double(q.parameters.new_zeros((1, batch)))
    for k in range(q.bits):
        logit = in_double(_next_logit(q, z, k))
        both = torch.cat([score + F.logsigmoid(-logit), score + F.logsigmoid(logit)])
        score, chosen = both.topk(min(n, len(both)), dim=0)
        chosen = chosen.to(z.device)
        beginning = chosen % len(z)
        bit = (chosen >= len(z)).to(z.dtype)
        z = z.gather(0, beginning[..., None].expand(-1, -1, q.bits))
        z[..., k] = bit
    return z


def _next_logit(q: Posterior, z: Tensor, k: int) -> Tensor:
    """Return the logit of bit k given the bits before it in z [n, B, K], [n, B]."""
    if isinstance(q, FactorisedBernoulli):
        return q.logits[:, k].expand(z.shape[:-1])
    if isinstance(q, Autoregressive):
        return q.logits(z)[..., k]
    raise TypeError(f"no logits of single bits are known of a {type(q).__name__}")


@torch.no_grad()
def lower_bound(model: LatentWordModel, corpus: Corpus, codes: int = 1000) -> Floats:
    """Return log Σ_z p(z) p(x|z) over the n = `codes` likeliest z of Q(z|x), in nats, [N].

    It grows with n up to log p(x), reached at 2^K. Needs no more memory for more codes than the
    codes themselves; no noise.
    """
    codes = min(codes, 2**model.bits)
    bounds = np.empty(len(corpus))
    most = model.decoder.pairs_at_once(ROWS_AT_ONCE)
    for indices in corpus.batches(max(1, most // codes)):
        words = model.words(corpus, indices)
        prior, found = model.prior(), most_probable_codes(model.posterior(words), codes)
        log_joint = [
            prior.log_prob(z) + model.decoder.log_prob(words, z)
            for z in torch.split(found, max(1, most // len(words)))
        ]
        bounds[indices] = torch.logsumexp(in_double(torch.cat(log_joint)), 0).cpu().numpy()
    return bounds
