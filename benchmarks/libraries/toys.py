"""Two toys with a known gradient, and the comparison of an estimate with it."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Foreign: TypeAlias = Any  # what belongs to another library: an array, a loss, a distribution
Floats = npt.NDArray[np.float64]

SEED = 0
SMALL = 1e-5  # the digits of the toys; a deterministic estimate may be off by as much
THRESHOLD = 4.0


@dataclass(frozen=True)
class Toy:
    """q(z) a product of FactorisedBernoulli with logits phi; f(z) = tanh(z Wᵀ + c)·v + offset."""

    phi: Floats
    weight: Floats
    bias: Floats
    out: Floats
    offset: float

    def function(self, array: Callable[[Floats], Any], tanh: Callable[[Any], Any]) -> Function:
        """Return f on the arrays of a library."""
        return Function(array(self.weight.T), array(self.bias), array(self.out), self.offset, tanh)


@dataclass
class Function:
    """The function f, which counts the codes it is given."""

    weight: Any
    bias: Any
    out: Any
    offset: float
    tanh: Callable[[Any], Any]
    codes: int = 0

    def __call__(self, z: Foreign) -> Foreign:
        """Return f(z) for codes in the last axis."""
        self.codes += math.prod(z.shape[:-1])
        return self.tanh(z @ self.weight + self.bias) @ self.out + self.offset


class Toys(NamedTuple):
    """The two toys: E[f] for one sample, a bound on log p(x) for several."""

    single: Toy
    multi: Toy


class Estimates(NamedTuple):
    """Independent draws of the gradient [draws, bits], and evaluations of f for each."""

    gradients: Floats
    evaluations: float


@dataclass(frozen=True)
class Case:
    """One estimator of one library; `why` is what its source says about a disagreement."""

    estimator: str
    run: Callable[[], Estimates]
    exact: Floats
    samples: int = 1
    enumerates: bool = False
    toy: str = "single"
    why: str = ""


@dataclass(frozen=True)
class Library:
    """A library: its distribution, the module that must import, how to install it, its cases."""

    name: str
    module: str
    install: str
    cases: Callable[[Toys, int], Iterator[Case]] = field(repr=False)


def load(path: Path | None) -> Toys:
    """Return the toys of a file, or two of the same form drawn with a fixed seed."""
    if path is None:
        generator = np.random.default_rng(SEED)
        return Toys(draw(generator, -30.0), draw(generator, -20.0))
    content = json.loads(path.read_text(encoding="utf-8"))
    toys = Toys(read(content["single_sample_objective"]), read(content["multi_sample_objective"]))
    stored = content["single_sample_objective"]["exact_gradient"]
    assert np.allclose(mean_gradient(toys.single), stored), "the file's gradient is not the exact"
    return toys


def read(record: dict[str, Any]) -> Toy:
    """Return the toy of a record of the file."""
    phi, weight, bias, out = (
        np.array(record[name], dtype=np.float64) for name in ["phi", "W", "c", "v"]
    )
    return Toy(phi, weight, bias, out, float(record["offset"]))


def draw(generator: np.random.Generator, offset: float, bits: int = 3, hidden: int = 6) -> Toy:
    """Return a random toy."""
    normal = generator.standard_normal
    return Toy(normal(bits), 2 * normal((hidden, bits)), normal(hidden), 2 * normal(hidden), offset)


def table_of_codes(toy: Toy) -> tuple[Floats, Floats, Floats]:
    """Return, for every code, log q, its gradient in phi, and f."""
    codes = np.array(list(itertools.product((0.0, 1.0), repeat=len(toy.phi))))
    log_q = (codes * toy.phi - np.logaddexp(0.0, toy.phi)).sum(-1)
    score = codes - 1.0 / (1.0 + np.exp(-toy.phi))
    return log_q, score, np.asarray(toy.function(np.asarray, np.tanh)(codes))


def mean_gradient(toy: Toy) -> Floats:
    """Return the exact gradient of E[f]."""
    log_q, score, f = table_of_codes(toy)
    return np.asarray((np.exp(log_q) * f) @ score)


def bound_gradient(toy: Toy, samples: int, alpha: float = 0.0) -> Floats:
    """Return the exact gradient of the Rényi bound with a uniform prior; alpha 0 is IWAE's."""
    log_q, score, f = table_of_codes(toy)
    log_weight = (1 - alpha) * (f - len(toy.phi) * math.log(2.0) - log_q)
    chosen = np.array(list(itertools.product(range(len(f)), repeat=samples)))
    total = np.logaddexp.reduce(log_weight[chosen], axis=1)
    share = np.exp(log_weight[chosen] - total[:, None])
    bound = (total - math.log(samples)) / (1 - alpha)
    factor = np.exp(log_q[chosen].sum(1))[:, None] * (bound[:, None] - share)
    return np.asarray(np.einsum("ts,tsk->k", factor, score[chosen]))


def judge(case: Case, estimates: Estimates) -> dict[str, Any]:
    """Compare the mean of the draws with the exact gradient."""
    gradients, evaluations = estimates
    mean, variance = gradients.mean(0), gradients.var(0, ddof=1)
    bias = np.abs(mean - case.exact)
    constant = float(variance.sum()) < SMALL**2
    z_score = None if constant else float((bias / np.sqrt(variance / len(gradients))).max())
    if not gradients.any():
        verdict = "zero gradient"
    elif (bias.max() > SMALL) if z_score is None else (z_score >= THRESHOLD):
        verdict = "disagrees"
    elif case.enumerates and not constant:
        verdict = "falls back to sampling"
    else:
        verdict = "agrees"
    return {
        "evaluations": evaluations,
        "draws": len(gradients),
        "mean_gradient": mean.tolist(),
        "z_score": z_score,
        "max_abs_bias": float(bias.max()),
        "total_variance": float(variance.sum()),
        "verdict": verdict,
    }
