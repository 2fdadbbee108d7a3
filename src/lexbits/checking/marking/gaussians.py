"""A KL of Gaussians in the place of that of bits, as other models have it."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.world import WHOLE

CLOSE = 1e-5
"""Nats that a value may be off to be taken for such a KL."""


def of_gaussians(rates: Tensor) -> Mistake | None:
    """Return the mistake of a KL of Gaussians; None if rates [W] of words are none."""
    for what, known in _formulas():
        if float((known - rates).abs().max()) < CLOSE:
            return Mistake(
                "the KL is that of Gaussians",
                f"It is the formula for {what}. Bits are zeros and ones: the KL of a bit is a sum "
                "over its two values.",
                "which values can z have, and which probabilities do these have under q and p?",
            )
    return None


@cache
def _formulas() -> list[tuple[str, Tensor]]:
    """Return KLs [W] by formulas for Gaussians, with what q has in the places of μ and σ²."""
    q, p = FactorisedBernoulli(WHOLE.logits), FactorisedBernoulli(WHOLE.prior_logits)
    one = torch.ones(())
    normal, of_p = "a standard normal prior", "Gaussians on both sides"
    moments = {
        "μ = q.mean, σ² = q.variance": (q.mean, q.variance),
        "μ = q.mean, log σ² = q.logits": (q.mean, q.logits.exp()),
        "μ = q.logits, log σ² = q.logits": (q.logits, q.logits.exp()),
        "μ = q.logits, σ² = q.variance": (q.logits, q.variance),
        "μ = q.logits, σ = 1": (q.logits, one),
        "μ = q.mean, σ = 1": (q.mean, one),
    }
    found = [
        (f"{normal}, {what}", 0.5 * (square + mean**2 - 1 - torch.as_tensor(square).log()))
        for what, (mean, square) in moments.items()
    ]
    ratio = q.variance / p.variance
    found += [
        (
            f"{of_p}, μ = mean, σ² = variance",
            0.5 * (ratio + (q.mean - p.mean) ** 2 / p.variance - 1 - ratio.log()),
        ),
        (f"{of_p}, μ = mean, σ = 1", 0.5 * (q.mean - p.mean) ** 2),
        (f"{of_p}, μ = logits, σ = 1", 0.5 * (q.logits - p.logits) ** 2),
    ]
    return [(what, values.sum(-1)) for what, values in found]
