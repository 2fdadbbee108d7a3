"""All estimates that an estimator can give on a toy, with their probabilities."""

import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.outcomes import EnumeratedNoise


def all_estimates(estimator, toy, samples, shift=0.0):
    """Return probabilities [N] and gradients in the logits [N, K] of all outcomes of the noise."""
    estimator = estimator.double().eval()
    noise = EnumeratedNoise()
    phi = toy.logits().detach()
    estimator.estimate(
        FactorisedBernoulli(phi[None].requires_grad_(), noise=noise), toy.function(), samples
    )
    weights = noise.rewind().exp()
    rows = phi.expand(len(weights), -1).clone().requires_grad_()
    q = FactorisedBernoulli(rows, noise=noise)
    surrogate = estimator.estimate(q, toy.function(shift), samples).surrogate
    return weights, torch.autograd.grad(surrogate.sum(), rows)[0]


def total_variance(weights, gradients):
    return float((weights @ (gradients - weights @ gradients) ** 2).sum())
