"""An ELBO that no usual slip explains, taken to pieces: how often each of its terms is counted."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.world import WHOLE

CLOSE = 1e-5
"""Nats that a sum of terms may be off to be taken for the value."""


@cache
def _terms() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return E[log p(x|z)], E[log p(z)], the entropy of q, [W], and the KL of each bit, [W, K]."""
    q, prior = FactorisedBernoulli(WHOLE.logits), FactorisedBernoulli(WHOLE.prior_logits)
    codes = all_codes(WHOLE.bits).double()[:, None]
    decoder = WHOLE.given(torch.arange(WHOLE.words)).decoder
    fit = (q.log_prob(codes).exp() * decoder(codes).detach()).sum(0)
    per_bit = q.kl_per_bit(prior)
    return fit, -per_bit.sum(-1) - q.entropy(), q.entropy(), per_bit


def expected_log_likelihood() -> Tensor:
    """Return E_q[log p(x|z)] of each word, [W]."""
    return _terms()[0]


def rates(values: Tensor) -> Tensor:
    """Return what is subtracted from E_q[log p(x|z)] where these values [W] come of it."""
    return expected_log_likelihood() - values


def free_nats(values: Tensor) -> Mistake | None:
    """Return the mistake of a KL that counts at least so much; None if values [W] are not so."""
    per_bit = _terms()[3]
    rate = rates(values)
    for what, parts in (("word", per_bit.sum(-1, keepdim=True)), ("bit", per_bit)):
        least = _least(rate, parts)
        if least is not None:
            return Mistake(
                "free nats are in the value",
                f"The KL of each {what} counts at least {least:.3g} nats, also where it is less: "
                "the value is no ELBO. Free nats belong into what is trained, not into what is "
                "reported, and not into this exercise.",
                "put q equal to the prior: what is the KL then, and what does your function take?",
            )
    return None


def _least(rate: Tensor, parts: Tensor) -> float | None:
    """Return λ where the rates [W] are Σ_k max(parts, λ) of parts [W, K]; None if there is none."""
    low, high = 0.0, 100.0
    for _ in range(80):  # the sum rises with λ
        middle = (low + high) / 2
        if float(parts.clamp_min(middle).sum()) < float(rate.sum()):
            low = middle
        else:
            high = middle
    same = (parts.clamp_min(high).sum(-1) - rate).abs().max()
    return high if float(same) < CLOSE and high > CLOSE else None


def weights(values: Tensor) -> Mistake | None:
    """Return how often each term is counted in the values [W]; None if they are no sum of them."""
    fit, log_prior, entropy, _ = _terms()
    columns = torch.stack([fit, log_prior, entropy], 1)
    counts = torch.linalg.lstsq(columns, values[:, None]).solution[:, 0]
    if float((columns @ counts - values).abs().max()) > CLOSE:
        return None
    of_fit, of_prior, of_entropy = (float(count) for count in counts)
    if abs(of_prior - of_entropy) < CLOSE:
        said = f"{_times(of_fit)} E[log p(x|z)] {_signed(-of_prior)} KL(q‖p)"
    else:
        said = (
            f"{_times(of_fit)} E[log p(x|z)] {_signed(of_prior)} E[log p(z)] "
            f"{_signed(-of_entropy)} E[log q(z)]"
        )
    return Mistake(
        "the terms are not counted once each",
        f"On average the value is {said}. In the ELBO each term is counted once.",
        "which factor, sum or mean stands before each term, and is it the same for all?",
    )


def _times(count: float) -> str:
    return f"{round(count, 4):g} ×".replace("-", "−")


def _signed(count: float) -> str:
    return f"{'−' if count < 0 else '+'} {_times(abs(count))}"
