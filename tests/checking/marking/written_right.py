"""Exercises done right, in several spellings."""

import math

import torch
from torch.nn import functional as F

from lexbits.bits import all_codes


def exact_kl(q, prior, log_likelihood, samples):
    return log_likelihood(q.sample(samples)).mean(0) - q.kl(prior)


def sampled_kl(q, prior, log_likelihood, samples):
    z = q.sample(samples)
    return (log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)).mean(0)


def kl_by_entropy(q, prior, log_likelihood, samples):
    of_one, of_zero = F.logsigmoid(prior.logits), F.logsigmoid(-prior.logits)
    cross = (q.mean * of_one + (1 - q.mean) * of_zero).sum(-1)
    return log_likelihood(q.sample(samples)).sum(0).div(samples) + cross + q.entropy()


def one_by_one(q, prior, log_likelihood, samples):
    total = torch.zeros(len(q.logits))
    for _ in range(samples):
        z = q.sample(1)[0]
        total = total + log_likelihood(z[None])[0] + prior.log_prob(z) - q.log_prob(z)
    return total / samples


def one_sample(q, prior, log_likelihood, samples):
    return log_likelihood(q.sample(1))[0] - q.kl(prior)


def single_precision(q, prior, log_likelihood, samples):
    return exact_kl(q, prior, log_likelihood, samples).float()


def with_its_score(q, prior, log_likelihood, samples):
    z = q.sample(samples)
    value = log_likelihood(z)
    score = q.log_prob(z)
    return (value + value.detach() * (score - score.detach())).mean(0) - q.kl(prior)


def own_coins(q, prior, log_likelihood, samples):
    z = torch.bernoulli(q.mean.detach().expand(samples, -1, -1))
    return log_likelihood(z).mean(0) - q.kl(prior)


def reinforce(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    return (value + value.detach() * q.log_prob(z)).mean(0)


def by_cross_entropy(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    loss = F.binary_cross_entropy_with_logits(q.logits.expand_as(z), z, reduction="none")
    return value.mean(0) - (value.detach() * loss.sum(-1)).mean(0)


def others_by_a_matrix(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    others = (1 - torch.eye(samples)) / (samples - 1)
    return (value + (value - others @ value).detach() * q.log_prob(z)).mean(0)


def constant_baseline(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    return (value + (value.detach() + 10) * q.log_prob(z)).mean(0)


def others_divided_by_samples(q, f, samples):
    """Right, as the others' sum knows nothing of the sample, but a worse baseline."""
    z = q.sample(samples)
    value = f(z)
    baseline = (value.sum(0) - value) / samples
    return (value + (value - baseline).detach() * q.log_prob(z)).mean(0)


def with_gradient_of_log_q(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    return (value + (value.detach() - 1) * q.log_prob(z)).mean(0)


def other_word(q, f, samples):
    """The baseline is f of the other words of the batch: unbiased, though words are mixed."""
    z = q.sample(samples)
    value = f(z)
    others = (value.sum(1, keepdim=True) - value) / max(1, value.shape[1] - 1)
    return (value + (value - others).detach() * q.log_prob(z)).mean(0)


def leave_one_out(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    baseline = (value.sum(0) - value) / (samples - 1)
    return (value + (value - baseline).detach() * q.log_prob(z)).mean(0)


def var_grad(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    advantage = (value - value.mean(0)).detach()
    return value.mean(0) + (advantage * q.log_prob(z)).sum(0) / (samples - 1)


def rloo_in_a_loop(q, f, samples):
    z = q.sample(samples)
    value = f(z)
    terms = []
    for s in range(samples):
        others = torch.cat([value[:s], value[s + 1 :]]).mean(0)
        terms.append(value[s] + (value[s] - others).detach() * q.log_prob(z[s]))
    return sum(terms) / samples


def kl(q, p):
    return q.kl(p)


def kl_by_its_formula(q, p):
    a, b = torch.sigmoid(q.logits), torch.sigmoid(p.logits)
    return torch.sum(a * torch.log(a / b) + (1 - a) * torch.log((1 - a) / (1 - b)), dim=1)


def kl_from_logits(q, p):
    pi = torch.sigmoid(q.logits)
    soft = F.softplus(p.logits) - F.softplus(q.logits)
    return (pi * (q.logits - p.logits) + soft).sum(-1)


def log_likelihood_estimate(q, prior, log_likelihood, samples):
    z = q.sample(samples)
    log_weights = log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)
    return torch.logsumexp(log_weights, 0) - math.log(samples)


def nll_with_a_shift(q, prior, log_likelihood, samples):
    z = q.sample(samples)
    log_weights = log_likelihood(z) + prior.log_prob(z) - q.log_prob(z)
    largest = log_weights.max(0).values
    return largest + (log_weights - largest).exp().mean(0).log()


def exact(prior, log_likelihood, bits):
    z = all_codes(bits)[:, None]
    return torch.logsumexp(prior.log_prob(z) + log_likelihood(z), 0)


def exact_in_a_loop(prior, log_likelihood, bits):
    total = None
    for code in range(2**bits):
        z = torch.tensor([[[code >> bit & 1 for bit in range(bits)]]], dtype=torch.float64)
        term = (prior.log_prob(z) + log_likelihood(z))[0]
        total = term if total is None else torch.logaddexp(total, term)
    return total


ELBOS = [
    exact_kl, sampled_kl, kl_by_entropy, one_by_one, one_sample, single_precision, with_its_score,
    own_coins,
]  # fmt: skip
SURROGATES = [
    reinforce, by_cross_entropy, others_by_a_matrix, constant_baseline, others_divided_by_samples,
    with_gradient_of_log_q, other_word, leave_one_out, var_grad, rloo_in_a_loop,
]  # fmt: skip
OTHERS = [
    kl, kl_by_its_formula, kl_from_logits, log_likelihood_estimate, nll_with_a_shift, exact,
    exact_in_a_loop,
]  # fmt: skip
