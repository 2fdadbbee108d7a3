"""What is usually wrong with a score-function surrogate."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.slips import Slip


def others_mean(values: Tensor) -> Tensor:
    """Return for each of the samples [S, B] the mean of the others."""
    return (values.sum(0) - values) / (len(values) - 1)


def _centred(values: Tensor) -> Tensor:
    return values - values.mean(0)


def _drawn_by_mean(q: FactorisedBernoulli, samples: int) -> Tensor:
    return FactorisedBernoulli(q.mean, noise=q.noise).sample(samples)


def _straight_through(q: FactorisedBernoulli, samples: int) -> Tensor:
    return q.sample(samples) + q.mean - q.mean.detach()


def _as_gradient(q: FactorisedBernoulli, direction: Tensor) -> Tensor:
    """Return what has this gradient [S, B, K] in q's logits."""
    return (q.logits * direction.detach()).sum(-1)


LOOK_AT_F = "take the gradient in f's parameters alone: what do you expect it to be?"
BY_SAMPLES = "compare the mean gradient with S = 2 and with S = 8: should it depend on S?"

ADVANTAGES = (
    Slip(
        "the baseline contains the sample's own value",
        {"advantage": lambda values: _centred(values).detach()},
        "In q's logits the gradient is {of_q} the exact one: (S − 1)/S with S = {samples}. A "
        "baseline may not know the sample whose score it is multiplied with. (1/S in place of "
        "1/(S − 1) is the same mistake.)",
        "what is f(z) minus the baseline where S = 1?",
    ),
    Slip(
        "f is not detached in the score term",
        {"advantage": lambda values: values},
        "In q's logits the gradient is right; into f's parameters a gradient leaks that does not "
        "belong there, E[log q(z) ∇f(z)]: it is {off_f} off.",
        LOOK_AT_F,
    ),
    Slip(
        "the baseline is not detached and contains the sample's own value",
        {"advantage": lambda values: values.detach() - values.mean(0)},
        "In q's logits the gradient is {of_q} the exact one, (S − 1)/S with S = {samples}; and "
        "through the baseline a gradient leaks into f's parameters, {off_f} off.",
        LOOK_AT_F,
    ),
    Slip(
        "f minus its mean is not detached in the score term",
        {"advantage": _centred},
        "In q's logits the gradient is {of_q} the exact one, (S − 1)/S with S = {samples}, as "
        "the mean contains the sample's own value; and through f and its mean a gradient leaks "
        "into f's parameters, {off_f} off.",
        LOOK_AT_F,
    ),
    Slip(
        "the baseline is not detached",
        {"advantage": lambda values: values.detach() - others_mean(values)},
        "In q's logits the gradient is right; through the baseline a gradient leaks into f's "
        "parameters: it is {off_f} off.",
        LOOK_AT_F,
    ),
    Slip(
        "f minus the mean of the others is not detached in the score term",
        {"advantage": lambda values: values - others_mean(values)},
        "In q's logits the gradient is right; through f and the baseline a gradient leaks into "
        "f's parameters: it is {off_f} off.",
        LOOK_AT_F,
    ),
    Slip(
        "the score term is missing",
        {"advantage": torch.zeros_like},
        "The gradient in q's logits is zero, so the inference model learns nothing: z is drawn, "
        "and no gradient goes through a draw.",
        "which part of the surrogate depends on the logits of q by something that is "
        "differentiable?",
    ),
    Slip(
        "the score term has the wrong sign",
        {"advantage": lambda values: -values.detach()},
        "In q's logits the gradient is −1 times the exact one: the inference model goes downhill "
        "where the generative model goes up.",
        "if f is large for a code, should its probability rise or fall?",
    ),
    Slip(
        "the baseline is added",
        {"advantage": lambda values: (values + values.mean(0)).detach()},
        "In q's logits the gradient is {of_q} the exact one: (S + 1)/S with S = {samples}; and "
        "its variance is larger than without a baseline.",
        BY_SAMPLES,
    ),
    Slip(
        "the factor S/(S − 1) is counted twice",
        {"advantage": lambda v: (len(v) / (len(v) - 1) * (v - others_mean(v))).detach()},
        "In q's logits the gradient is {of_q} the exact one: S/(S − 1) with S = {samples}. "
        "The mean of the others goes with 1/S, the mean of all with 1/(S − 1).",
        BY_SAMPLES,
    ),
    Slip(
        "the advantage is divided by its standard deviation",
        {"advantage": lambda v: (_centred(v) / v.std(0).clamp_min(1e-30)).detach()},
        "Each word's gradient is scaled by a number that depends on its own samples: the mean "
        "does not point as the exact gradient does, and no longer tells how large f's differences "
        "are.",
        "multiply f by 10: what should happen to the gradient?",
        tolerance=10.0,
    ),
    Slip(
        "the likelihood stands in the place of its logarithm",
        {"advantage": lambda values: values.detach().exp()},
        "The score is weighed with exp f in place of f, which is almost zero.",
        "what do you expect of the size of f(z), and of its sign?",
    ),
    Slip(
        "the baseline is the mean over all samples of all words",
        {"advantage": lambda values: (values - values.mean()).detach()},
        "It contains the sample's own value: in q's logits the gradient is {of_q} the exact "
        "one, 1 − 1/(S B) with S = {samples} and B = {batch}. Words also differ in f more than "
        "samples do, so little noise is taken away.",
        "which axis does mean() without an argument leave?",
        mixes=True,
    ),
    Slip(
        "the baseline is the mean over the words, not over the samples",
        {"advantage": lambda values: (values - values.mean(1, keepdim=True)).detach()},
        "The axis is the wrong one: values are [S, B]. It contains the sample's own value, so in "
        "q's logits the gradient is 1 − 1/B of the exact one, with B = {batch}.",
        "which of the two axes of f(z) holds the samples?",
        mixes=True,
    ),
)

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
