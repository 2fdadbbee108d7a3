"""The exercise "exact", log p(x) by all codes, and what is usually wrong with it."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.checking.marking.expectation import OF_F, OF_PRIOR, VALUE, Call
from lexbits.checking.marking.likelihood import WHOLE, log_mean_exp
from lexbits.checking.marking.slips import Exercise, Parts, Slip, argument
from lexbits.checking.marking.world import Decoder


def assemble(parts: Parts) -> Call:
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
    assemble=assemble,
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
            "log-probabilities are averaged over the codes",
            {"sum": lambda terms, lp: terms.mean(0)},
            "The mean of log p(x, z), each code counting alike, is neither a sum nor one of "
            "probabilities: {off} nats off for one word.",
            "on which side of the sum does the logarithm stand?",
        ),
        Slip(
            "log p(z) is subtracted",
            {"terms": lambda p, f, z: f(z) - p.log_prob(z)},
            "Σ_z p(x|z) / p(z) is not p(x): {off} nats off for one word.",
            "how is p(x, z) made of p(z) and p(x|z)?",
        ),
        Slip(
            "log p(z) is counted twice",
            {"terms": lambda p, f, z: f(z) + 2 * p.log_prob(z)},
            "Each code is weighed with p(z)² in place of p(z): {off} nats off for one word.",
            "how often does p(z) stand in the sum?",
        ),
        Slip(
            "p(z) stands in the place of log p(z)",
            {"terms": lambda p, f, z: f(z) + p.log_prob(z).exp()},
            "A probability is added to a logarithm: {off} nats off for one word.",
            "of two factors under a logarithm: what becomes of each?",
        ),
        Slip(
            "exponentials are taken twice",
            {"sum": lambda terms, lp: torch.logsumexp(terms.exp(), 0)},
            "logsumexp is given logarithms and takes exp itself: {off} nats off for one word.",
            "what does logsumexp do first with what it is given?",
        ),
        Slip(
            "the prior's probabilities are taken for its logits",
            {"terms": lambda p, f, z: f(z) + FactorisedBernoulli(p.mean).log_prob(z)},
            "A distribution made of p.mean as logits has the probabilities σ(p.mean), between 0.5 "
            "and 0.73: {off} nats off for one word.",
            "print the mean of each distribution that you make: is it what you meant?",
        ),
        Slip(
            "log p(z) is averaged over the bits in place of summed",
            {"terms": lambda p, f, z: f(z) + p.log_prob(z) / p.bits},
            "It is divided by the number of bits: {off} nats off for one word.",
            "the probability of independent bits is a product: what is its logarithm?",
        ),
        Slip(
            "the zeros are missing in log p(z)",
            {"terms": lambda p, f, z: f(z) + (z * F.logsigmoid(p.logits)).sum(-1)},
            "log p(z) has a term for each bit, (1 − z) log(1 − α) for one that is zero: {off} nats "
            "off for one word.",
            "does p(z), summed over all codes z, give 1?",
        ),
        Slip(
            "zeros and ones are exchanged in log p(z)",
            {"terms": lambda p, f, z: f(z) + p.log_prob(1 - z)},
            "A bit that is one counts 1 − α in place of α: {off} nats off for one word.",
            "which probability has a code of ones alone?",
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
