"""A rate held at its target by a multiplier."""

from __future__ import annotations

import torch
from torch import Tensor, nn

LARGEST_WEIGHT = 10.0


class RateControl(nn.Module):
    """The weight w of the KL for the inference model, moved until the rate R is at its target.

    w ← w + η (R − target): gradient ascent in the multiplier of "the least distortion at this
    rate" (Alemi et al. 2018, Fixing a broken ELBO; the multiplier as in Rezende and Viola 2018,
    Taming VAEs). w = 1 is the ELBO, below 1 information is cheaper.

    w starts at zero, where information costs nothing, so that bits are learnt before they are
    charged for; it stays between 0 and 10.

    Args:
        target: the rate in nats.
        learning_rate: η, per step and nat.
    """

    weight: Tensor

    def __init__(self, target: float, learning_rate: float) -> None:
        super().__init__()
        self.target = target
        self.learning_rate = learning_rate
        self.register_buffer("weight", torch.zeros(()))

    @torch.no_grad()
    def update(self, rate: Tensor) -> None:
        """Move the weight after a batch whose mean rate is `rate`."""
        self.weight += self.learning_rate * (rate - self.target)
        self.weight.clamp_(0.0, LARGEST_WEIGHT)
