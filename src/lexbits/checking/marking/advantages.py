"""What is usually wrong with the advantage in a score-function surrogate."""

from __future__ import annotations

import torch
from torch import Tensor

from lexbits.checking.marking.slips import Slip

LOOK_AT_F = "take the gradient in f's parameters alone: what do you expect it to be?"
BY_SAMPLES = "compare the mean gradient with S = 2 and with S = 8: should it depend on S?"


def others_mean(values: Tensor) -> Tensor:
    """Return for each of the samples [S, B] the mean of the others."""
    return (values.sum(0) - values) / (len(values) - 1)


def centred(values: Tensor) -> Tensor:
    """Return values [S, B] minus the mean of all samples of the word."""
    return values - values.mean(0)


ADVANTAGES = (
    Slip(
        "the baseline contains the sample's own value",
        {"advantage": lambda values: centred(values).detach()},
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
        {"advantage": centred},
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
        "the baseline is the sum of all samples, divided by S − 1",
        {"advantage": lambda v: (v - v.sum(0) / (len(v) - 1)).detach()},
        "The sum contains the sample's own value: in q's logits the gradient is {of_q} the exact "
        "one, (S − 2)/(S − 1) with S = {samples}; with two samples it is zero.",
        "for S = 2, what is subtracted from the first sample's f? Print it beside f(z).",
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
        {"advantage": lambda v: (centred(v) / v.std(0).clamp_min(1e-30)).detach()},
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
