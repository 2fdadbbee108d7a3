"""The exercise "log-likelihood", by importance sampling, and what is usually wrong with it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.expectation import VALUE, Call
from lexbits.checking.marking.slips import Exercise, Parts, Slip, argument
from lexbits.checking.marking.world import Decoder


def assemble(parts: Parts) -> Call:
    """Put an importance-sampled log-likelihood together."""

    def log_likelihood_estimate(
        q: FactorisedBernoulli, prior: FactorisedBernoulli, log_likelihood: Decoder, samples: int
    ) -> Tensor:
        z = parts["code"](q, prior, samples)
        log_weights = parts["weights"](q, prior, log_likelihood, z)
        return parts["whole"](parts["average"](log_weights))  # type: ignore[no-any-return]

    return argument(log_likelihood_estimate, ("q", "prior", "log_likelihood", "samples"))


def log_mean_exp(values: Tensor) -> Tensor:
    """Return log 1/S Σ exp over the first axis."""
    return torch.logsumexp(values, 0) - math.log(len(values))


def _from(p: FactorisedBernoulli, q: FactorisedBernoulli, samples: int) -> Tensor:
    return FactorisedBernoulli(p.logits.expand_as(q.logits), noise=q.noise).sample(samples)


IMPORTANCE: Parts = {
    "code": lambda q, p, samples: q.sample(samples),
    "weights": lambda q, p, f, z: f(z) + p.log_prob(z) - q.log_prob(z),
    "average": log_mean_exp,
    "whole": lambda out: out,
}


def _normalised(values: Tensor) -> Tensor:
    return torch.log_softmax(values, 0) + math.log(len(values))


SHAPE_OF_A_WEIGHT = "which three probabilities make a weight, and which of them divides?"

WEIGHTS = (
    Slip(
        "the prior is forgotten in the weights",
        {"weights": lambda q, p, f, z: f(z) - q.log_prob(z)},
        "The mean of p(x|z)/q(z) is Σ_z p(x|z), not p(x): {off} nats off for one word.",
        "what does the mean of the weights become as S grows? Write the sum over z out.",
    ),
    Slip(
        "log q(z) is forgotten in the weights",
        {"weights": lambda q, p, f, z: f(z) + p.log_prob(z)},
        "z is drawn from q, so that each weight has to be divided by q(z): {off} nats off for one "
        "word.",
        "what does the mean of the weights become as S grows? Write the sum over z out.",
    ),
    Slip(
        "prior and q are both forgotten in the weights",
        {"weights": lambda q, p, f, z: f(z)},
        "The mean of p(x|z) under q is more than p(x), as q prefers the codes that explain the "
        "word: {off} nats off for one word.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "the KL is subtracted outside, in place of log q − log p in each weight",
        {"weights": lambda q, p, f, z: f(z) - q.kl(p)},
        "A KL is a mean over z already, so that it does not correct the weight of any code: "
        "{off} nats off for one word, and more samples do not mend it.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "log q(z) is added in the weights",
        {"weights": lambda q, p, f, z: f(z) + p.log_prob(z) + q.log_prob(z)},
        "A code that q draws often counts more for that twice, in place of once: {off} nats off.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "prior and q have changed places in the weights",
        {"weights": lambda q, p, f, z: f(z) + q.log_prob(z) - p.log_prob(z)},
        "The weights are p(x|z) q(z)/p(z): {off} nats off for one word.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "the log-likelihood is forgotten in the weights",
        {"weights": lambda q, p, f, z: p.log_prob(z) - q.log_prob(z)},
        "What is left does not know the word.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "the weights are normalised by their sum",
        {"weights": lambda q, p, f, z: f(z) + _normalised(p.log_prob(z) - q.log_prob(z))},
        "p(z)/q(z) is divided by its sum over the samples: then each S has another mean, {off} "
        "nats off for one word. Weights are normalised where an expectation under the posterior is "
        "estimated; log p(x) is made of them as they are.",
        "by which number is the sum of the weights divided in the formula?",
    ),
    Slip(
        "1/q(z) is normalised by its sum",
        {"weights": lambda q, p, f, z: f(z) + p.log_prob(z) + _normalised(-q.log_prob(z))},
        "1/q(z) is divided by its sum over the samples: {off} nats off for one word. log p(x) is "
        "made of the weights as they are.",
        "by which number is the sum of the weights divided in the formula?",
    ),
    Slip(
        "the weights are turned upside down",
        {"weights": lambda q, p, f, z: q.log_prob(z) - f(z) - p.log_prob(z)},
        "The weights are q(z)/p(x, z), so that the value is above zero: {off} nats off for one "
        "word.",
        SHAPE_OF_A_WEIGHT,
    ),
    Slip(
        "log-probabilities are averaged over the bits in place of summed",
        {"weights": lambda q, p, f, z: f(z) + (p.log_prob(z) - q.log_prob(z)) / q.bits},
        "The logarithm of p(z)/q(z) is divided by K = {bits}.",
        "the probability of independent bits is a product: what is its logarithm?",
    ),
    Slip(
        "the prior's probabilities are taken for its logits",
        {
            "weights": lambda q, p, f, z: (
                f(z) + FactorisedBernoulli(p.mean).log_prob(z) - q.log_prob(z)
            )
        },
        "A distribution made of p.mean as logits has the probabilities σ(p.mean), between 0.5 and "
        "0.73: {off} nats off for one word.",
        "print the mean of each distribution that you make: is it what you meant?",
    ),
    Slip(
        "z is drawn from the prior, and the weights are those of q",
        {"code": lambda q, p, samples: _from(p, q, samples)},
        "A weight divides by the probability with which z was drawn.",
        "from which distribution do you draw, and by which do you divide?",
    ),
    Slip(
        "z is drawn from the prior",
        {
            "code": lambda q, p, samples: _from(p, q, samples),
            "weights": lambda q, p, f, z: f(z),
        },
        "The mean of p(x|z) under the prior is p(x), so that this is a bound too; but q, which "
        "knows the word, is not used, and with S = {samples} it is {off} nats off for one word.",
        "which distribution knows where the codes are that explain the word?",
    ),
)

BOTH = (
    Slip(
        "log p(x|z) is averaged with the normalised weights",
        {
            "weights": lambda q, p, f, z: torch.stack([f(z) + p.log_prob(z) - q.log_prob(z), f(z)]),
            "average": lambda both: (torch.softmax(both[0], 0) * both[1]).sum(0),
        },
        "Σ w̃ log p(x|z) estimates the mean of log p(x|z) under the posterior P(z|x), and not log "
        "p(x): {off} nats off for one word.",
        "write down log (1/S) Σ w: where do normalised weights occur in it?",
    ),
    Slip(
        "log p(x|z) is averaged with weights p(z)/q(z), normalised",
        {
            "weights": lambda q, p, f, z: torch.stack([p.log_prob(z) - q.log_prob(z), f(z)]),
            "average": lambda both: (torch.softmax(both[0], 0) * both[1]).sum(0),
        },
        "That is a mean of logarithms, about E[log p(x|z)] under the prior: {off} nats off for one "
        "word.",
        "on which side of the sum does the logarithm stand?",
    ),
    Slip(
        "log p(x|z) is averaged with weights p(z)/q(z)",
        {
            "weights": lambda q, p, f, z: torch.stack([p.log_prob(z) - q.log_prob(z), f(z)]),
            "average": lambda both: (both[0].exp() * both[1]).mean(0),
        },
        "That is a mean of logarithms, E[log p(x|z)] under the prior: {off} nats off for one word.",
        "on which side of the sum does the logarithm stand?",
    ),
    Slip(
        "each factor of the weights is averaged by itself",
        {
            "weights": lambda q, p, f, z: torch.stack([f(z), p.log_prob(z), q.log_prob(z)]),
            "average": lambda three: (
                log_mean_exp(three[0]) + log_mean_exp(three[1]) - log_mean_exp(three[2])
            ),
        },
        "The mean of a product is not the product of means: p(x|z), p(z) and q(z) of a sample "
        "belong together, {off} nats off for one word.",
        SHAPE_OF_A_WEIGHT,
    ),
)

AVERAGES = (
    Slip(
        "the mean of logarithms stands in the place of the logarithm of the mean",
        {"average": lambda log_weights: log_weights.mean(0)},
        "The mean of log w is the ELBO, however many samples there are: {off} nats off for one "
        "word.",
        "does the value rise where S does?",
    ),
    Slip(
        "1/S is forgotten",
        {"average": lambda log_weights: torch.logsumexp(log_weights, 0)},
        "The value is log S = {log_samples} too large, with S = {samples}.",
        "call it with S = 1, 10 and 1000: does the value settle?",
    ),
    Slip(
        "1/S is counted twice",
        {"average": lambda log_weights: log_mean_exp(log_weights) - math.log(len(log_weights))},
        "The value is log S = {log_samples} too small, with S = {samples}.",
        "call it with S = 1, 10 and 1000: does the value settle?",
    ),
    Slip(
        "S is subtracted in place of log S",
        {"average": lambda log_weights: torch.logsumexp(log_weights, 0) - len(log_weights)},
        "The value is S − log S nats too small.",
        "what is the logarithm of (1/S) Σ w?",
    ),
    Slip(
        "the sum of logarithms stands in the place of the logarithm of the mean",
        {"average": lambda log_weights: log_weights.sum(0)},
        "The value is S = {samples} times the ELBO.",
        "call it with S = 1, 10 and 1000: does the value settle?",
    ),
    Slip(
        "the largest weight stands in the place of their mean",
        {"average": lambda log_weights: log_weights.max(0).values},
        "The largest of S weights is more than their mean: {off} nats off for one word.",
        "with how many samples would the value stop rising?",
    ),
    Slip(
        "the largest weight is not added back",
        {"average": lambda log_weights: log_mean_exp(log_weights - log_weights.max(0).values)},
        "It is subtracted before exp, so that nothing overflows, and belongs to the result: "
        "{off} nats off.",
        "add 1 to all log-weights: by how much should the result change?",
    ),
    Slip(
        "the logarithm is forgotten",
        {"average": lambda log_weights: log_mean_exp(log_weights).exp()},
        "The value estimates p(x), without bias, and not log p(x).",
        "which sign has a log-probability?",
    ),
    Slip(
        "a mean of 1/w is taken",
        {"average": lambda log_weights: -log_mean_exp(-log_weights)},
        "1 / mean(1/w) is the harmonic mean of the weights: {off} nats below their mean for one "
        "word.",
        "what is p(x) the mean of, and under which distribution?",
    ),
    Slip(
        "normalised weights are added up",
        {"average": lambda log_weights: 0 * log_weights.sum(0)},
        "Weights that are divided by their sum add up to 1, whose logarithm is zero for every "
        "word.",
        "does the result change where the word does?",
    ),
    Slip(
        "log-weights are averaged with the normalised weights",
        {"average": lambda log_weights: (torch.softmax(log_weights, 0) * log_weights).sum(0)},
        "Σ w̃ log w is not the logarithm of the mean of w: {off} nats off for one word.",
        "write down log (1/S) Σ w: where do normalised weights occur in it?",
    ),
)

WHOLE = (
    Slip(
        "the sign of the whole is turned",
        {"whole": lambda out: -out},
        "This is the NLL, −log p(x); the exercise asks for the log-likelihood, below zero.",
        "is a better model to have a larger or a smaller value?",
    ),
    Slip(
        "the value is in bits, not in nats",
        {"whole": lambda out: out / math.log(2)},
        "It is 1/ln 2 = 1.44 times what it would be in nats.",
        "which base do your logarithms have?",
    ),
    Slip(
        "the logarithm has base 10",
        {"whole": lambda out: out / math.log(10)},
        "It is 1/ln 10 = 0.43 times what it would be in nats.",
        "which base do your logarithms have?",
    ),
)

CODES = (
    Slip(
        "probabilities stand in the place of bits",
        {"code": lambda q, p, samples: q.mean.expand(samples, -1, -1)},
        "π = q.mean is no bit vector, and all samples are the same.",
        "print z: which numbers can a bit be?",
    ),
    Slip(
        "the most probable code stands in the place of samples",
        {"code": lambda q, p, samples: q.mode.expand(samples, -1, -1)},
        "All samples are the same, and the value is that of one code.",
        "call it twice: what should differ from one call to the next?",
    ),
)

LOG_LIKELIHOOD = Exercise(
    name="log-likelihood",
    title="an importance-sampled estimate of log p(x), in nats, for each word",
    parameters=("q", "prior", "log_likelihood", "samples"),
    judged=(VALUE,),
    samples=(2, 3),
    parts=IMPORTANCE,
    assemble=assemble,
    slips=(*AVERAGES, *WEIGHTS, *BOTH, *WHOLE, *CODES),
    aliases=("likelihood", "importance", "iwae", "nll", "log_prob", "log_p", "marginal"),
)
