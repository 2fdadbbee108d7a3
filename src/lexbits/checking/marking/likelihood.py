"""The exercises "log-likelihood", by importance sampling, and "exact", by all codes."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.checking.marking.expectation import OF_F, OF_PRIOR, VALUE, Call
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
    samples=(2, 4),
    parts=IMPORTANCE,
    assemble=assemble,
    slips=(*AVERAGES, *WEIGHTS, *WHOLE, *CODES),
    aliases=("likelihood", "importance", "iwae", "nll", "log_prob", "log_p", "marginal"),
)


def assemble_exact(parts: Parts) -> Call:
    """Put an exact log-likelihood together."""

    def exact(prior: FactorisedBernoulli, log_likelihood: Decoder, bits: int) -> Tensor:
        z = parts["codes"](all_codes(bits).to(prior.logits))[:, None]
        terms = parts["terms"](prior, log_likelihood, z)
        return parts["whole"](parts["sum"](terms, prior.log_prob(z)))  # type: ignore[no-any-return]

    return argument(exact, ("prior", "log_likelihood", "bits"))


ALL_CODES: Parts = {
    "codes": lambda codes: codes,
    "terms": lambda p, f, z: p.log_prob(z) + f(z),
    "sum": lambda terms, log_prior: torch.logsumexp(terms, 0),
    "whole": lambda out: out,
}

EXACT = Exercise(
    name="exact",
    title="the exact log p(x), in nats, for each word",
    parameters=("prior", "log_likelihood", "bits"),
    judged=(VALUE,),
    told=(OF_F, OF_PRIOR),
    samples=(1,),
    parts=ALL_CODES,
    assemble=assemble_exact,
    slips=(
        Slip(
            "the prior is forgotten",
            {"terms": lambda p, f, z: f(z)},
            "Σ_z p(x|z) is not p(x): each code counts as if it were certain, {off} nats too much "
            "for one word.",
            "what do p(x) of all words x add up to?",
        ),
        Slip(
            "codes are averaged as if all were equally probable",
            {"terms": lambda p, f, z: f(z) - math.log(len(z))},
            "The prior that is given is not uniform: {off} nats off for one word.",
            "does the result change where the prior does?",
        ),
        Slip(
            "a mean over the codes stands in the place of their sum",
            {"sum": lambda terms, log_prior: log_mean_exp(terms)},
            "p(z) already is the weight of a code: a mean divides by 2^K once more, K ln 2 = {off} "
            "nats too little.",
            "what do p(z) of all codes z add up to?",
        ),
        Slip(
            "logarithms are averaged in place of probabilities",
            {"sum": lambda terms, lp: (lp.exp() * (terms - lp)).sum(0)},
            "Σ p(z) log p(x|z) is less than log Σ p(z) p(x|z): {off} nats for one word.",
            "on which side of the sum does the logarithm stand?",
        ),
        Slip(
            "log-probabilities are added up",
            {"sum": lambda terms, lp: terms.sum(0)},
            "The sum is over probabilities, not over their logarithms.",
            "on which side of the sum does the logarithm stand?",
        ),
        Slip(
            "the most probable code stands in the place of all",
            {"sum": lambda terms, lp: terms.max(0).values},
            "max_z p(x, z) is one term of the sum: {off} nats too little for one word.",
            "how many codes are there, and how many count?",
        ),
        Slip(
            "the logarithm is forgotten",
            {"sum": lambda terms, lp: torch.logsumexp(terms, 0).exp()},
            "The value is p(x), not log p(x).",
            "which sign has a log-probability?",
        ),
        Slip(
            "the log-likelihood is forgotten",
            {"terms": lambda p, f, z: p.log_prob(z) + 0 * f(z)},
            "What is left is log Σ_z p(z) = 0.",
            "where does the word come in?",
        ),
        Slip(
            "the first code is left out",
            {"codes": lambda codes: codes[1:]},
            "There are 2^K codes; 00…0 is one of them.",
            "how many codes do you go through?",
        ),
        Slip(
            "the last code is left out",
            {"codes": lambda codes: codes[:-1]},
            "There are 2^K codes; 11…1 is one of them.",
            "how many codes do you go through?",
        ),
        Slip(
            "only codes with a single one are summed",
            {"codes": lambda codes: torch.eye(codes.shape[1], dtype=codes.dtype)},
            "There are 2^K codes, not K.",
            "how many codes do you go through?",
        ),
        *WHOLE,
    ),
    aliases=("exact", "enumerat", "all_codes"),
)
