"""The usual mistakes, written as they are written, are recognised by their bias."""

import math

import pytest
import torch
from torch.nn import functional as F

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.checking import mark


def log_weights(q, prior, log_likelihood, z):
    return log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)


def elbo(reduce=lambda values: values.mean(0), rate=lambda q, p: q.kl(p), code=None):
    """Return an ELBO with one part written otherwise."""

    def written(q, prior, log_likelihood, samples):
        z = q.sample(samples) if code is None else code(q, samples)
        return reduce(log_likelihood(z)) - rate(q, prior)

    return written


def ratio(of):
    """Return an ELBO that is made of samples of log p(x|z), log p(z) and log q(z)."""

    def written(q, prior, log_likelihood, samples):
        z = q.sample(samples)
        return of(log_likelihood(z), prior.log_prob(z), q.log_prob(z))

    return written


def by_hand(q, p):
    a, b = q.mean, p.mean
    return a * (a / b).log() + (1 - a) * ((1 - a) / (1 - b)).log()


def fit_weighed_again(q, prior, log_likelihood, samples):
    z = q.sample(samples)
    return (q.log_prob(z).exp() * log_likelihood(z)).sum(0) - q.kl(prior)


ELBOS = [
    ("the KL is forgotten", elbo(rate=lambda q, p: 0)),
    ("the KL is forgotten", ratio(lambda f, p, q: f.mean(0))),
    ("the KL has the wrong sign", elbo(rate=lambda q, p: -q.kl(p))),
    ("the KL has the wrong sign", ratio(lambda f, p, q: (f - p + q).mean(0))),
    ("the KL is reversed", elbo(rate=lambda q, p: p.kl(q))),
    ("the KL is averaged over the bits", elbo(rate=lambda q, p: by_hand(q, p).mean(-1))),
    ("the zeros are missing", elbo(rate=lambda q, p: (q.mean * (q.mean / p.mean).log()).sum(-1))),
    ("log q(z) is forgotten", ratio(lambda f, p, q: (f + p).mean(0))),
    ("the prior is forgotten", ratio(lambda f, p, q: (f - q).mean(0))),
    ("uniform prior", elbo(rate=lambda q, p: q.bits * math.log(2) - q.entropy())),
    ("no gradient of the KL reaches the prior", elbo(rate=lambda q, p: (
        (q.mean * (q.logits - p.logits.detach())).sum(-1)
        + (F.softplus(p.logits.detach()) - F.softplus(q.logits)).sum(-1)
    ))),
    ("the KL is in bits", elbo(rate=lambda q, p: by_hand(q, p).sum(-1) / math.log(2))),
    ("the value is in bits", ratio(lambda f, p, q: (f + p - q).mean(0) * math.log2(math.e))),
    ("summed over the samples", elbo(reduce=lambda values: values.sum(0))),
    ("the samples are summed", ratio(lambda f, p, q: (f + p - q).sum(0))),
    ("the log-likelihood is detached", elbo(reduce=lambda values: values.detach().mean(0))),
    ("all is detached", ratio(lambda f, p, q: (f + p - q).mean(0).detach())),
    ("the sign of the whole", ratio(lambda f, p, q: (q - f - p).mean(0))),
    ("taken inside the logarithm", ratio(
        lambda f, p, q: torch.logsumexp(f + p - q, 0) - math.log(len(f))
    )),
    ("inside the logarithm", elbo(reduce=lambda values: values.exp().mean(0).log())),
    ("probabilities stand", elbo(code=lambda q, s: q.mean[None])),
    ("the most probable code", elbo(code=lambda q, s: (q.logits > 0).double()[None])),
    ("averaged over the words of the batch too", elbo(reduce=torch.mean)),
    ("the KL is averaged over the words", elbo(rate=lambda q, p: q.kl(p).mean())),
    ("the KL is summed over the words", elbo(rate=lambda q, p: q.kl(p).sum())),
    ("free nats", elbo(rate=lambda q, p: q.kl(p).clamp(min=0.3))),
    ("free nats", elbo(rate=lambda q, p: q.kl_per_bit(p).clamp(min=0.1).sum(-1))),
    ("the best of the samples", elbo(reduce=lambda values: values.max(0).values)),
    ("the prior's probabilities", elbo(rate=lambda q, p: q.kl(FactorisedBernoulli(p.mean)))),
    ("q's probabilities", elbo(rate=lambda q, p: FactorisedBernoulli(q.mean).kl(p))),
    ("a score term is added", lambda q, prior, log_likelihood, samples: (
        surrogate(detached)(q, log_likelihood, samples) - q.kl(prior)
    )),
    ("zeros and ones", elbo(code=lambda q, s: (torch.rand(s, *q.logits.shape) > q.mean).double())),
    ("that of Gaussians", elbo(rate=lambda q, p: (
        -0.5 * (1 + q.variance.log() - q.mean**2 - q.variance).sum(-1)
    ))),
    ("probabilities are taken for logits", elbo(
        rate=lambda q, p: FactorisedBernoulli(q.mean).kl(FactorisedBernoulli(p.mean))
    )),
    ("divided by the number of words", elbo(rate=lambda q, p: q.kl(p) / len(q.logits))),
    ("each sample is weighed with q(z)", ratio(lambda f, p, q: (q.exp() * (f + p - q)).sum(0))),
    ("log p(x|z) of each sample is weighed with q(z)", fit_weighed_again),
    ("with normalised importance weights", ratio(
        lambda f, p, q: ((f + p - q).softmax(0) * (f + p - q)).sum(0)
    )),
    ("a logarithm of a sum", ratio(lambda f, p, q: torch.logsumexp(f + p - q, 0))),
    ("the terms are not counted once", elbo(rate=lambda q, p: 0.5 * q.kl(p))),
    ("z is drawn from the prior", lambda q, prior, log_likelihood, samples: (
        log_likelihood(torch.bernoulli(prior.mean.detach().expand(samples, *q.logits.shape)))
    ).mean(0) - q.kl(prior)),
]  # fmt: skip


def surrogate(advantage, path=lambda v: v, score=lambda q, z: q.log_prob(z), mean=None):
    """Return a score-function surrogate with parts written otherwise."""

    def written(q, f, samples):
        z = q.sample(samples)
        values = f(z)
        terms = path(values) + advantage(values) * score(q, z)
        return terms.mean(0) if mean is None else mean(terms)

    return written


def others(v):
    return (v.sum(0, keepdim=True) - v) / (len(v) - 1)


def at(code, advantage):
    def written(q, f, samples):
        z = code(q, samples)
        values = f(z)
        return (values + advantage(values) * q.log_prob(z)).mean(0)

    return written


def straight(q, samples):
    return q.sample(samples) + q.mean - q.mean.detach()


def detached(v):
    return v.detach()


def divided_by_samples(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    advantage = (values - values.mean(0)).detach()
    return values.mean(0) + (advantage * q.log_prob(z)).sum(0) / samples


def divided_by_fewer(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    return values.mean(0) + (values.detach() * q.log_prob(z)).sum(0) / (samples - 1)


def over_words_and_by_fewer(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    advantage = (values - values.mean(1, keepdim=True)).detach()
    return values.mean(0) + (advantage * q.log_prob(z)).sum(0) / (samples - 1)


def divided_by_both(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    advantage = (values - values.mean(0)).detach()
    score = (advantage * q.log_prob(z)).sum(0) / (samples * (samples - 1))
    return values.mean(0) + score


def two_means(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    return values.mean(0) + values.mean(0).detach() * q.log_prob(z).mean(0)


def flips(of_logit):
    """Return the gradient of one bit after the other, each made of f(one) − f(zero)."""

    def written(q, f, samples):
        z = q.sample(samples)
        out = f(z).mean(0)
        for k in range(q.bits):
            one, zero = z.clone(), z.clone()
            one[..., k], zero[..., k] = 1.0, 0.0
            out = out + of_logit(q, (f(one) - f(zero)).mean(0).detach())[..., k]
        return out

    return written


SURROGATES = [
    ("in q's probabilities", flips(lambda q, g: q.logits * g[:, None])),
    ("π stands in the place of", flips(lambda q, g: q.logits * (q.mean.detach() * g[:, None]))),
    ("π(1 − π) is counted twice", flips(lambda q, g: q.mean * (q.variance.detach() * g[:, None]))),
    ("divided by S − 1 in place of S", divided_by_fewer),
    ("the score term is missing", lambda q, f, samples: f(q.sample(samples)).mean(0)),
    ("f's own gradient is missing", surrogate(detached, path=detached)),
    ("f's own gradient is missing", surrogate(detached, path=lambda v: 0)),
    ("f is not detached", surrogate(lambda v: v)),
    ("the baseline contains the sample's own", surrogate(lambda v: (v - v.mean(0)).detach())),
    ("the baseline contains the sample's own", divided_by_samples),
    ("is not detached and contains", surrogate(lambda v: v.detach() - v.mean(0))),
    ("f minus its mean is not detached", surrogate(lambda v: v - v.mean(0))),
    ("the baseline is not detached", surrogate(lambda v: v.detach() - others(v))),
    ("the mean of the others is not detached", surrogate(lambda v: v - others(v))),
    ("the score term has the wrong sign", surrogate(lambda v: -v.detach())),
    ("the baseline is added", surrogate(lambda v: (v + v.mean(0)).detach())),
    ("divided by S − 1", surrogate(lambda v: (v - v.sum(0) / (len(v) - 1)).detach())),
    ("divided by S (S − 1)", divided_by_both),
    ("z stands in the place of z − π", surrogate(
        detached, score=lambda q, z: (q.logits * z).sum(-1)
    )),
    ("the score stands in the place of log q", surrogate(
        detached, score=lambda q, z: (z - q.mean).sum(-1)
    )),
    ("exchanged in log q", surrogate(detached, score=lambda q, z: q.log_prob(1 - z))),
    ("a factor is there", surrogate(lambda v: 2 * v.detach())),
    ("counted twice", surrogate(lambda v: ((v - others(v)) * len(v) / (len(v) - 1)).detach())),
    ("standard deviation", surrogate(lambda v: ((v - v.mean(0)) / (v.std(0) + 1e-6)).detach())),
    ("over all samples of all words", surrogate(lambda v: (v - v.mean()).detach())),
    ("over the words, not", surrogate(lambda v: (v - v.mean(1, keepdim=True)).detach())),
    ("q(z) stands", surrogate(detached, score=lambda q, z: q.log_prob(z).exp())),
    ("other samples than f", surrogate(detached, score=lambda q, z: q.log_prob(q.sample(len(z))))),
    ("over the bits", surrogate(detached, score=lambda q, z: q.log_prob(z) / z.shape[-1])),
    ("over all bits, samples and words", surrogate(
        detached,
        score=lambda q, z: -F.binary_cross_entropy_with_logits(q.logits.expand_as(z), z),
    )),
    ("log q is detached", surrogate(lambda v: v, score=lambda q, z: q.log_prob(z).detach())),
    ("q's probabilities are taken for its logits in log q", surrogate(
        detached, score=lambda q, z: FactorisedBernoulli(q.mean).log_prob(z)
    )),
    ("the entropy of q", lambda q, f, samples: surrogate(detached)(q, f, samples) + q.entropy()),
    ("zeros and ones", at(lambda q, s: 1 - q.sample(s), detached)),
    ("where z is drawn", at(
        lambda q, s: torch.bernoulli(torch.sigmoid(q.mean).detach().expand(s, -1, -1)), detached
    )),
    ("the zeros are missing", surrogate(
        detached, score=lambda q, z: (z * torch.log(q.mean)).sum(-1)
    )),
    ("two means are multiplied", two_means),
    ("the samples are summed", surrogate(detached, mean=lambda terms: terms.sum(0))),
    ("the sign of the whole", surrogate(lambda v: -v.detach(), path=lambda v: -v)),
    ("there twice", surrogate(detached, path=lambda v: 2 * v)),
    ("all is detached", surrogate(detached, mean=lambda terms: terms.mean(0).detach())),
    ("probabilities stand", at(lambda q, s: q.mean[None], detached)),
    ("detached probabilities", at(lambda q, s: q.mean.detach()[None], detached)),
    ("differentiated at the probabilities", at(lambda q, s: q.mean[None], torch.zeros_like)),
    ("straight through the samples", at(straight, detached)),
    ("in the place of a score term", at(straight, torch.zeros_like)),
    ("does not know the sample", surrogate(lambda v: (v - v.max(0).values).detach())),
    ("no bit vector", at(lambda q, s: torch.sigmoid(q.logits + 2 * q.sample(s) - 1), detached)),
]  # fmt: skip


def importance(average, weights=log_weights):
    return lambda q, prior, log_likelihood, samples: average(
        weights(q, prior, log_likelihood, q.sample(samples))
    )


def log_mean_exp(values):
    return torch.logsumexp(values, 0) - math.log(len(values))


LOG_LIKELIHOODS = [
    ("the mean of logarithms", importance(lambda w: w.mean(0))),
    ("1/S is forgotten", importance(lambda w: torch.logsumexp(w, 0))),
    ("1/S is forgotten", importance(lambda w: w.exp().sum(0).log())),
    ("S is subtracted", importance(lambda w: torch.logsumexp(w, 0) - len(w))),
    ("not added back", importance(lambda w: (w - w.max(0).values).exp().mean(0).log())),
    ("1/S is counted twice", importance(lambda w: log_mean_exp(w) - math.log(len(w)))),
    ("the sum of logarithms", importance(lambda w: w.sum(0))),
    ("the largest weight", importance(lambda w: w.max(0).values)),
    ("the logarithm is forgotten", importance(lambda w: w.exp().mean(0))),
    ("normalised weights", importance(lambda w: (w.softmax(0) * w).sum(0))),
    ("the sign of the whole", importance(lambda w: -log_mean_exp(w))),
    ("in bits", importance(lambda w: log_mean_exp(w) / math.log(2))),
    ("base 10", importance(lambda w: log_mean_exp(w) / math.log(10))),
    ("the prior is forgotten", importance(log_mean_exp, lambda q, p, f, z: f(z) - q.log_prob(z))),
    ("log q(z) is forgotten", importance(log_mean_exp, lambda q, p, f, z: f(z) + p.log_prob(z))),
    ("both forgotten", importance(log_mean_exp, lambda q, p, f, z: f(z))),
    ("changed places", importance(
        log_mean_exp, lambda q, p, f, z: f(z) + q.log_prob(z) - p.log_prob(z)
    )),
    ("normalised by their sum", importance(log_mean_exp, lambda q, p, f, z: (
        f(z) + (p.log_prob(z) - q.log_prob(z)).log_softmax(0) + math.log(len(z))
    ))),
    ("1/q(z) is normalised", importance(
        lambda w: torch.logsumexp(w, 0),
        lambda q, p, f, z: f(z) + p.log_prob(z) + (-q.log_prob(z)).log_softmax(0),
    )),
    ("upside down", importance(lambda w: log_mean_exp(-w))),
    ("a mean of 1/w", importance(lambda w: -log_mean_exp(-w))),
    ("are added up", importance(lambda w: w.softmax(0).sum(0).log())),
    ("log p(x|z) is averaged with the normalised weights", ratio(
        lambda f, p, q: ((f + p - q).softmax(0) * f).sum(0)
    )),
    ("with weights p(z)/q(z), normalised", ratio(
        lambda f, p, q: ((p - q).softmax(0) * f).sum(0)
    )),
    ("with weights p(z)/q(z)", ratio(lambda f, p, q: ((p - q).exp() * f).mean(0))),
    ("by itself", ratio(
        lambda f, p, q: (f.exp().mean(0) * p.exp().mean(0) / q.exp().mean(0)).log()
    )),
    ("a number is added", importance(lambda w: torch.logsumexp(w, 0) - math.log2(len(w)))),
    ("the KL is subtracted outside", lambda q, prior, log_likelihood, samples: (
        log_mean_exp(log_likelihood(q.sample(samples))) - q.kl(prior)
    )),
    ("z is drawn from the prior", lambda q, prior, log_likelihood, samples: log_mean_exp(
        log_likelihood(prior.sample(samples)[:, None])
    )),
]  # fmt: skip


def summed(of):
    def written(prior, log_likelihood, bits):
        z = all_codes(bits)[:, None].double()
        return of(log_likelihood(z), prior.log_prob(z))

    return written


def weighed(log_prior):
    def written(prior, log_likelihood, bits):
        z = all_codes(bits)[:, None].double()
        return torch.logsumexp(log_likelihood(z) + log_prior(prior, z), 0)

    return written


EXACT = [
    ("the prior is forgotten", summed(lambda f, p: torch.logsumexp(f, 0))),
    ("all were equally probable", summed(lambda f, p: f.exp().mean(0).log())),
    ("a mean over the codes", summed(lambda f, p: (f + p).exp().mean(0).log())),
    ("logarithms are averaged", summed(lambda f, p: (p.exp() * f).sum(0))),
    ("log-probabilities are added", summed(lambda f, p: (f + p).sum(0))),
    ("the most probable code", summed(lambda f, p: (f + p).max(0).values)),
    ("the logarithm is forgotten", summed(lambda f, p: (f + p).exp().sum(0))),
    ("the first code is left out", summed(lambda f, p: torch.logsumexp((f + p)[1:], 0))),
    ("the last code is left out", summed(lambda f, p: torch.logsumexp((f + p)[:-1], 0))),
    ("averaged over the codes", summed(lambda f, p: (f + p).mean(0))),
    ("log p(z) is subtracted", summed(lambda f, p: torch.logsumexp(f - p, 0))),
    ("log p(z) is counted twice", summed(lambda f, p: torch.logsumexp(f + 2 * p, 0))),
    ("p(z) stands in the place", summed(lambda f, p: torch.logsumexp(f + p.exp(), 0))),
    ("exponentials are taken twice", summed(lambda f, p: torch.logsumexp((f + p).exp(), 0))),
    ("the prior's probabilities", weighed(lambda p, z: FactorisedBernoulli(p.mean).log_prob(z))),
    ("averaged over the bits", weighed(lambda p, z: p.log_prob(z) / p.bits)),
    ("the zeros are missing", weighed(lambda p, z: (z * p.mean.log()).sum(-1))),
    ("zeros and ones are exchanged", weighed(lambda p, z: p.log_prob(1 - z))),
    ("a number is added", summed(lambda f, p: torch.logsumexp(f + p, 0) + 1)),
    ("from samples", lambda prior, log_likelihood, bits: log_mean_exp(
        log_likelihood(prior.sample(8)[:, None])
    )),
]  # fmt: skip


def sampled_once(q, p):
    z = q.sample(1)[0]
    return q.log_prob(z) - p.log_prob(z)


KL = [
    ("the KL is reversed", lambda q, p: p.kl(q)),
    ("the sign is turned", lambda q, p: -q.kl(p)),
    ("bits are averaged", lambda q, p: by_hand(q, p).mean(-1)),
    ("the zeros are missing", lambda q, p: (q.mean * (q.mean / p.mean).log()).sum(-1)),
    (
        "reversed and the zeros are missing",
        lambda q, p: F.kl_div(q.mean.log(), p.mean.expand_as(q.mean), reduction="none").sum(-1),
    ),
    ("in bits", lambda q, p: q.kl(p) / math.log(2)),
    ("p is forgotten", lambda q, p: -q.entropy()),
    ("log q is forgotten", lambda q, p: q.kl(p) + q.entropy()),
    ("added in place of subtracted", lambda q, p: q.kl(p) + 2 * q.entropy()),
    ("p's probabilities", lambda q, p: q.kl(FactorisedBernoulli(p.mean))),
    ("uniform", lambda q, p: q.bits * math.log(2) - q.entropy()),
    ("symmetric", lambda q, p: (q.kl(p) + p.kl(q)) / 2),
    ("from samples", sampled_once),
    ("from samples", lambda q, p: sampled_once(q, p) / 2 + sampled_once(q, p) / 2),
    (
        "the ones are missing",
        lambda q, p: ((1 - q.mean) * ((1 - q.mean) / (1 - p.mean)).log()).sum(-1),
    ),
    (
        "the zeros has the wrong sign",
        lambda q, p: (
            q.mean * (q.mean / p.mean).log() + (1 - q.mean) * ((1 - p.mean) / (1 - q.mean)).log()
        ).sum(-1),
    ),
    (
        "are not weighted",
        lambda q, p: ((q.mean / p.mean).log() + ((1 - q.mean) / (1 - p.mean)).log()).sum(-1),
    ),
    (
        "weighted with p",
        lambda q, p: (
            p.mean * (q.mean / p.mean).log() + (1 - p.mean) * ((1 - q.mean) / (1 - p.mean)).log()
        ).sum(-1),
    ),
    ("log-odds", lambda q, p: (q.mean * (q.logits - p.logits)).sum(-1)),
    (
        "cross-entropy of q under p",
        lambda q, p: F.binary_cross_entropy(q.mean, p.mean.expand_as(q.mean), reduction="none").sum(
            -1
        ),
    ),
    ("q's probabilities", lambda q, p: FactorisedBernoulli(q.mean).kl(p)),
    ("of q and of p", lambda q, p: FactorisedBernoulli(q.mean).kl(FactorisedBernoulli(p.mean))),
    ("base 10", lambda q, p: q.kl(p) / math.log(10)),
    ("the words of the batch are averaged", lambda q, p: q.kl(p).mean().expand(len(q.logits))),
    ("divided by the number of words", lambda q, p: q.kl(p) / len(q.logits)),
    ("a factor is there", lambda q, p: 0.5 * q.kl(p)),
    (
        "that of Gaussians",
        lambda q, p: -0.5 * (1 + q.variance.log() - q.mean**2 - q.variance).sum(-1),
    ),
    ("that of Gaussians", lambda q, p: -0.5 * (1 + q.logits - q.mean**2 - q.logits.exp()).sum(-1)),
    ("that of Gaussians", lambda q, p: 0.5 * ((q.mean - p.mean) ** 2).sum(-1)),
    ("all is detached", lambda q, p: q.kl(p).detach()),
]
TWO = [
    ("elbo", {"the KL is forgotten", "the log-likelihood is summed over the samples"},
     lambda q, prior, f, samples: f(q.sample(samples)).sum(0)),
    ("elbo", {"the KL is reversed", "the log-likelihood is detached"},
     lambda q, prior, f, samples: f(q.sample(samples)).mean(0).detach() - prior.kl(q)),
    ("surrogate", {"f is not detached in the score term", "f's own gradient is missing"},
     surrogate(lambda v: v, path=lambda v: 0)),
    ("surrogate", {"the baseline contains the sample's own value", "the sign of the whole is turned"},  # noqa: E501
     surrogate(lambda v: (v.mean(0) - v).detach(), path=lambda v: -v)),
    # with two samples of two words the two factors, 2 and 1/2, hide one another
    ("surrogate", {"the baseline is the mean over the words, not over the samples",
                   "the score term is divided by S − 1 in place of S"},
     over_words_and_by_fewer),
    ("log-likelihood", {"1/S is forgotten", "the prior is forgotten in the weights"},
     importance(lambda w: torch.logsumexp(w, 0), lambda q, p, f, z: f(z) - q.log_prob(z))),
]  # fmt: skip

CASES = [
    (exercise, name, function)
    for exercise, cases in (
        ("elbo", ELBOS),
        ("surrogate", SURROGATES),
        ("log-likelihood", LOG_LIKELIHOODS),
        ("exact", EXACT),
        ("kl", KL),
    )
    for name, function in cases
]


@pytest.mark.parametrize(("exercise", "name", "function"), CASES)
def test_a_usual_mistake_is_recognised(exercise, name, function):
    marks = mark(function, exercise)
    (mistake,) = marks.mistakes
    assert not marks.right
    assert name in mistake.name
    assert "{" not in mistake.effect
    assert mistake.hint


@pytest.mark.parametrize(("exercise", "names", "function"), TWO)
def test_two_mistakes_at_once_are_both_named(exercise, names, function):
    assert {mistake.name for mistake in mark(function, exercise).mistakes} == names


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (surrogate(lambda v: (v - v.mean(0)).detach()), "0.75 of the exact one: (S − 1)/S with S "),
        (surrogate(detached, score=lambda q, z: q.log_prob(z) / 3), "0.333 of the exact one: 1/K"),
        (surrogate(detached, mean=lambda terms: terms.sum(0)), "4 times the exact ones"),
    ],
)  # fmt: skip
def test_what_a_mistake_does_is_said_with_the_number_that_was_measured(function, said):
    assert said in mark(function, "surrogate").mistakes[0].effect


@pytest.mark.parametrize(
    ("exercise", "function", "said"),
    [
        ("elbo", elbo(rate=lambda q, p: 0.5 * q.kl(p)), "1 × E[log p(x|z)] − 0.5 × KL(q‖p)"),
        ("elbo", ratio(lambda f, p, q: (f + p - 3 * q).mean(0)), "− 3 × E[log q(z)]"),
        ("elbo", elbo(rate=lambda q, p: q.kl(p).clamp(min=0.3)), "at least 0.3 nats"),
        ("surrogate", surrogate(lambda v: 0.3 * v.detach()), "in q is 0.3 of the exact one"),
        ("surrogate", surrogate(lambda v: v.detach() / len(v) ** 2), "0.0625 of the exact one"),
        ("kl", lambda q, p: (q.mean - p.mean).abs().sum(-1), "The value is off by"),
    ],
)  # fmt: skip
def test_a_bias_of_another_kind_is_described(exercise, function, said):
    marks = mark(function, exercise)
    assert not marks.right
    assert said in marks.mistakes[0].effect


def test_what_depends_on_the_size_of_the_batch_is_not_taken_for_a_factor_of_samples():
    (mistake,) = mark(
        surrogate(detached, mean=lambda t: t.mean(0) / t.shape[1]), "surrogate"
    ).mistakes
    assert "1/S" not in mistake.effect
    assert "0.5 of the exact one, 1/B" in mistake.effect


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (importance(lambda w: torch.logsumexp(w, 0) + math.log(len(w))), "= 2 log S"),
        (importance(lambda w: torch.logsumexp(w, 0) - math.log(len(w) - 1)), "log S − log(S − 1)"),
        (importance(lambda w: torch.logsumexp(w, 0) - math.log2(len(w))), "log S − log₂ S"),
    ],
)
def test_a_number_that_depends_on_the_samples_alone_is_given_as_a_formula(function, said):
    assert said in mark(function, "log-likelihood").mistakes[0].effect


def test_draws_of_their_own_for_each_term_are_no_excuse_for_another_mistake():
    def separate(q, prior, log_likelihood, samples):
        f, p, q_z = (of(q.sample(samples)) for of in (log_likelihood, prior.log_prob, q.log_prob))
        return (f + p - q_z).mean(0)

    def without_prior(q, prior, log_likelihood, samples):
        q.sample(samples), q.sample(samples)
        return (log_likelihood(q.sample(samples)) - q.log_prob(q.sample(samples))).mean(0)

    assert mark(separate, "elbo").right
    assert mark(without_prior, "elbo").mistakes[0].name == "the prior is forgotten"
    assert not mark(separate, "log-likelihood").right


def test_of_an_exercise_that_draws_nothing_no_samples_are_spoken_of():
    for function in (lambda q, p: (q.mean - p.mean).abs().sum(-1), lambda q, p: 0.3 * q.kl(p)):
        (mistake,) = mark(function, "kl").mistakes
        assert "S = " not in mistake.effect
    assert "The value is 0.3 of the exact one." in mistake.effect
