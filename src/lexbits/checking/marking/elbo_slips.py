"""What is usually wrong with an ELBO."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.slips import Slip
from lexbits.checking.marking.world import Decoder


class Terms(NamedTuple):
    """What an ELBO is made of."""

    q: FactorisedBernoulli
    prior: FactorisedBernoulli
    log_likelihood: Decoder
    z: Tensor
    reconstruction: Tensor
    rate: Tensor

    @property
    def log_weights(self) -> Tensor:
        """Log p(x, z) / q(z), [S, B]."""
        log_joint = self.log_likelihood(self.z) + self.prior.log_prob(self.z)
        return log_joint - self.q.log_prob(self.z)


def _frozen(p: FactorisedBernoulli) -> FactorisedBernoulli:
    return FactorisedBernoulli(p.logits.detach())


def _from(p: FactorisedBernoulli, q: FactorisedBernoulli, samples: int) -> Tensor:
    """Samples of p, as many and as shaped as those of q."""
    return FactorisedBernoulli(p.logits.expand_as(q.logits), noise=q.noise).sample(samples)


def _of_ones(q: FactorisedBernoulli, p: FactorisedBernoulli) -> Tensor:
    return (q.mean * (F.logsigmoid(q.logits) - F.logsigmoid(p.logits))).sum(-1)


def _uniform(q: FactorisedBernoulli) -> FactorisedBernoulli:
    return FactorisedBernoulli(torch.zeros_like(q.logits))


CODES = (
    Slip(
        "probabilities stand in the place of bits",
        {"code": lambda q, p, samples: q.mean.expand(samples, -1, -1)},
        "The decoder is given π = q.mean, which is no bit vector: it never sees such a z when "
        "words are generated, and log p(x|z) at the mean is not the mean of log p(x|z).",
        "print the z that goes into log_likelihood: which numbers can a bit be?",
    ),
    Slip(
        "the most probable code stands in the place of samples",
        {"code": lambda q, p, samples: q.mode.expand(samples, -1, -1)},
        "The expectation is over all codes that q gives; one of them is not their mean.",
        "call it twice: what should differ from one call to the next?",
    ),
    Slip(
        "zeros and ones are exchanged",
        {"code": lambda q, prior, samples: 1 - q.sample(samples)},
        "A bit is one with the probability 1 − π in place of π.",
        "for a uniform number u, how often is u < π?",
    ),
    Slip(
        "z is drawn from the prior",
        {"code": lambda q, p, samples: _from(p, q, samples)},
        "The expectation of log p(x|z) is over q(z|x): this one does not know the word, so the "
        "inference model has nothing to learn.",
        "which distribution stands under the E in front of log p(x|z)?",
    ),
    Slip(
        "z is drawn with a fair coin for each bit",
        {"code": lambda q, p, samples: _from(_uniform(q), q, samples)},
        "The expectation of log p(x|z) is over q(z|x): this one does not know the word.",
        "where does the function use q to draw?",
    ),
)

RECONSTRUCTIONS = (
    Slip(
        "the log-likelihood is forgotten",
        {"reconstruction": lambda values: 0 * values.mean(0)},
        "What is left does not know the word.",
        "which term of the ELBO looks at x?",
    ),
    Slip(
        "the log-likelihood is summed over the samples",
        {"reconstruction": lambda values: values.sum(0)},
        "It is counted {samples} times with S = {samples}, and the KL once: the more samples, the "
        "less the KL weighs. In the decoder's parameters the gradient is {of_f} the exact one.",
        "call it with S = 1, 10 and 100: which way should the values go?",
    ),
    Slip(
        "the log-likelihood is detached",
        {"reconstruction": lambda values: values.mean(0).detach()},
        "The value is right, but no gradient reaches the parameters of the decoder, so the "
        "generative model learns nothing.",
        "after .backward(), what is the .grad of the decoder's parameters?",
    ),
    Slip(
        "the log-likelihood has the wrong sign",
        {"reconstruction": lambda values: -values.mean(0)},
        "What is subtracted is the fit itself: maximised, words become as improbable as can be.",
        "is the result larger for a decoder that explains the word better?",
    ),
    Slip(
        "the mean over the samples is taken inside the logarithm",
        {"reconstruction": lambda values: torch.logsumexp(values, 0) - math.log(len(values))},
        "log of the mean of p(x|z) is more than the mean of log p(x|z), which the ELBO has: the "
        "value is no ELBO, nor a bound once the KL is subtracted.",
        "in which order do E and log stand in the formula?",
    ),
    Slip(
        "the best of the samples counts, in place of their mean",
        {"reconstruction": lambda values: values.max(0).values},
        "The largest of S log-likelihoods is more than their mean: {off} nats too much for one "
        "word, and more with more samples.",
        "call it with S = 1, 10 and 100: which way should the values go?",
    ),
    Slip(
        "the likelihood stands in the place of its logarithm",
        {"reconstruction": lambda values: values.exp().mean(0)},
        "A probability of a word is almost zero and lies between 0 and 1: beside the KL, in nats, "
        "it counts for nothing.",
        "what do you expect of the size of log p(x|z), and of its sign?",
    ),
    Slip(
        "the log-likelihood is averaged over the words of the batch too",
        {"reconstruction": lambda values: values.mean()},
        "Each word has the mean log-likelihood of all words in the batch beside its own KL.",
        "which axis does mean() without an argument leave?",
        mixes=True,
    ),
)

RATES = (
    Slip(
        "the KL is forgotten",
        {"rate": lambda q, p, z: torch.zeros(())},
        "The value is E[log p(x|z)] alone, {off} nats off for one word: bits cost nothing, and "
        "the value is no lower bound of log p(x).",
        "there are two terms in the ELBO; where does the prior come in?",
    ),
    Slip(
        "the KL has the wrong sign",
        {"rate": lambda q, p, z: -q.kl(p)},
        "The KL is added: the more q differs from the prior, the better it seems. The value can "
        "exceed log p(x).",
        "what should happen to the ELBO if q moves away from the prior and nothing else changes?",
    ),
    Slip(
        "the KL is reversed",
        {"rate": lambda q, p, z: p.kl(q)},
        "KL(p‖q) stands in the place of KL(q‖p), {off} nats off for one word. Both are zero at "
        "q = p, and differ everywhere else.",
        "over which of the two distributions is the expectation in the KL?",
    ),
    Slip(
        "the KL is averaged over the bits in place of summed",
        {"rate": lambda q, p, z: q.kl_per_bit(p).mean(-1)},
        "It is divided by K = {bits}: each bit is charged 1/{bits} of what it costs.",
        "log q(z) of independent bits is a sum over them: what is the KL of two equal bits, "
        "beside that of one?",
    ),
    Slip(
        "log q(z) is forgotten",
        {"rate": lambda q, p, z: -p.log_prob(z).mean(0)},
        "E[log p(x|z) + log p(z)] lacks the entropy of q: nothing rewards q for being uncertain, "
        "and the bound is too low, by up to K ln 2 nats.",
        "the KL is an expectation of a difference of two logarithms: which is the other?",
    ),
    Slip(
        "the prior is forgotten",
        {"rate": lambda q, p, z: q.log_prob(z).mean(0)},
        "E[log p(x|z) − log q(z)] does not know where the prior has its mass; the value is too "
        "high, and the prior learns nothing.",
        "does the result change where the prior does?",
    ),
    Slip(
        "the log-ratio is summed over the samples",
        {"rate": lambda q, p, z: (q.log_prob(z) - p.log_prob(z)).sum(0)},
        "The KL is counted {samples} times with S = {samples}.",
        "call it with S = 1, 10 and 100: which way should the values go?",
    ),
    Slip(
        "the KL is in bits, not in nats",
        {"rate": lambda q, p, z: q.kl(p) / math.log(2)},
        "It is 1/ln 2 = 1.44 times too large beside a log-likelihood in nats.",
        "which base do the logarithms of the two terms have?",
    ),
    Slip(
        "the zeros are missing in the KL",
        {"rate": lambda q, p, z: _of_ones(q, p)},
        "π log(π/α) is summed, without the share of a bit that is zero, {off} nats off for a word; "
        "such a sum can be negative, a KL cannot.",
        "a bit has two values: which probability has the other?",
    ),
    Slip(
        "the KL is that to a uniform prior",
        {"rate": lambda q, p, z: q.kl(_uniform(q))},
        "The prior that is given has other probabilities than ½; it is not used, so it learns "
        "nothing either.",
        "does the result change where the prior does?",
    ),
    Slip(
        "the prior's probabilities are taken for its logits",
        {"rate": lambda q, p, z: q.kl(FactorisedBernoulli(p.mean))},
        "A distribution made of p.mean as logits has the probabilities σ(p.mean), between 0.5 and "
        "0.73: the KL is that to another prior, {off} nats off for one word.",
        "print the mean of each distribution that you make: is it what you meant?",
    ),
    Slip(
        "q's probabilities are taken for its logits in the KL",
        {"rate": lambda q, p, z: FactorisedBernoulli(q.mean).kl(p)},
        "A distribution made of q.mean as logits has the probabilities σ(q.mean), between 0.5 and "
        "0.73: the KL is that of another distribution, {off} nats off for one word.",
        "print the mean of each distribution that you make: is it what you meant?",
    ),
    Slip(
        "the log-ratio is taken at the most probable code",
        {"rate": lambda q, p, z: q.log_prob(q.mode) - p.log_prob(q.mode)},
        "log q − log p at one code is not its mean over codes.",
        "over which z is the expectation?",
    ),
    Slip(
        "no gradient of the KL reaches the prior",
        {"rate": lambda q, p, z: q.kl(_frozen(p))},
        "The value is right, but the KL, or the prior in it, is detached: a prior with parameters "
        "learns nothing.",
        "after .backward(), what is the .grad of the prior's logits?",
    ),
    Slip(
        "probabilities are taken for logits in the KL, of q and of the prior",
        {"rate": lambda q, p, z: FactorisedBernoulli(q.mean).kl(FactorisedBernoulli(p.mean))},
        "Distributions made of q.mean and p.mean as logits have probabilities between 0.5 and 0.73 "
        "only: the KL is {off} nats off for one word.",
        "how often is σ taken, and how often is it to be?",
    ),
    Slip(
        "the KL is divided by the number of words",
        {"rate": lambda q, p, z: q.kl(p) / len(q.logits)},
        "It is 1/B of what a word's bits cost: the larger the batch, the less the KL weighs.",
        "should the ELBO of a word depend on how many others there are?",
        mixes=True,
    ),
    Slip(
        "the KL is averaged over the words of the batch",
        {"rate": lambda q, p, z: q.kl(p).mean()},
        "Each word is charged the mean KL of the batch in place of its own.",
        "which shape has the KL that you subtract?",
        mixes=True,
    ),
    Slip(
        "the KL is summed over the words of the batch",
        {"rate": lambda q, p, z: q.kl(p).sum()},
        "Each word is charged for the bits of all words in the batch.",
        "which shape has the KL that you subtract?",
        mixes=True,
    ),
)

WHOLE = (
    Slip(
        "the sign of the whole is turned",
        {"whole": lambda terms: terms.rate - terms.reconstruction},
        "This is the loss, −ELBO: right for an optimiser that minimises, but the exercise asks for "
        "the ELBO, which is below zero.",
        "is a better model to have a larger or a smaller value?",
    ),
    Slip(
        "the value is in bits, not in nats",
        {"whole": lambda terms: (terms.reconstruction - terms.rate) / math.log(2)},
        "It is 1/ln 2 = 1.44 times the ELBO in nats.",
        "which base do your logarithms have?",
    ),
    Slip(
        "all is detached",
        {"whole": lambda terms: (terms.reconstruction - terms.rate).detach()},
        "The value is right, but nothing can learn from it: it carries no gradient.",
        "what does .requires_grad say of the result?",
    ),
    Slip(
        "a score term is added to the value",
        {
            "whole": lambda terms: (
                terms.reconstruction
                - terms.rate
                + (terms.log_likelihood(terms.z).detach() * terms.q.log_prob(terms.z)).mean(0)
            )
        },
        "That makes it a surrogate, whose gradient is an estimate but whose value means nothing: "
        "it is {off} nats off for one word. The exercise asks for the value.",
        "which number would you report as the ELBO of a word?",
    ),
    Slip(
        "the samples are summed in place of averaged",
        {"whole": lambda terms: len(terms.z) * (terms.reconstruction - terms.rate)},
        "Value and gradient are {samples} times the exact ones with S = {samples}.",
        "call it with S = 1, 10 and 100: which way should the values go?",
    ),
    Slip(
        "each sample is weighed with q(z) once more",
        {"whole": lambda terms: (terms.q.log_prob(terms.z).exp() * terms.log_weights).sum(0)},
        "Samples are drawn from q, so that a code comes as often as q has it probable: an average "
        "with equal weights is E_q, and q(z) as a weight counts it twice.",
        "which sum has q(z) in it, one over samples or one over all codes?",
    ),
    Slip(
        "log p(x|z) of each sample is weighed with q(z) once more",
        {
            "whole": lambda terms: (
                (terms.q.log_prob(terms.z).exp() * terms.log_likelihood(terms.z)).sum(0)
                - terms.rate
            )
        },
        "Samples are drawn from q, so that a code comes as often as q has it probable: an average "
        "with equal weights is E_q, and q(z) as a weight counts it twice.",
        "which sum has q(z) in it, one over samples or one over all codes?",
    ),
    Slip(
        "the samples are weighed with normalised importance weights",
        {"whole": lambda terms: (torch.softmax(terms.log_weights, 0) * terms.log_weights).sum(0)},
        "Those make an average under the posterior of one under q: {off} nats too much for one "
        "word, and more with more samples. The expectation in the ELBO is under q, where samples "
        "weigh alike.",
        "which distribution stands under the E, and from which do you draw?",
    ),
    Slip(
        "log p(x|z) is weighed with normalised importance weights",
        {
            "whole": lambda terms: (
                (torch.softmax(terms.log_weights, 0) * terms.log_likelihood(terms.z)).sum(0)
                - terms.rate
            )
        },
        "Those make an average under the posterior of one under q: {off} nats too much for one "
        "word. The expectation in the ELBO is under q, where samples weigh alike.",
        "which distribution stands under the E, and from which do you draw?",
    ),
    Slip(
        "a logarithm of a sum of weights stands in the place of a mean of logarithms",
        {"whole": lambda terms: torch.logsumexp(terms.log_weights, 0)},
        "logsumexp adds weights up, and without 1/S: {off} nats too much for one word, and more "
        "with more samples. The ELBO is a mean of logarithms.",
        "in which order do E and log stand in the formula of the ELBO?",
    ),
    Slip(
        "the mean of the weights is taken inside the logarithm",
        {
            "whole": lambda terms: (
                torch.logsumexp(terms.log_weights, 0) - math.log(len(terms.log_weights))
            )
        },
        "log of the mean of p(x,z)/q(z) is the bound of {samples} importance weights, {off} nats "
        "above the ELBO for one word. It is a bound of log p(x), but another.",
        "in which order do E and log stand in the formula of the ELBO?",
    ),
)

SLIPS = (*RATES, *RECONSTRUCTIONS, *WHOLE, *CODES)
