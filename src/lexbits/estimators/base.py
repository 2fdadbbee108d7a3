"""The contract of an estimator.

An estimator is given a distribution q over bit vectors, a function f and a budget, and estimates
E_q[f(z)] together with its gradient in the parameters of q and in those of f. It knows bits and a
function; it knows no model and no words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from torch import Tensor, nn

from lexbits.bits import Bernoullis
from lexbits.errors import UsageError

Function = Callable[[Tensor], Tensor]
"""f(z): bit vectors [S, B, K] -> values [S, B], differentiable in its parameters."""


@dataclass(frozen=True)
class Estimate:
    """What an estimator returns.

    Attributes:
        value: [B] the estimate of E_q[f(z)], without gradient; nats per word if f is in nats.
        surrogate: [B] a tensor whose gradient is the gradient estimate; its value means nothing.
        diagnostics: scalars worth a look, by name.
    """

    value: Tensor
    surrogate: Tensor
    diagnostics: dict[str, Tensor] = field(default_factory=dict)


class Estimator(nn.Module, ABC):
    """A gradient estimator; parameters and averages of its own are module state.

    Class attributes declare:
        least_samples: the smallest S it can work with.
        unbiased: whether the expected gradient is exactly ∇ E_q[f].
        needs_factorised_q: whether q must be a product of Bernoullis.
        needs_differentiable_f: whether f must be differentiable in z.
        bound: the bound on log p(x) whose gradient it estimates.
    """

    least_samples: ClassVar[int] = 1
    unbiased: ClassVar[bool]
    needs_factorised_q: ClassVar[bool] = False
    needs_differentiable_f: ClassVar[bool] = False
    bound: ClassVar[str] = "elbo"

    def evaluations(self, samples: int, bits: int) -> int:
        """Return how many times f is evaluated for each word: here once for each sample."""
        return samples

    def estimate(self, q: Bernoullis, f: Function, samples: int) -> Estimate:
        """Estimate E_q[f] and its gradient with S = `samples`.

        Raises:
            UsageError: fewer samples than the estimator can work with.
        """
        if samples < self.least_samples:
            name = type(self).__name__.lower()
            raise UsageError(f"{name} needs at least {self.least_samples} samples, found {samples}")
        return self._estimate(q, f, samples)

    @abstractmethod
    def _estimate(self, q: Bernoullis, f: Function, samples: int) -> Estimate:
        """Do what `estimate` says, for a legal number of samples."""
