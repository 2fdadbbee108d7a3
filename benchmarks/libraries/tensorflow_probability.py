"""TensorFlow Probability on JAX: the score function and VIMCO."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from libraries.toys import (
    SEED,
    Case,
    Estimates,
    Floats,
    Foreign,
    Library,
    Toy,
    Toys,
    bound_gradient,
    mean_gradient,
)


def cases(toys: Toys, draws: int) -> Iterator[Case]:
    """Yield TensorFlow Probability's estimators."""
    import_module("jax").config.update("jax_enable_x64", True)
    exact = mean_gradient(toys.single)
    for samples in (1, 4):
        run = partial(expectation, toys.single, draws, samples)
        yield Case("monte_carlo.expectation, score function", run, exact, samples)
        run = partial(variational, toys.single, draws, samples)
        yield Case("vi, SCORE_FUNCTION", run, exact, samples)
    for samples in (2, 4):
        run = partial(vimco, toys.multi, draws, samples)
        yield Case("vi, VIMCO", run, bound_gradient(toys.multi, samples), samples, toy="multi")


def posterior(phi: Foreign) -> Foreign:
    """Return q(z), a row of logits for each draw."""
    dist = import_module("tensorflow_probability.substrates.jax").distributions
    return dist.Independent(dist.Bernoulli(logits=phi, dtype=phi.dtype), 1)


def gradients(toy: Toy, draws: int, objective: Callable[[Any, Any, Any, Any], Any]) -> Floats:
    """Return the gradient of an objective (library, f, phi, key) with a value for each draw."""
    jax = import_module("jax")
    library = import_module("tensorflow_probability.substrates.jax")
    f = toy.function(jax.numpy.asarray, jax.numpy.tanh)
    key = jax.random.PRNGKey(SEED)
    phi = jax.numpy.broadcast_to(toy.phi, (draws, len(toy.phi)))
    return np.asarray(jax.grad(lambda logits: objective(library, f, logits, key).sum())(phi))


def expectation(toy: Toy, draws: int, samples: int) -> Estimates:
    """Draw gradients of E[f]."""

    def objective(library: Foreign, f: Foreign, phi: Foreign, key: Foreign) -> Foreign:
        q = posterior(phi)
        return library.monte_carlo.expectation(
            f, q.sample(samples, seed=key), log_prob=q.log_prob, use_reparameterization=False
        )

    return Estimates(gradients(toy, draws, objective), samples)


def variational(toy: Toy, draws: int, samples: int) -> Estimates:
    """Draw gradients of the ELBO; the target cancels log q as in `pyro.py`."""
    stop = import_module("jax").lax.stop_gradient

    def objective(library: Foreign, f: Foreign, phi: Foreign, key: Foreign) -> Foreign:
        prior = posterior(stop(phi))
        return -library.vi.monte_carlo_variational_loss(
            lambda z: f(z) + prior.log_prob(z),
            posterior(phi),
            sample_size=samples,
            gradient_estimator=library.vi.GradientEstimators.SCORE_FUNCTION,
            seed=key,
        )

    return Estimates(gradients(toy, draws, objective), samples)


def vimco(toy: Toy, draws: int, samples: int) -> Estimates:
    """Draw gradients of the bound of several samples, with the uniform prior."""

    def objective(library: Foreign, f: Foreign, phi: Foreign, key: Foreign) -> Foreign:
        return -library.vi.monte_carlo_variational_loss(
            lambda z: f(z) - len(toy.phi) * math.log(2.0),
            posterior(phi),
            importance_sample_size=samples,
            gradient_estimator=library.vi.GradientEstimators.VIMCO,
            seed=key,
        )

    return Estimates(gradients(toy, draws, objective), samples)


LIBRARY = Library(
    "tensorflow-probability",
    "tensorflow_probability.substrates.jax",
    "pip install 'tensorflow-probability==0.25.0' 'jax<0.7'",
    cases,
)
