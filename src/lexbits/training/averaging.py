"""A running average of a model's weights."""

from __future__ import annotations

import copy

import torch
from torch import nn

from lexbits.model import LatentWordModel


class AveragedModel:
    """A copy of a model whose weights are an exponential average over training steps.

    Averages of the weights of a training that is still moving generalise better than its last
    weights (Polyak and Juditsky 1992; Izmailov et al. 2018). The decay of early steps is smaller,
    (1 + n) / (10 + n) at step n, so that the weights of the start are soon forgotten.

    `torch.optim.swa_utils.AveragedModel` begins with a copy of the first weights that it is given
    and counts them in a buffer: other averages, and other names in the states of runs.

    Args:
        model: the model that is trained.
        decay: of the average at later steps.
    """

    def __init__(self, model: LatentWordModel, decay: float) -> None:
        self.decay = decay
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        for part in self.model.modules():
            if isinstance(part, nn.RNNBase):  # a copy has each weight in a piece of its own
                part.flatten_parameters()

    @torch.no_grad()
    def update(self, model: LatentWordModel, step: int) -> None:
        """Take in the weights after step number `step`, from 0; buffers are not averaged."""
        decay = min(self.decay, (1 + step) / (10 + step))
        averages, weights = list(self.model.parameters()), list(model.parameters())
        torch._foreach_lerp_(averages, weights, 1 - decay)  # type: ignore[arg-type]
        for average, buffer in zip(self.model.buffers(), model.buffers(), strict=True):
            average.copy_(buffer)
