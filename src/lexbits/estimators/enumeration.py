"""The sum over all bit vectors: no estimate at all."""

from __future__ import annotations

from contextvars import copy_context

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from lexbits.bits import Posterior, all_codes
from lexbits.bits.noise import noise_rewinder
from lexbits.estimators.base import Estimate, Estimator, Function

PAIRS_AT_ONCE = 4096
"""Pairs of a word and a code that are kept for the backward pass at once; bounds the memory."""


class Enumeration(Estimator):
    """The exact objective and its exact gradient.

    Estimates: ∇ E_q[f] = Σ_z f(z) ∇q(z) + q(z) ∇f(z).
    With: all 2^K bit vectors, in pieces that the backward pass computes again; f has one noise
        (of dropout) in all of them, so that it is one function.
    Requires: few bits. The number of samples means nothing.
    Reference: the definition of an expectation.
    """

    summary = "the exact sum over all codes"
    reference = "the definition of an expectation"
    bound = "elbo"
    unbiased = True
    needs_factorised_q = False
    needs_differentiable_f = False
    cost = "2^K"
    most_bits = 16

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return 2^K."""
        return int(2**bits)

    @classmethod
    def samples_within(cls, budget: int, bits: int) -> int:
        """Return 1 if the budget allows 2^K evaluations, else 0."""
        return 1 if 2**bits <= budget else 0

    def _estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        batch = q.parameters.shape[0]
        codes = all_codes(q.bits).to(q.parameters)[:, None].expand(-1, batch, -1)
        pieces = torch.split(codes, max(1, PAIRS_AT_ONCE // max(1, batch)))

        def weighted(z: Tensor) -> Tensor:
            return (q.log_prob(z).exp() * f(z)).sum(0)

        if len(pieces) == 1:
            total = weighted(pieces[0])
        else:
            rewind = noise_rewinder(q.parameters.device)
            # What is computed again draws noise as now: for these words as a share of the batch.
            as_now = copy_context().run
            parts = []
            for z in pieces:
                rewind()
                parts.append(checkpoint(as_now, weighted, z, use_reentrant=False))
            total = torch.stack(parts).sum(0)
        return Estimate(total.detach(), total)
