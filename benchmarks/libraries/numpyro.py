"""NumPyro: its ELBOs on a guide of FactorisedBernoulli; the model cancels log q as in `pyro.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from libraries.toys import (
    SEED,
    Case,
    Estimates,
    Foreign,
    Library,
    Toy,
    Toys,
    bound_gradient,
    mean_gradient,
)

Program = Callable[[], None]
FEW = 20  # draws where each is evaluated on its own, which is slow: enumeration, the same each time

PATHWISE = (
    "elbo.py differentiates this loss as it stands (no score-function term), which is right for "
    "reparameterised sites only; SVI (svi.py:231-233) warns that it does not support discrete "
    "latent variables, and goes on"
)
EVENT = "Independent.enumerate_support refuses to enumerate products of bits (no silent fallback)"


def cases(toys: Toys, draws: int) -> Iterator[Case]:
    """Yield NumPyro's estimators."""
    import_module("jax").config.update("jax_enable_x64", True)
    infer = import_module("numpyro.infer")
    toy, exact = toys.single, mean_gradient(toys.single)
    for samples in (1, 4):
        graph = infer.TraceGraph_ELBO(num_particles=samples)
        yield Case("TraceGraph_ELBO", partial(whole, toy, draws, graph, samples), exact, samples)
    trace = partial(whole, toy, draws, infer.Trace_ELBO(), 1)
    yield Case("Trace_ELBO", trace, exact, why=PATHWISE)
    for samples in (2, 4):
        renyi = partial(
            whole, toys.multi, draws, infer.RenyiELBO(num_particles=samples), samples, bound=True
        )
        exact_bound = bound_gradient(toys.multi, samples)
        yield Case("RenyiELBO(alpha=0)", renyi, exact_bound, samples, toy="multi", why=PATHWISE)
    enumeration = partial(sites, toy)
    yield Case("TraceEnum_ELBO, a site for each bit", enumeration, exact, enumerates=True)
    for name, marked in (("enumerate in infer", True), ("config_enumerate", False)):
        run = partial(event, toy, marked)
        yield Case(f"TraceEnum_ELBO, to_event(1), {name}", run, exact, enumerates=True, why=EVENT)


def whole(toy: Toy, draws: int, elbo: Foreign, evaluations: int, bound: bool = False) -> Estimates:
    """Draw gradients with one site of K bits; a bound has the uniform prior as the model."""
    model, guide = programs(toy, uniform=bound)
    return Estimates(gradients(toy, draws, elbo, model, guide), evaluations)


def programs(
    toy: Toy, uniform: bool = False, infer: dict[str, str] | None = None
) -> tuple[Any, Any]:
    """Return a model and a guide with one site of K bits."""
    jax, numpyro = import_module("jax"), import_module("numpyro")
    dist = import_module("numpyro.distributions")
    f = toy.function(jax.numpy.asarray, jax.numpy.tanh)

    def model() -> None:
        phi = jax.lax.stop_gradient(numpyro.param("phi", toy.phi))
        logits = jax.numpy.zeros_like(phi) if uniform else phi
        z = numpyro.sample("z", dist.Bernoulli(logits=logits).to_event(1))
        numpyro.factor("f", f(z.astype(float)))

    def guide() -> None:
        phi = numpyro.param("phi", toy.phi)
        numpyro.sample("z", dist.Bernoulli(logits=phi).to_event(1), infer=infer or {})

    return model, guide


def sites(toy: Toy) -> Estimates:
    """Enumerate K sites of one bit."""
    jax, numpyro = import_module("jax"), import_module("numpyro")
    dist, infer = import_module("numpyro.distributions"), import_module("numpyro.infer")
    f = toy.function(jax.numpy.asarray, jax.numpy.tanh)

    def sample(phi: Foreign, options: dict[str, str]) -> list[Any]:
        flips = [dist.Bernoulli(logits=phi[k]) for k in range(len(toy.phi))]
        return [numpyro.sample(f"z{k}", flip, infer=dict(options)) for k, flip in enumerate(flips)]

    def model() -> None:
        bits = sample(jax.lax.stop_gradient(numpyro.param("phi", toy.phi)), {})
        z = jax.numpy.stack(jax.numpy.broadcast_arrays(*bits), -1)
        numpyro.factor("f", f(z.astype(float)))

    def guide() -> None:
        sample(numpyro.param("phi", toy.phi), {"enumerate": "parallel"})

    elbo = infer.TraceEnum_ELBO(max_plate_nesting=0)
    return Estimates(gradients(toy, FEW, elbo, model, guide, together=False), 2 ** len(toy.phi))


def event(toy: Toy, marked: bool) -> Estimates:
    """Ask for the enumeration of one site of K bits."""
    infer = import_module("numpyro.infer")
    model, guide = programs(toy, infer={"enumerate": "parallel"} if marked else None)
    if not marked:
        guide = import_module("numpyro.contrib.funsor").config_enumerate(guide, "parallel")
    elbo = infer.TraceEnum_ELBO(max_plate_nesting=0)
    return Estimates(gradients(toy, FEW, elbo, model, guide, together=False), 1)


def gradients(
    toy: Toy, draws: int, elbo: Foreign, model: Program, guide: Program, together: bool = True
) -> Foreign:
    """Return one gradient of the ELBO for each key."""
    jax = import_module("jax")

    def negative(phi: Foreign, key: Foreign) -> Foreign:
        return -elbo.loss(key, {"phi": phi}, model, guide)

    keys = jax.random.split(jax.random.PRNGKey(SEED), draws)
    each = jax.grad(negative)
    phi = jax.numpy.asarray(toy.phi)
    if together:
        return np.asarray(jax.jit(jax.vmap(each, in_axes=(None, 0)))(phi, keys))
    return np.stack([each(phi, key) for key in keys])


LIBRARY = Library("numpyro", "numpyro", "pip install numpyro funsor", cases)
