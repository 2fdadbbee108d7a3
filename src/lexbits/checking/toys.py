"""Toys: functions of a few bits whose exact gradients are known by enumeration."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor, nn

from lexbits.bits import FactorisedBernoulli, all_codes
from lexbits.config import describe
from lexbits.errors import UsageError
from lexbits.estimators import Bound

MOST_BITS = 4


class ToyNumbers(BaseModel):
    """The numbers of a toy: q's logits φ [K], W [D, K], c [D], v [D] and the offset.

    Examples:
        >>> numbers = ToyNumbers(phi=[0.5], W=[[1.0]], c=[0.0], v=[2.0])
        >>> float(ToyFunction(numbers)(torch.zeros(1).double()))
        0.0
    """

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    phi: list[float]
    W: list[list[float]]
    c: list[float]
    v: list[float]
    offset: float = 0.0


class ToyFunction(nn.Module):
    """f(z) = v · tanh(W z + c) + offset in double, plus a constant; counts its evaluations."""

    def __init__(self, numbers: ToyNumbers, constant: float = 0.0) -> None:
        super().__init__()
        self.W = nn.Parameter(torch.tensor(numbers.W, dtype=torch.float64))
        self.c = nn.Parameter(torch.tensor(numbers.c, dtype=torch.float64))
        self.v = nn.Parameter(torch.tensor(numbers.v, dtype=torch.float64))
        self.constant = numbers.offset + constant
        self.evaluations = 0

    def forward(self, z: Tensor) -> Tensor:
        """Return f(z), [...], for z [..., K]."""
        self.evaluations += len(z)
        return torch.tanh(z @ self.W.T + self.c) @ self.v + self.constant


class Toy:
    """A distribution q of a few independent bits and a function f of them.

    Attributes:
        name: what it is called.
        numbers: its numbers.
        joint: whether f is log p(x, z), as the multi-sample bounds need it (then p(z) is uniform
            and log p(x|z) has the form of the function), or a function to take the mean of.

    Examples:
        >>> toy = built_in_toys()[0]
        >>> phi, f = toy.logits(), toy.function()
        >>> (exact,) = torch.autograd.grad(toy.objective(phi, f, "elbo", samples=1), phi)
        >>> exact.shape
        torch.Size([3])
    """

    def __init__(self, name: str, numbers: ToyNumbers, joint: bool) -> None:
        self.name, self.numbers, self.joint = name, numbers, joint

    @property
    def bits(self) -> int:
        """K."""
        return len(self.numbers.phi)

    def logits(self) -> Tensor:
        """Return φ, [K], in double, to differentiate in."""
        return torch.tensor(self.numbers.phi, dtype=torch.float64, requires_grad=True)

    def function(self, shift: float = 0.0) -> ToyFunction:
        """Return f plus `shift`."""
        prior = -self.bits * math.log(2.0) if self.joint else 0.0
        return ToyFunction(self.numbers, prior + shift)

    def objective(self, phi: Tensor, f: ToyFunction, bound: Bound, samples: int) -> Tensor:
        """Return what an estimator of `bound` estimates, exact and differentiable, a scalar.

        elbo: Σ_z q(z) f(z). iwae: the sum over all S-tuples of codes. wake: a scalar whose gradient
        in φ is that of −KL(p(z|x) ‖ q) and whose gradient in f's parameters is that of log p(x).
        """
        codes = all_codes(self.bits).double()
        log_q = FactorisedBernoulli(phi).log_prob(codes)
        values: Tensor = f(codes)
        if bound == "elbo":
            return (log_q.exp() * values).sum()
        if bound == "wake":
            posterior = torch.softmax(values, 0).detach()
            return (posterior * log_q).sum() + torch.logsumexp(values, 0)
        rows = torch.tensor(list(itertools.product(range(len(codes)), repeat=samples)))
        log_w = (values - log_q)[rows]
        return (log_q[rows].sum(1).exp() * (torch.logsumexp(log_w, 1) - math.log(samples))).sum()


def read_toys(path: Path) -> list[Toy]:
    """Read a JSON object of `single_sample_objective` and `multi_sample_objective`, or one of them.

    Raises:
        UsageError: the file cannot be read, has another form, or more bits than can be enumerated.

    Examples:
        >>> numbers = {"phi": [0.5], "W": [[1.0]], "c": [0.0], "v": [2.0]}
        >>> path = Path(folder) / "toys.json"
        >>> _ = path.write_text(json.dumps({"single_sample_objective": numbers}))
        >>> [toy.bits for toy in read_toys(path)]
        [1]
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not valid JSON: {error}") from None
    names = {"single_sample_objective": False, "multi_sample_objective": True}
    if not isinstance(document, dict) or not any(name in document for name in names):
        raise UsageError(f"{path}: expected an object with {' or '.join(names)}")
    found = names.items() & {(name, names.get(name)) for name in document}
    return [
        _toy(f"{path}: {name}", name, document[name], joint)
        for name, joint in sorted(found, reverse=True)
    ]


def _toy(where: str, name: str, fields: Mapping[str, Any], joint: bool) -> Toy:
    try:
        numbers = ToyNumbers.model_validate(fields)
    except ValidationError as error:
        raise UsageError(f"{where}: {describe(error)}") from None
    bits, units = len(numbers.phi), len(numbers.W)
    if not 1 <= bits <= MOST_BITS:
        raise UsageError(f"{where}: expected 1 to {MOST_BITS} bits in phi, found {bits}")
    if any(len(row) != bits for row in numbers.W) or len(numbers.c) != units != 0:
        raise UsageError(f"{where}: expected W with {bits} columns and c as long as W")
    if len(numbers.v) != units:
        raise UsageError(f"{where}: expected v of {units} numbers as W has rows")
    return Toy(name, numbers, joint)


def built_in_toys(seed: int = 0, bits: int = 3, units: int = 6) -> list[Toy]:
    """Return a single-sample and a multi-sample toy drawn with `seed`.

    Examples:
        >>> [toy.bits for toy in built_in_toys()]
        [3, 3]
    """
    random = torch.Generator().manual_seed(seed)

    def numbers(*shape: int) -> list[Any]:
        drawn = torch.randn(shape, generator=random, dtype=torch.float64)
        found: list[Any] = drawn.tolist()
        return found

    return [
        Toy(
            name,
            ToyNumbers(
                phi=numbers(bits),
                W=numbers(units, bits),
                c=numbers(units),
                v=numbers(units),
                offset=offset,
            ),
            joint,
        )
        for name, offset, joint in (
            ("single_sample_objective", -30.0, False),
            ("multi_sample_objective", -20.0, True),
        )
    ]
