"""How noisy a surrogate is, beside others whose variance is known exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.checking.marking.expectation import Expectation, side_by_side
from lexbits.checking.marking.marks import Mistake
from lexbits.checking.marking.surrogate import REINFORCE, RLOO
from lexbits.checking.marking.world import WHOLE, World

LEAVE_ONE_OUT, NOTHING = "leave-one-out", "nothing subtracted"


@dataclass(frozen=True)
class Noise:
    """Variances of the gradient in q's logits, summed over bits, mean over words, with S samples.

    Attributes:
        samples: S.
        found: of what is marked; None where it is not known.
        reinforce, rloo: with nothing subtracted, and with the mean of the other samples.
        best_constant: with that constant for each word and bit which makes it least.
        kind: which of these it is, outcome by outcome; None if neither.
    """

    samples: int
    found: float | None
    reinforce: float
    rloo: float
    best_constant: float
    kind: str | None

    def told(self) -> str:
        """Return the variances in a sentence."""
        if self.found is None:
            return ""
        return (
            f"Variance of the gradient in q's logits with S = {self.samples}: {self.found:.3g}. "
            f"With nothing subtracted it is {self.reinforce:.3g}, with the mean of the other "
            f"samples {self.rloo:.3g}, with the best constant {self.best_constant:.3g}."
        )

    def verdict(self) -> str:
        """Return what the baseline is, in a sentence; "" where nothing can be said."""
        if self.kind == LEAVE_ONE_OUT:
            return "Outcome by outcome it is the leave-one-out estimator."
        if self.kind == NOTHING:
            return (
                "Outcome by outcome it is plain REINFORCE: nothing is subtracted, and the offset "
                "of f is all noise."
            )
        if self.found is None:
            return ""
        if self.found > 1.01 * self.reinforce:
            return "It is right, but noisier than with nothing subtracted at all."
        if self.found > 1.01 * self.rloo:
            return "It is right, but noisier than with the mean of the other samples."
        return "It is no noisier than with the mean of the other samples."

    def as_leave_one_out(self, together: bool) -> Mistake | None:
        """Return why it is not the leave-one-out estimator; None if it is.

        Args:
            together: whether it looks at other words of the batch.
        """
        if self.kind == LEAVE_ONE_OUT:
            return None
        name = "the baseline is not the mean of the other samples"
        said = self.told()
        if self.kind == NOTHING:
            name = "nothing is subtracted"
        elif together:
            said = (
                "But what it gives for a word depends on the other words of the batch: f(z) is "
                "[S, B], and a word's other samples stand in its column."
            )
        return Mistake(
            name,
            f"It is unbiased. {said}",
            "for S = 2, what is subtracted from the first sample's f? Print it beside f(z).",
        )


def noise_of(found: Expectation, world: World) -> Noise:
    """Return the variances beside that of a surrogate."""
    there = WHOLE if world.together else world
    reinforce, rloo = (_reference(kind, found.samples, there) for kind in (NOTHING, LEAVE_ONE_OUT))
    kind = None
    for name, other in ((LEAVE_ONE_OUT, rloo), (NOTHING, reinforce)):
        if found.of_q.shape == other.of_q.shape and torch.allclose(
            found.of_q, other.of_q, rtol=1e-6, atol=1e-6
        ):
            kind = name
    return Noise(
        found.samples,
        found.variance,
        float(reinforce.variance or 0.0),
        float(rloo.variance or 0.0),
        _best_constant(found.samples, there),
        kind,
    )


@cache
def _reference(kind: str, samples: int, world: World) -> Expectation:
    return side_by_side(RLOO if kind == LEAVE_ONE_OUT else REINFORCE, world, samples)


def _best_constant(samples: int, world: World) -> float:
    """Return the least variance that Σ_s (f(z_s) − c_k) (z_sk − π_k) / S has over constants c_k.

    With v = (z_k − π_k): the variance of (f − c) v is least at c = E[f v²] / E[v²].
    """
    given = world.given(torch.arange(world.words))
    codes = all_codes(world.bits).double()[:, None]
    q = FactorisedBernoulli(given.logits.detach())
    weight = q.log_prob(codes).exp()[..., None]
    score = codes - q.mean
    f = given.decoder(codes).detach()[..., None]
    best = (weight * f * score**2).sum(0) / (weight * score**2).sum(0)
    one = (f - best) * score
    variance = (weight * one**2).sum(0) - (weight * one).sum(0) ** 2
    return float(variance.sum(-1).mean()) / samples
