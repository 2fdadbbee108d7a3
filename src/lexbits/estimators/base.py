"""The contract of an estimator.

An estimator is given a distribution q over bit vectors, a function f and a number of samples, and
estimates an objective together with its gradient in the parameters of q and in those of f. It knows
bits and a function; it knows no model and no words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn

from lexbits.bits import FactorisedBernoulli, Posterior
from lexbits.errors import UsageError
from lexbits.processes import batch_mean

HIDDEN = 64

DECLARED = (
    *("summary", "reference", "bound", "unbiased"),
    *("needs_factorised_q", "needs_differentiable_f", "cost"),
)
"""What every estimator declares: a default would be a claim that nobody has made."""

Function = Callable[[Tensor], Tensor]
"""f(z): bit vectors [S, B, K] -> values [S, B], differentiable in its parameters."""

Bound = Literal["elbo", "iwae", "wake"]
"""What is estimated. elbo: E_q[f(z)], f a function of z that does not depend on q. iwae:
E_q[log 1/S Σ_s p(x, z_s) / q(z_s)], where f(z) = log p(x, z). wake: the same value and the same
gradient in the parameters of f, but in those of q the gradient of −KL(p(z|x) ‖ q)."""


@dataclass(frozen=True)
class Estimate:
    """What an estimator returns.

    Attributes:
        value: [B] the estimate of the objective, without gradient; nats per word if f is in nats.
        surrogate: [B] a tensor whose gradient is the gradient estimate; its value means nothing.
            Parameters of the estimator's own receive the gradient of what they minimise, negated.
        elbo: [B] an estimate of the ELBO, where the objective is another bound; else None.
        diagnostics: scalars worth a look, by name.

    Examples:
        >>> estimate = Estimate(value=torch.tensor([-8.0]), surrogate=torch.tensor([0.0]))
        >>> estimate.elbo is None
        True
    """

    value: Tensor
    surrogate: Tensor
    elbo: Tensor | None = None
    diagnostics: dict[str, Tensor] = field(default_factory=dict)


class Estimator(nn.Module, ABC):
    """A gradient estimator; parameters and averages of its own are module state.

    The attributes are those of a class; what each has to declare itself comes first.

    Attributes:
        summary: what it does, in a line.
        reference: where it comes from.
        bound: what it estimates.
        unbiased: whether the expected gradient is exactly that of `bound`.
        needs_factorised_q: whether q must be a product of FactorisedBernoulli.
        needs_differentiable_f: whether f must be differentiable in z.
        cost: evaluations of f for each word, as a formula in S and K.
        bias: in what way it is biased, or unbiased with which reservation; empty where there is
            nothing to say.
        least_samples: the smallest S it can work with.
        sample_step: S must be a multiple of this.
        least_bits: the smallest K it can work with.
        most_bits: the largest K it can work with, None for any.
        scales_gradient: whether it scales the gradient in the parameters of q on purpose, by
            `scale`. All of the objective must then be in f: a KL beside it would not be scaled.

    Args:
        bits: K.
        features: F, the size of q's features.

    Raises:
        TypeError: where a class is made that does not declare what it has to.

    Examples:
        >>> class ScoreFunction(Estimator):
        ...     summary, reference, cost = "f times the score", "Williams 1992", "S"
        ...     bound, unbiased = "elbo", True
        ...     needs_factorised_q, needs_differentiable_f = False, False
        ...
        ...     def _estimate(self, q, f, samples):
        ...         z = q.sample(samples)
        ...         values = f(z)
        ...         surrogate = values + values.detach() * q.log_prob(z)
        ...         return Estimate(values.detach().mean(0), surrogate.mean(0))
        >>> from lexbits.checking import assert_sound
        >>> assert_sound(ScoreFunction)
    """

    summary: ClassVar[str]
    reference: ClassVar[str]
    bound: ClassVar[Bound]
    unbiased: ClassVar[bool]
    needs_factorised_q: ClassVar[bool]
    needs_differentiable_f: ClassVar[bool]
    cost: ClassVar[str]
    bias: ClassVar[str] = ""
    least_samples: ClassVar[int] = 1
    sample_step: ClassVar[int] = 1
    least_bits: ClassVar[int] = 0
    most_bits: ClassVar[int | None] = None
    scales_gradient: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:  # noqa: ANN401 - whatever classes take
        super().__init_subclass__(**options)
        missing = [name for name in DECLARED if not hasattr(cls, name)]
        if missing and not getattr(cls._estimate, "__isabstractmethod__", False):
            raise TypeError(
                f"{cls.__name__}: expected an estimator to declare {', '.join(DECLARED)}, found no "
                f"{', '.join(missing)}; give each as a class attribute"
            )

    def __init__(self, bits: int, features: int) -> None:
        super().__init__()
        self.bits = bits
        self.features = features

    @property
    def scale(self) -> Tensor:
        """The factor by which the gradient in the parameters of q is scaled in this state."""
        return torch.ones(())

    @classmethod
    def evaluations(cls, samples: int, bits: int) -> int:
        """Return how many times f is evaluated for each word: here once for each sample."""
        return samples

    @classmethod
    def samples_within(cls, budget: int, bits: int) -> int:
        """Return the largest legal S that needs at most `budget` evaluations of f; 0 if none."""
        return max(
            (
                s
                for s in range(1, budget + 1)
                if cls.legal(s) and cls.evaluations(s, bits) <= budget
            ),
            default=0,
        )

    @classmethod
    def legal(cls, samples: int) -> bool:
        """Whether it can work with S samples."""
        return samples >= cls.least_samples and samples % cls.sample_step == 0

    @classmethod
    def misfit(cls, bits: int, factorised: bool) -> str | None:
        """Return why it cannot work with K bits and such a posterior; None if it can."""
        if cls.needs_factorised_q and not factorised:
            return "needs a factorised posterior"
        if bits < cls.least_bits:
            return f"needs at least {cls.least_bits} bits, found {bits}"
        if cls.most_bits is not None and bits > cls.most_bits:
            return f"works up to {cls.most_bits} bits, found {bits}"
        return None

    @classmethod
    def too_few(cls, samples: int) -> str | None:
        """Return what it needs in place of S samples; None if it can work with them."""
        if cls.legal(samples):
            return None
        step = f" in multiples of {cls.sample_step}" if cls.sample_step > 1 else ""
        return f"needs at least {cls.least_samples} samples{step}, found {samples}"

    def estimate(self, q: Posterior, f: Function, samples: int) -> Estimate:
        """Estimate the objective and its gradient with S = `samples`.

        Raises:
            UsageError: a number of samples, a q or a number of bits it cannot work with; or an
                estimator that returns something else.
        """
        name = type(self).__name__
        factorised = isinstance(q, FactorisedBernoulli)
        reason = self.misfit(q.bits, factorised) or self.too_few(samples)
        if reason:
            raise UsageError(f"{name} {reason}")
        found: object = self._estimate(q, f, samples)
        if not isinstance(found, Estimate):
            raise UsageError(f"{name}._estimate: expected an Estimate, got {type(found).__name__}")
        words = q.features.shape[:-1]
        for part in ("value", "surrogate"):
            shape = getattr(found, part).shape
            if shape != words:
                raise UsageError(
                    f"{name}._estimate: expected a {part} with one number for each of the words, "
                    f"of shape {tuple(words)}, found {tuple(shape)}"
                )
        return found

    @abstractmethod
    def _estimate(self, q: Any, f: Function, samples: int) -> Estimate:  # noqa: ANN401
        """Do what `estimate` says, for a legal number of samples and a q that fits.

        q is a Posterior, and a FactorisedBernoulli where the estimator needs a factorised one.
        """


def with_gradient(q: FactorisedBernoulli, gradient: Tensor) -> Tensor:
    """Return a surrogate [B] whose gradient in the logits of q is `gradient` [B, K]."""
    return (q.logits * gradient.detach()).sum(-1)


class RunningMean(nn.Module):
    """An exponential average of the values of earlier batches, free of the bias of its start.

    It is state of the estimator, which checkpoints hold, and the same in all processes that train
    together.

    Examples:
        >>> average = RunningMean(decay=0.9)
        >>> average.update(torch.tensor(-20.0))
        >>> average()
        tensor(-20.)
    """

    total: Tensor
    weight: Tensor

    def __init__(self, decay: float) -> None:
        super().__init__()
        self.decay = decay
        self.register_buffer("total", torch.zeros(()))
        self.register_buffer("weight", torch.zeros(()))

    def forward(self) -> Tensor:
        """Return the average; zero before the first value."""
        return self.total / self.weight if self.weight > 0 else torch.zeros_like(self.total)

    def update(self, value: Tensor) -> None:
        """Take in a scalar, the mean over these words."""
        self.total.lerp_(batch_mean(value).to(self.total.dtype), 1 - self.decay)
        self.weight.lerp_(torch.ones_like(self.weight), 1 - self.decay)


def silent_network(inputs: int) -> nn.Sequential:
    """Return a small network from [..., inputs] to [..., 1] that gives zero until it is trained."""
    output = nn.Linear(HIDDEN, 1)
    nn.init.zeros_(output.weight)
    nn.init.zeros_(output.bias)
    return nn.Sequential(nn.Linear(inputs, HIDDEN), nn.Tanh(), output)
