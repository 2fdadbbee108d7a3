"""Exact gradients by enumeration, chunk by chunk: memory does not grow with the number of codes.

log p(x): ∇ log p(x) = Σ_z P(z|x) ∇ log p(x, z) (Fisher's identity). A first pass finds log p(x), a
second one weighs each code's gradient by P(z|x) = exp(log p(x, z) − log p(x)).

ELBO: Σ_z Q(z|x) f(z) with f(z) = log p(x, z) − log Q(z|x), a plain sum of differentiable terms.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch
from torch import Tensor

from lexbits.bits import codes_between
from lexbits.data.corpus import Corpus
from lexbits.likelihood.exact import LIMIT, exact_log_prob, refuse_too_many_bits
from lexbits.model import LatentWordModel

ROWS_WITH_GRADIENT = 1024
"""Pairs of a code and a word whose activations are kept at once for the backward pass."""

Objective = Literal["log_likelihood", "elbo"]


def exact_gradient(
    model: LatentWordModel,
    words: Tensor,
    objective: Objective = "log_likelihood",
    limit: int = LIMIT,
) -> dict[str, Tensor]:
    """Return the gradient of the mean objective, in nats per word, by parameter name.

    Computed without dropout, whatever mode the model is in. Parameters that the objective does not
    depend on have a gradient of zeros.

    Args:
        model: the model.
        words: [B, T].
        objective: "log_likelihood", the mean of log p(x), or "elbo".
        limit: most bits that may be enumerated.

    Raises:
        UsageError: more bits than `limit`.
    """
    refuse_too_many_bits(model.bits, limit)
    names, parameters = zip(*model.named_parameters(), strict=True)
    total = [torch.zeros_like(parameter) for parameter in parameters]
    training = model.training
    model.eval()
    try:
        for piece in torch.split(words, ROWS_WITH_GRADIENT):
            for term in _terms(model, piece, objective):
                found = torch.autograd.grad(
                    term / len(words), parameters, allow_unused=True, materialize_grads=True
                )
                total = [old + new for old, new in zip(total, found, strict=True)]
    finally:
        model.train(training)
    return dict(zip(names, total, strict=True))


def _terms(model: LatentWordModel, words: Tensor, objective: Objective) -> Iterator[Tensor]:
    """Yield scalars, one for each chunk of codes, whose gradients add up to that of the sum."""
    log_prob = _log_prob(model, words) if objective == "log_likelihood" else None
    codes, step = 2**model.bits, max(1, ROWS_WITH_GRADIENT // len(words))
    for first in range(0, codes, step):
        z = codes_between(model.bits, first, min(first + step, codes)).to(words.device)
        z = z.to(next(model.parameters()).dtype)
        log_prior = model.prior().log_prob(z)[:, None]
        z = z[:, None].expand(-1, len(words), -1)
        log_joint = log_prior + model.decoder.log_prob(words, z)
        if log_prob is not None:
            weight = torch.exp(log_joint.detach() - log_prob)
            yield (weight * log_joint).sum()
        else:
            # The encoder reads the words once for each chunk: less than to keep its graph.
            log_q = model.posterior(words).log_prob(z)
            yield (torch.exp(log_q) * (log_joint - log_q)).sum()


def _log_prob(model: LatentWordModel, words: Tensor) -> Tensor:
    """Return log p(x), [B], without gradient."""
    lengths = (words != model.decoder.pad).sum(1)
    corpus = Corpus.from_rows(words.cpu().numpy().astype("int32"), lengths.cpu().numpy())
    log_prob = torch.from_numpy(exact_log_prob(model, corpus, model.bits))
    return log_prob.to(words.device, next(model.parameters()).dtype)
