"""What is usually wrong with a score-function surrogate."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.advantages import ADVANTAGES, BY_SAMPLES, LOOK_AT_F, centred
from lexbits.checking.marking.slips import Slip


def _drawn_by_mean(q: FactorisedBernoulli, samples: int) -> Tensor:
    return FactorisedBernoulli(q.mean, noise=q.noise).sample(samples)


def _straight_through(q: FactorisedBernoulli, samples: int) -> Tensor:
    return q.sample(samples) + q.mean - q.mean.detach()


def _as_gradient(q: FactorisedBernoulli, direction: Tensor) -> Tensor:
    """Return what has this gradient [S, B, K] in q's logits."""
    return (q.logits * direction.detach()).sum(-1)


SCORES = (
    Slip(
        "q(z) stands in the place of log q(z)",
        {"score": lambda q, z: q.log_prob(z).exp()},
        "The score is the gradient of the logarithm; that of q itself is q times smaller, and "
        "already contains the probability with which z is drawn.",
        "∇q = q ∇log q: which of the two is an expectation under q?",
    ),
    Slip(
        "log q is taken of other samples than f",
        {"score": lambda q, z: q.log_prob(q.sample(len(z)))},
        "Two draws know nothing of one another: E[f(z) ∇log q(z′)] = E[f(z)] · 0, so the gradient "
        "in q's logits is zero on average, and all noise.",
        "how often does your function draw?",
    ),
    Slip(
        "log q is averaged over the bits in place of summed",
        {"score": lambda q, z: q.log_prob(z) / q.bits},
        "In q's logits the gradient is {of_q} the exact one: 1/K with K = {bits}.",
        "the probability of independent bits is a product: what is its logarithm?",
    ),
    Slip(
        "log q is averaged over all bits, samples and words",
        {"score": lambda q, z: (q.log_prob(z).mean() / q.bits).expand(z.shape[:2])},
        "Each f(z) is multiplied with one number for the whole batch: in q's logits the gradient "
        "is {of_q} the exact one, 1/(S B K).",
        "which shape has log q before it is multiplied, and which has f(z)?",
        mixes=True,
    ),
    Slip(
        "log q is detached in the place of f",
        {"advantage": lambda values: values, "score": lambda q, z: q.frozen_log_prob(z)},
        "In q's logits the gradient is zero, so the inference model learns nothing; and into f's "
        "parameters a gradient leaks, {off_f} off.",
        "which of the two factors is to learn from the other?",
    ),
    Slip(
        "q's probabilities are taken for its logits in log q",
        {"score": lambda q, z: FactorisedBernoulli(q.mean).log_prob(z)},
        "A distribution made of q.mean as logits has the probabilities σ(q.mean), not those with "
        "which z is drawn: the mean of the score is not zero, and the gradient is {off_q} off.",
        "print the mean of each distribution that you make: is it what you meant?",
    ),
    Slip(
        "the gradient is that in q's probabilities, not in its logits",
        {"score": lambda q, z: _as_gradient(q, (z - q.mean) / q.variance)},
        "That of each logit is the exact one divided by π(1 − π), so it is at least 4 times too "
        "large, and most of all where a bit is nearly certain.",
        "by the chain rule: how much does π = σ(φ) change where φ does?",
    ),
    Slip(
        "π stands in the place of π(1 − π)",
        {"score": lambda q, z: _as_gradient(q, (z - q.mean) / (1 - q.mean))},
        "That of each logit is the exact one divided by 1 − π: of a bit that is nearly certain to "
        "be one it is far too large.",
        "by the chain rule: how much does π = σ(φ) change where φ does?",
    ),
    Slip(
        "the factor π(1 − π) is counted twice",
        {"score": lambda q, z: _as_gradient(q, (z - q.mean) * q.variance)},
        "That of each logit is the exact one times π(1 − π), which is at most ¼.",
        "which gradient in the logits has each factor that is not detached?",
    ),
    Slip(
        "z stands in the place of z − π",
        {"score": _as_gradient},
        "The score of a bit is z − π, zero on average; z alone is not: the gradient is {off_q} "
        "off, and depends on the offset of f.",
        "what is the mean of the score, and what that of z?",
    ),
    Slip(
        "the score stands in the place of log q",
        {"score": lambda q, z: (z - q.mean).sum(-1)},
        "z − π is what log q has as its gradient, and not what is to be differentiated: the "
        "gradient of z − π itself is −π(1 − π), so that each f(z) has the same, {off_q} off.",
        "what is differentiated in .backward(), and how often?",
    ),
    Slip(
        "zeros and ones are exchanged in log q",
        {"score": lambda q, z: q.log_prob(1 - z)},
        "A bit that is one counts log(1 − π) in place of log π: the mean of the score is not zero, "
        "and the gradient is {off_q} off.",
        "which z has log q(z) near zero where all π are near one?",
    ),
    Slip(
        "the zeros are missing in log q",
        {"score": lambda q, z: (z * F.logsigmoid(q.logits)).sum(-1)},
        "log q(z) has a term for each bit, (1 − z) log(1 − π) for one that is zero. Without it "
        "the mean of the score is not zero: the gradient is {off_q} off, and depends on the offset "
        "of f.",
        "does exp(log q(z)), summed over all codes z, give 1?",
    ),
)

PRODUCTS = (
    Slip(
        "two means are multiplied in place of taking the mean of products",
        {"product": lambda advantage, score: advantage.mean(0) * score.mean(0)},
        "In q's logits the gradient is {of_q} the exact one: 1/S with S = {samples}. f of a "
        "sample belongs to the score of the same sample.",
        BY_SAMPLES,
    ),
    Slip(
        "the score term is summed over the samples",
        {"product": lambda advantage, score: (advantage * score).sum(0)},
        "In q's logits the gradient is {of_q} the exact one: S = {samples}; in f's "
        "parameters it is right.",
        BY_SAMPLES,
    ),
    Slip(
        "f minus the mean is divided by S (S − 1)",
        {
            "advantage": lambda values: centred(values).detach(),
            "product": lambda advantage, score: (
                (advantage * score).sum(0) / (len(score) * (len(score) - 1))
            ),
        },
        "In q's logits the gradient is {of_q} the exact one: 1/S with S = {samples}. The sum over "
        "samples of f minus the mean of all goes with 1/(S − 1) alone.",
        BY_SAMPLES,
    ),
    Slip(
        "the score term is divided by S − 1 in place of S",
        {"product": lambda advantage, score: (advantage * score).sum(0) / (len(score) - 1)},
        "In q's logits the gradient is {of_q} the exact one: S/(S − 1) with S = {samples}. S − 1 "
        "goes with f minus the mean of all S samples of the word, and with nothing else.",
        BY_SAMPLES,
    ),
)

PATHS = (
    Slip(
        "f's own gradient is missing",
        {"path": lambda values: 0 * values.mean(0)},
        "In q's logits the gradient is right, but in f's parameters it is zero: the generative "
        "model learns nothing.",
        "after .backward(), what is the .grad of f's parameters?",
    ),
    Slip(
        "f's own term is summed over the samples",
        {"path": lambda values: values.sum(0)},
        "In f's parameters the gradient is {of_f} the exact one: S = {samples}; in q's "
        "logits it is right.",
        BY_SAMPLES,
    ),
    Slip(
        "f's own term has the wrong sign",
        {"path": lambda values: -values.mean(0)},
        "In f's parameters the gradient is −1 times the exact one: the generative model goes "
        "downhill where the inference model goes up.",
        "take the gradient in f's parameters alone: which way does a step along it change f?",
    ),
    Slip(
        "f's own term is there twice",
        {"path": lambda values: 2 * values.mean(0)},
        "In f's parameters the gradient is 2 times the exact one; in q's logits it is right.",
        LOOK_AT_F,
    ),
)

WHOLE = (
    Slip(
        "the entropy of q is in the gradient",
        {"beside": lambda q: q.entropy()},
        "The gradient is that of E[f(z)] plus the entropy of q, {off_q} off in q's logits. f is "
        "the whole objective here: what is to be in it, such as −log q, is in it already.",
        "which expectation has the surrogate the gradient of? Write it down with all its terms.",
    ),
    Slip(
        "the sign of the whole is turned",
        {"whole": lambda out, samples: -out},
        "All gradients are −1 times the exact ones: this is a loss to minimise; the exercise asks "
        "for a surrogate of E[f], to maximise.",
        "a step along the gradient of the surrogate: should it raise or lower f?",
    ),
    Slip(
        "the samples are summed in place of averaged",
        {"whole": lambda out, samples: samples * out},
        "All gradients are {of_q} the exact ones: S = {samples}, so more samples would mean "
        "larger steps.",
        BY_SAMPLES,
    ),
    Slip(
        "all is detached",
        {"whole": lambda out, samples: out.detach()},
        "The surrogate carries no gradient: nothing learns from it.",
        "what does .requires_grad say of the result?",
    ),
)

CODES = (
    Slip(
        "probabilities stand in the place of bits",
        {"code": lambda q, samples: q.mean.expand(samples, -1, -1)},
        "f is given π = q.mean, through which a gradient goes; but it is the gradient of f at a "
        "point that is no bit vector, {off_q} off, and not that of E[f(z)].",
        "print the z that goes into f: which numbers can a bit be?",
    ),
    Slip(
        "f is differentiated at the probabilities, in the place of a score term",
        {
            "code": lambda q, samples: q.mean.expand(samples, -1, -1),
            "advantage": torch.zeros_like,
        },
        "This is the gradient of f(π), at a point that is no bit vector, {off_q} off, and not that "
        "of E[f(z)].",
        "print the z that goes into f: which numbers can a bit be?",
    ),
    Slip(
        "a gradient goes straight through the samples, in the place of a score term",
        {"code": _straight_through, "advantage": torch.zeros_like},
        "z + π − π.detach() lets the gradient of f pass as if z were π: this is the "
        "straight-through estimator, which is biased, here {off_q} off.",
        "is the slope of f at z the same as the difference that turning a bit makes?",
    ),
    Slip(
        "zeros and ones are exchanged",
        {"code": lambda q, samples: 1 - q.sample(samples)},
        "A bit is one with the probability 1 − π in place of π.",
        "for a uniform number u, how often is u < π?",
    ),
    Slip(
        "q's probabilities are taken for its logits where z is drawn",
        {"code": _drawn_by_mean},
        "A distribution made of q.mean as logits has the probabilities σ(q.mean), between 0.5 and "
        "0.73, and not those of q.",
        "print the mean of each distribution that you make: is it what you meant?",
    ),
    Slip(
        "detached probabilities stand in the place of bits",
        {"code": lambda q, samples: q.mean.detach().expand(samples, -1, -1)},
        "f is given π = q.mean, which is no bit vector, and at z = π the score is zero: the "
        "inference model learns nothing.",
        "print the z that goes into f: which numbers can a bit be?",
    ),
    Slip(
        "the most probable code stands in the place of samples",
        {"code": lambda q, samples: q.mode.expand(samples, -1, -1)},
        "The expectation is over all codes that q gives; at one code alone the score has no mean "
        "of zero, and the gradient is {off_q} off.",
        "call it twice: what should differ from one call to the next?",
    ),
    Slip(
        "a gradient goes straight through the samples",
        {"code": _straight_through},
        "z + π − π.detach() lets the gradient of f pass as if z were π: in q's logits it is added "
        "to that of the score, {off_q} off.",
        "the score term alone is exact: what does the other one add to it?",
    ),
)

SLIPS = (*ADVANTAGES, *PATHS, *PRODUCTS, *SCORES, *WHOLE, *CODES)
