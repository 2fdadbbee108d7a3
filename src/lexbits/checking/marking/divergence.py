"""The exercise "kl": KL(q ‖ p) of independent bits, and what is usually wrong with it."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.expectation import OF_PRIOR, OF_Q, VALUE, Call
from lexbits.checking.marking.slips import Exercise, Parts, Slip, argument


def assemble(parts: Parts) -> Call:
    """Put a KL together."""

    def kl(q: FactorisedBernoulli, p: FactorisedBernoulli) -> Tensor:
        return parts["whole"](parts["bits"](q, p))  # type: ignore[no-any-return]

    return argument(kl, ("q", "p"))


def _ones(q: FactorisedBernoulli, p: FactorisedBernoulli) -> Tensor:
    return q.mean * (F.logsigmoid(q.logits) - F.logsigmoid(p.logits))


def _zeros(q: FactorisedBernoulli, p: FactorisedBernoulli) -> Tensor:
    return (1 - q.mean) * (F.logsigmoid(-q.logits) - F.logsigmoid(-p.logits))


def _entropy(q: FactorisedBernoulli) -> Tensor:
    return -q.kl_per_bit(FactorisedBernoulli(torch.zeros_like(q.logits))) + math.log(2)


KL = Exercise(
    name="kl",
    title="KL(q‖p) in nats, for each word",
    parameters=("q", "p"),
    judged=(VALUE, OF_Q, OF_PRIOR),
    samples=(1,),
    parts={"bits": lambda q, p: q.kl_per_bit(p), "whole": lambda bits: bits.sum(-1)},
    assemble=assemble,
    slips=(
        Slip(
            "the KL is reversed",
            {"bits": lambda q, p: p.kl_per_bit(q)},
            "This is KL(p‖q), {off} nats off for one word.",
            "over which of the two distributions is the expectation?",
        ),
        Slip(
            "the sign is turned",
            {"whole": lambda bits: -bits.sum(-1)},
            "A KL is never below zero.",
            "which values can it have, and what is it where q = p?",
        ),
        Slip(
            "bits are averaged in place of summed",
            {"whole": lambda bits: bits.mean(-1)},
            "It is 1/K of the KL, with K = {bits}.",
            "what is the KL of two equal bits, beside that of one?",
        ),
        Slip(
            "the zeros are missing",
            {"bits": _ones},
            "π log(π/α) is the share of a bit that is one, {off} nats off for one word; such a sum "
            "can be negative.",
            "a bit has two values: which probability has the other?",
        ),
        Slip(
            "the ones are missing",
            {"bits": _zeros},
            "(1 − π) log((1 − π)/(1 − α)) is the share of a bit that is zero, {off} nats off for "
            "one word; such a sum can be negative.",
            "a bit has two values: which probability has the other?",
        ),
        Slip(
            "the term of the zeros has the wrong sign",
            {"bits": lambda q, p: _ones(q, p) - _zeros(q, p)},
            "Both values of a bit are summed alike: each with its probability under q, times log "
            "q/p: {off} nats off for one word.",
            "what becomes of the formula where ones are called zeros, and zeros ones?",
        ),
        Slip(
            "the logarithms are not weighted",
            {"bits": lambda q, p: _ones(q, p) / q.mean + _zeros(q, p) / (1 - q.mean)},
            "Each value of a bit counts with its probability under q; here all count alike: {off} "
            "nats off for one word.",
            "an expectation is a sum of what times what?",
        ),
        Slip(
            "the logarithms are weighted with p in place of q",
            {"bits": lambda q, p: -p.kl_per_bit(q)},
            "Σ p log(q/p) is −KL(p‖q), which is never above zero: {off} nats off for one word.",
            "over which of the two distributions is the expectation?",
        ),
        Slip(
            "log-odds stand in the place of log-probabilities",
            {"bits": lambda q, p: q.mean * (q.logits - p.logits)},
            "A logit is log(π/(1 − π)), not log π: {off} nats off for one word.",
            "which logarithm has the formula, and which is a logit?",
        ),
        Slip(
            "it is the cross-entropy of q under p",
            {"bits": lambda q, p: p.kl_per_bit(q) + _entropy(p)},
            "Σ −α log π − (1 − α) log(1 − π) is an expectation over p, and lacks its entropy: "
            "{off} nats off for one word.",
            "over which distribution is the expectation, and which two logarithms are in it?",
        ),
        Slip(
            "the KL is reversed and the zeros are missing",
            {"bits": lambda q, p: _ones(p, q)},
            "This is Σ α log(α/π): the expectation is over p, and the share of a bit that is zero "
            "is left out. (torch.nn.functional.kl_div(log π, α) is that sum.)",
            "over which distribution is the expectation, and how many values has a bit?",
        ),
        Slip(
            "the value is in bits, not in nats",
            {"whole": lambda bits: bits.sum(-1) / math.log(2)},
            "It is 1/ln 2 = 1.44 times the KL in nats.",
            "which base do your logarithms have?",
        ),
        Slip(
            "the logarithm has base 10",
            {"whole": lambda bits: bits.sum(-1) / math.log(10)},
            "It is 1/ln 10 = 0.43 times the KL in nats.",
            "which base do your logarithms have?",
        ),
        Slip(
            "p is forgotten",
            {"bits": lambda q, p: -_entropy(q)},
            "Σ π log π + (1 − π) log(1 − π) is minus the entropy of q.",
            "what is it where q = p?",
        ),
        Slip(
            "log q is forgotten",
            {"bits": lambda q, p: q.kl_per_bit(p) + _entropy(q)},
            "E_q[−log p(z)] is the cross-entropy: the KL and the entropy of q.",
            "what is it where q = p?",
        ),
        Slip(
            "the entropy of q is added in place of subtracted",
            {"bits": lambda q, p: q.kl_per_bit(p) + 2 * _entropy(q)},
            "The KL is the cross-entropy less the entropy of q: {off} nats too much for one word.",
            "what is it where q = p?",
        ),
        Slip(
            "p's probabilities are taken for its logits",
            {"bits": lambda q, p: q.kl_per_bit(FactorisedBernoulli(p.mean))},
            "A distribution made of p.mean as logits has the probabilities σ(p.mean), between 0.5 "
            "and 0.73: {off} nats off for one word.",
            "print the mean of each distribution that you make: is it what you meant?",
        ),
        Slip(
            "q's probabilities are taken for its logits",
            {"bits": lambda q, p: FactorisedBernoulli(q.mean).kl_per_bit(p)},
            "A distribution made of q.mean as logits has the probabilities σ(q.mean), between 0.5 "
            "and 0.73: {off} nats off for one word.",
            "print the mean of each distribution that you make: is it what you meant?",
        ),
        Slip(
            "probabilities are taken for logits, of q and of p",
            {
                "bits": lambda q, p: FactorisedBernoulli(q.mean).kl_per_bit(
                    FactorisedBernoulli(p.mean)
                )
            },
            "Distributions made of q.mean and p.mean as logits have probabilities between 0.5 and "
            "0.73 only: {off} nats off for one word.",
            "how often is σ taken, and how often is it to be?",
        ),
        Slip(
            "p is taken to be uniform",
            {"bits": lambda q, p: q.kl_per_bit(FactorisedBernoulli(torch.zeros_like(q.logits)))},
            "The p that is given has other probabilities than ½.",
            "does the result change where p does?",
        ),
        Slip(
            "it is made symmetric",
            {"bits": lambda q, p: (q.kl_per_bit(p) + p.kl_per_bit(q)) / 2},
            "The mean of KL(q‖p) and KL(p‖q) is another divergence.",
            "over which distribution is the expectation? There is one.",
        ),
        Slip(
            "a sum over both directions",
            {"bits": lambda q, p: q.kl_per_bit(p) + p.kl_per_bit(q)},
            "KL(q‖p) + KL(p‖q) is another divergence.",
            "over which distribution is the expectation? There is one.",
        ),
        Slip(
            "the words of the batch are averaged",
            {"whole": lambda bits: bits.sum(-1).mean().expand(len(bits))},
            "Each word has the mean KL of the batch in place of its own.",
            "which axis does mean() without an argument leave?",
            mixes=True,
        ),
        Slip(
            "it is divided by the number of words",
            {"whole": lambda bits: bits.sum(-1) / len(bits)},
            "It is 1/B of the KL, and the less the larger the batch is.",
            "should the KL of a word depend on how many others there are?",
            mixes=True,
        ),
        Slip(
            "all is detached",
            {"whole": lambda bits: bits.sum(-1).detach()},
            "The value is right, but nothing can learn from it: it carries no gradient.",
            "what does .requires_grad say of the result?",
        ),
        Slip(
            "p is detached",
            {"bits": lambda q, p: q.kl_per_bit(FactorisedBernoulli(p.logits.detach()))},
            "The value is right, but a prior with parameters learns nothing.",
            "after .backward(), what is the .grad of the prior's logits?",
        ),
        Slip(
            "q is detached",
            {"bits": lambda q, p: FactorisedBernoulli(q.logits.detach()).kl_per_bit(p)},
            "The value is right, but the inference model does not learn that bits cost something.",
            "after .backward(), what is the .grad of q's logits?",
        ),
    ),
    aliases=("kl", "divergence", "rate"),
)
