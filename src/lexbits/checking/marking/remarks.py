"""What is worth knowing beside the verdict."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lexbits.checking.marking.elbo import ELBO
from lexbits.checking.marking.expectation import DRAWS, OF_Q, Expectation
from lexbits.checking.marking.looks import SETTLED_AFTER, Look
from lexbits.checking.marking.noisiness import Noise
from lexbits.checking.marking.slips import Exercise
from lexbits.checking.marking.surrogate import SURROGATE
from lexbits.checking.marking.world import WHOLE, World


def remarks(
    exercise: Exercise,
    found: Sequence[Expectation],
    first: Look,
    world: World,
    right: bool,
    noise: Noise | None,
) -> tuple[str, ...]:
    """Return sentences on how it was measured, how noisy it is, and what it leaves to others."""
    said = []
    if right:
        said.append(_how(exercise, found, world))
        if noise:
            said += [noise.told(), noise.verdict()]
        if exercise.name == "elbo":
            said += [_gradient_in_q(found[-1]), _draws(first)]
    if not found[0].exact:
        said.append(
            "It draws elsewhere than from q, so its noise was not enumerated: "
            f"{DRAWS:,} draws with a fixed seed took its place. q.sample(samples) is exact here."
        )
    if first.together:
        said.append(
            "What it gives for a word depends on the other words of the batch; it was measured "
            f"with {_size(world)}, all their outcomes together."
        )
    if first.stateful:
        said.append(
            f"It keeps something between calls; it was measured as it was after {SETTLED_AFTER} of "
            "them. An average has to be taken in after it was used, or it contains the sample's "
            "own value."
        )
    return tuple(sentence for sentence in said if sentence)


def _size(world: World) -> str:
    return f"{world.words} words of {world.bits} bit{'s' * (world.bits > 1)}"


def _how(exercise: Exercise, found: Sequence[Expectation], world: World) -> str:
    if exercise.samples == (1,):
        return f"Compared for {_size(world)}."
    samples = " and ".join(str(one.samples) for one in found)
    if not found[0].exact:
        return f"Unbiased, as far as draws can tell, with S = {samples}."
    what = "Unbiased: the mean" if exercise.name != "log-likelihood" else "The mean"
    return (
        f"{what} over every outcome of the noise, each weighted with its probability, is the exact "
        f"one for {_size(world)} with S = {samples}."
    )


def _draws(first: Look) -> str:
    """Say so where each term has samples of its own."""
    total = sum(first.draws)
    if total <= first.samples:
        return ""
    return (
        f"With S = {first.samples} it draws {total} samples of each word, so that its terms do not "
        "have the same ones. It is unbiased nevertheless, but as a rule scatters more: in one "
        "sample's log p(x|z) + log p(z) − log q(z) the deviations of the terms balance in part."
    )


def _gradient_in_q(found: Expectation) -> str:
    """Say what of the ELBO's gradient in q an estimate carries: it is not judged by that."""
    if not found.exact or found.means[OF_Q].numel() != WHOLE.logits.numel():
        return ""
    mean = found.means[OF_Q]
    of_kl = ELBO.known((), 2, WHOLE).means[OF_Q]
    of_fit = SURROGATE.known((), 2, WHOLE).means[OF_Q]
    if _same(mean, of_kl + of_fit):
        return "Its gradient in q's logits is that of the ELBO too: it is a surrogate already."
    if _same(mean, of_kl):
        return (
            "Its gradient in q's logits is that of −KL alone: z is drawn, and no gradient of "
            "log p(x|z) goes through a draw. That takes a surrogate."
        )
    if _same(mean, torch.zeros_like(mean)):
        return (
            "Its gradient in q's logits is zero on average: z is drawn, and no gradient goes "
            "through a draw. That takes a surrogate."
        )
    return ""


def _same(mean: Tensor, other: Tensor) -> bool:
    return torch.allclose(mean, other, rtol=1e-6, atol=1e-6)
