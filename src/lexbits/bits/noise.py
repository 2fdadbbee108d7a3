"""Where the randomness of bits comes from: every way in which estimators draw.

A distribution asks its noise, so that a check can put all outcomes in the place of random ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from lexbits.bits.base import BitDistribution
from lexbits.processes import rand, randint
from lexbits.randomness import uniform


class Noise(ABC):
    """Draws for K independent bits with logits [..., K]."""

    @abstractmethod
    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """Return S independent bit vectors, [S, ..., K]."""

    @abstractmethod
    def antithetic(self, logits: Tensor, samples: int) -> Tensor:
        """Return S bit vectors [S, ..., K], each with the logits, together as unlike as may be."""

    @abstractmethod
    def index(self, logits: Tensor, samples: int) -> Tensor:
        """Return the numbers [S, ...] of bits, each of the K equally probable."""

    @abstractmethod
    def uniform(self, logits: Tensor, samples: int) -> Tensor:
        """Return numbers [S, ..., K] uniform in (0, 1)."""


def is_below(uniform: Tensor, probability: Tensor) -> Tensor:
    """Return whether numbers uniform in [0, 1) are below probabilities that broadcast to them.

    A zero stands for all that rounds to it, and is put in the middle of that: a bit of probability
    1e-20 would else be drawn once in 2^24 times, and its importance weight outweigh all others.
    """
    return uniform.clamp_min(_middle(uniform.dtype)) < probability


def _middle(dtype: torch.dtype) -> float:
    """Return half a step of the numbers that torch.rand draws."""
    return torch.finfo(dtype).eps / 4


class RandomNoise(Noise):
    """Draws from torch's global generator; in a training step, for words at the first axis."""

    def independent(self, logits: Tensor, samples: int) -> Tensor:
        """Compare uniform numbers with σ(logit)."""
        return is_below(self._rand(logits, samples), torch.sigmoid(logits)).to(logits.dtype)

    def antithetic(self, logits: Tensor, samples: int) -> Tensor:
        """Cut the sides of a random simplex: the Dirichlet copula.

        d ~ Dirichlet(1, …, 1) of S parts; a part exceeds t with probability (1 − t)^(S−1), and m
        parts exceed it together with (1 − m t)₊^(S−1). A part above 1 − r^(1/(S−1)) marks the
        rarer value of the bit (r its probability), so that no two samples hold it where possible.
        Two samples are an antithetic pair: u and 1 − u.
        Reference: Dimitriev and Zhou (2021), ARMS: antithetic-REINFORCE-multi-sample gradient.
        """
        parts = -torch.log(self._rand(logits, samples).clamp_min(torch.finfo(logits.dtype).tiny))
        parts = parts / parts.sum(0)
        # Exact for rare values: 1 − r^(1/(S−1)) = −expm1(log r / (S−1)).
        rare = parts > -torch.expm1(F.logsigmoid(-logits.abs()) / (samples - 1))
        return (rare == (logits <= 0)).to(logits.dtype)

    def index(self, logits: Tensor, samples: int) -> Tensor:
        """Draw with torch.randint."""
        shape = (samples, *logits.shape[:-1])
        return randint(logits.shape[-1], shape, 1, logits.device)

    def uniform(self, logits: Tensor, samples: int) -> Tensor:
        """Draw with torch.rand; half a step stands for zero."""
        return self._rand(logits, samples).clamp_min(_middle(logits.dtype))

    @staticmethod
    def _rand(logits: Tensor, samples: int) -> Tensor:
        return rand((samples, *logits.shape), 1, logits)


RANDOM = RandomNoise()


def noise_rewinder(device: torch.device) -> Callable[[], None]:
    """Return what sets torch's global generators, of the CPU and of `device`, back to now.

    For a function that is called in pieces and has to have one noise in all of them.
    """
    states = [(torch, torch.get_rng_state())]
    there = torch.accelerator.current_accelerator(check_available=True)
    if there is not None and there.type == device.type:
        module = torch.get_device_module(device)
        states.append((module, module.get_rng_state()))

    def rewind() -> None:
        for module, state in states:
            module.set_rng_state(state)

    return rewind


def keyed_samples(q: BitDistribution, keys: Tensor, samples: int, first: int = 0) -> Tensor:
    """Draw S bit vectors for each of B distributions, or for one that has no words, [S, B, K].

    The samples first … first + S − 1 of a distribution are a function of its key alone, whatever
    the others are; so S of them are the first S of more.

    Args:
        q: B distributions, or one.
        keys: [B], of `randomness.word_keys` or `number_keys`.
        samples: S.
        first: the number of the first of them.

    Examples:
        >>> from lexbits.bits import FactorisedBernoulli
        >>> q, keys = FactorisedBernoulli(torch.zeros(2, 3)), torch.tensor([5, 7])
        >>> few, more = (keyed_samples(q, keys, samples) for samples in (2, 4))
        >>> bool((few == more[:2]).all())
        True
    """
    return q.from_uniform(uniform(keys, first, samples, q.bits))
