"""What the bits know of the words, and of one another: mutual information and total correlation.

All of it is a property of N posteriors Q(z|x) and their mean, the aggregate q(z) = 1/N Σ_n Q(z|x_n)
(Hoffman and Johnson 2016, ELBO surgery), with all N words in it: of fewer, the mutual information
could not exceed the logarithm of their number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli, Posterior, keyed_samples
from lexbits.bits.precision import in_double
from lexbits.randomness import number_keys
from lexbits.results import Result

ACTIVE_BIT_NATS = 0.02

PAIRS = {True: 2**30, False: 2**21}
"""Pairs of a code and a posterior that are compared: many where the bits are independent (True), as
a pair is then a few multiplications, and fewer where each takes a network."""

LEAST_CODES = 256
"""Codes that are compared with all posteriors, however many these are."""

WORDS_FOR_BITS = 1000
"""Words whose bits' probabilities are sampled where the bits are not independent."""

PosteriorLike = Callable[[Tensor], Posterior]
"""Parameters [N, P] -> the N posteriors that have them."""


@dataclass(frozen=True)
class Information(Result):
    """What bits know, in nats.

    Attributes:
        mutual_information: I(x; z) under Q, estimated.
        total_correlation: KL(q(z) ‖ Π_k q(z_k)), estimated from the same codes.
        per_bit: I(x; z_k) of each bit alone. Where the bits of Q(z|x) are independent they sum
            to mutual_information + total_correlation: copies are counted as often as they occur.
        ones: mean probability of a one, of each bit.
    """

    mutual_information: float
    total_correlation: float
    per_bit: tuple[float, ...] = field(repr=False)
    ones: tuple[float, ...] = field(repr=False)

    def __str__(self) -> str:
        return (
            f"mutual information {self.mutual_information:.2f} nats, total correlation "
            f"{self.total_correlation:.2f} nats, active bits {self.active_bits}"
        )

    @property
    def active_bits(self) -> int:
        """How many bits have more than 0.02 nats of information of their own."""
        return sum(nats > ACTIVE_BIT_NATS for nats in self.per_bit)


@torch.no_grad()
def information(
    posterior_like: PosteriorLike, parameters: Tensor, keys: Tensor | None = None
) -> Information:
    """Measure the information in the posteriors of N words.

    With one code z_n ~ Q(z|x_n) for each word, and M of the words drawn at random,

    I(x; z) ≈ 1/M Σ_m log Q(z_m|x_m) − log q(z_m),
    TC(z) ≈ 1/M Σ_m log q(z_m) − Σ_k log q(z_mk).

    q(z) is the mean over all N words. q(z_k) is exact where the bits are independent; else it is
    the mean of all N codes, which makes TC too high by about K/2N. M is N up to about 32,000 words
    of independent bits; for others and above, as many as `PAIRS` allow, `LEAST_CODES` at least.
    Both estimates are unbiased otherwise.

    Args:
        posterior_like: makes the posteriors, such as `LatentWordModel.posterior_like`.
        parameters: [N, P] of all words.
        keys: [N] of their noise, by which the M words are drawn too; by their numbers unless given.
    """
    q = posterior_like(parameters)
    n = len(parameters)
    if q.bits == 0:
        return Information(0.0, 0.0, (), ())
    keys = number_keys(0, n, 0, "information") if keys is None else keys
    order = keys.argsort().to(parameters.device)
    every_z = keyed_samples(q, keys.to(parameters.device), 1)[0]
    codes = order[: max(LEAST_CODES, PAIRS[q.factorised] // n)]
    z = every_z[codes]
    log_q = in_double(posterior_like(parameters[codes]).log_prob(z))
    log_aggregate = aggregate_log_prob(q, z)
    if isinstance(q, FactorisedBernoulli):
        ones, zeros = torch.sigmoid(q.logits).mean(0), torch.sigmoid(-q.logits).mean(0)
    else:
        ones, zeros = every_z.mean(0), (1 - every_z).mean(0)
    # 0 log 0 = 0: a bit that no posterior sets is never set in a code.
    log_product = torch.special.xlogy(z, ones) + torch.special.xlogy(1 - z, zeros)
    some = q if q.factorised else posterior_like(parameters[order[:WORDS_FOR_BITS]])
    return Information(
        mutual_information=float((log_q - log_aggregate).mean()),
        total_correlation=float((log_aggregate - in_double(log_product).sum(-1)).mean()),
        per_bit=tuple(information_per_bit(some).tolist()),
        ones=tuple(ones.tolist()),
    )


def aggregate_log_prob(q: Posterior, z: Tensor) -> Tensor:
    """Return log q(z) = log 1/N Σ_n Q(z|x_n) in nats, [M] in float64, for codes z [M, K]."""
    pieces = [
        torch.logsumexp(in_double(q.pairwise_log_prob(piece)), 1)
        for piece in torch.split(z, 64 if q.factorised else 1)
    ]
    return torch.cat(pieces) - math.log(len(q.parameters))


@torch.no_grad()
def information_per_bit(q: Posterior) -> Tensor:
    """Return I(x; z_k) = H(mean π_k) − mean H(π_k) in nats, [K], for N words with posteriors q.

    π_k is the probability of a one, estimated from samples where the bits are not independent.
    """
    logits = q.logits if isinstance(q, FactorisedBernoulli) else torch.logit(q.mean)
    each = FactorisedBernoulli(logits.T[..., None]).entropy().nan_to_num(0.0).mean(-1)
    mean = torch.sigmoid(logits).mean(0)
    return FactorisedBernoulli(torch.logit(mean)[..., None]).entropy().nan_to_num(0.0) - each
