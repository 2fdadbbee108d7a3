"""Pyro: its ELBOs on a guide of FactorisedBernoulli.

The model draws z with the guide's logits, detached: log p(z) − log q(z) is then zero for every z,
and the ELBO is E[f]. Its gradient has no further term: that of log p vanishes as phi is detached,
that of −log q is −E[∇ log q] = 0, and Pyro leaves it out for a discrete site. Draws lie in a plate,
each with logits of its own, so that a row of the gradient is one draw.
"""

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
    Function,
    Library,
    Toy,
    Toys,
    bound_gradient,
    mean_gradient,
)

STEPS = 20  # steps of a baseline that learns; the draws are divided among them
SAMPLES = (2, 4)

Program = Callable[[], None]

BATCH = (
    "tracegraph_elbo.py:77-79 keeps one average for each element of the batch, in the shape of the "
    "first one, and adds to it the costs of a batch of another size"
)
EVENT = (
    "config_enumerate marks no site whose distribution has has_enumerate_support False, and "
    "Independent has it False: z is sampled, no warning"
)
EXPLICIT = "Independent.enumerate_support does not enumerate products of bits, and says so"
RENYI = (
    "renyi_elbo.py:178-182 follows, by self-normalised weights, the gradient of "
    "log E[w^(1-alpha)] / (1-alpha), not that of the bound of S samples, the loss it returns; "
    "at alpha = 0 the former is log p(x), which no guide changes, so the guide never learns"
)


def cases(toys: Toys, draws: int) -> Iterator[Case]:
    """Yield Pyro's estimators."""
    infer = import_module("pyro.infer")
    exact = mean_gradient(toys.single)
    elbo = partial(expected, toys.single, draws)
    plate = {"max_plate_nesting": 1}
    many = {"num_particles": 4, "vectorize_particles": True, **plate}
    learns = {"use_decaying_avg_baseline": True}
    graph = infer.TraceGraph_ELBO(**plate)
    yield Case("Trace_ELBO", partial(elbo, infer.Trace_ELBO(**plate)), exact)
    yield Case("Trace_ELBO, 4 particles", partial(elbo, infer.Trace_ELBO(**many)), exact, 4)
    yield Case("TraceGraph_ELBO", partial(elbo, graph), exact)
    yield Case("TraceGraph_ELBO, decaying average", partial(elbo, graph, learns), exact)
    small = partial(elbo, graph, learns, smaller_last=True)
    yield Case("TraceGraph_ELBO, decaying average, smaller last batch", small, exact, why=BATCH)
    yield Case("TraceGraph_ELBO, neural baseline", partial(elbo, graph, neural_baseline()), exact)
    for name, event, explicit, why in (
        ("TraceEnum_ELBO, a site for each bit", False, True, ""),
        ("TraceEnum_ELBO, to_event(1), enumerate in infer", True, True, EXPLICIT),
        ("TraceEnum_ELBO, to_event(1), config_enumerate", True, False, EVENT),
    ):
        run = partial(enumerated, toys.single, draws, event, explicit)
        yield Case(name, run, exact, enumerates=True, why=why)
    for samples in SAMPLES:
        for alpha in (0.0, 0.5):
            run = partial(renyi, toys.multi, draws, samples, alpha)
            bound = bound_gradient(toys.multi, samples, alpha)
            yield Case(f"RenyiELBO(alpha={alpha:g})", run, bound, samples, toy="multi", why=RENYI)


def start(toy: Toy) -> Function:
    """Forget parameters, set the seed and return f."""
    torch = import_module("torch")
    import_module("pyro").clear_param_store()
    torch.manual_seed(SEED)
    return toy.function(torch.tensor, torch.tanh)


def neural_baseline() -> dict[str, Any]:
    """Return the options of a baseline that is a linear layer on a constant."""
    torch = import_module("torch")
    layer = torch.nn.Sequential(torch.nn.Linear(1, 1, dtype=torch.float64), torch.nn.Flatten(0))
    return {"nn_baseline": layer}


def expected(
    toy: Toy,
    draws: int,
    elbo: Foreign,
    baseline: dict[str, Any] | None = None,
    smaller_last: bool = False,
) -> Estimates:
    """Draw gradients of E[f]; with a baseline in several steps, through which it learns."""
    f = start(toy)
    torch = import_module("torch")
    size = draws // STEPS if baseline else draws
    sizes = [size] * (draws // size) + ([size - 1] if smaller_last else [])
    options = dict(baseline or {})
    layer = options.get("nn_baseline")
    step = torch.optim.SGD(layer.parameters(), lr=0.1 / size) if layer else None
    parts = []
    for rows in sizes:
        if layer:
            options["nn_baseline_input"] = torch.ones(rows, 1, dtype=torch.float64)
        model, guide = programs(f, infer={"baseline": options} if options else {})
        parts.append(gradient(toy, rows, elbo, model, guide))
        if step:
            step.step()
            step.zero_grad()
    return Estimates(np.concatenate(parts), f.codes / sum(sizes))


def programs(f: Function, infer: dict[str, Any]) -> tuple[Program, Program]:
    """Return a model and a guide whose ELBO is E[f]."""
    pyro, dist = import_module("pyro"), import_module("pyro.distributions")

    def model() -> None:
        phi = pyro.param("phi").detach()
        with pyro.plate("draws", len(phi)):
            pyro.factor("f", f(pyro.sample("z", dist.Bernoulli(logits=phi).to_event(1))))

    def guide() -> None:
        phi = pyro.param("phi")
        with pyro.plate("draws", len(phi)):
            pyro.sample("z", dist.Bernoulli(logits=phi).to_event(1), infer=infer)

    return model, guide


def gradient(toy: Toy, rows: int, elbo: Foreign, model: Program, guide: Program) -> Floats:
    """Return one gradient for each row of the plate; none counts as zero."""
    pyro, torch = import_module("pyro"), import_module("torch")
    store = pyro.get_param_store()
    if "phi" in store:
        del store["phi"]
    phi = pyro.param("phi", torch.tensor(toy.phi).expand(rows, -1).clone())
    elbo.loss_and_grads(model, guide)
    result = torch.zeros_like(phi) if phi.grad is None else -phi.grad
    return np.asarray(result.detach().numpy())


def enumerated(toy: Toy, draws: int, event: bool, explicit: bool) -> Estimates:
    """Ask for enumeration, of one site of K bits or of K sites."""
    f = start(toy)
    pyro, torch = import_module("pyro"), import_module("torch")
    dist, infer = import_module("pyro.distributions"), import_module("pyro.infer")
    model, guide = programs(f, infer={"enumerate": "parallel"} if explicit else {})

    def sample(phi: Foreign, options: dict[str, str]) -> list[Any]:
        columns = enumerate(phi.unbind(-1))
        return [
            pyro.sample(f"z{k}", dist.Bernoulli(logits=p), infer=dict(options)) for k, p in columns
        ]

    def model_of_sites() -> None:
        phi = pyro.param("phi").detach()
        with pyro.plate("draws", len(phi)):
            *bits, _ = torch.broadcast_tensors(*sample(phi, {}), phi[:, 0])
            pyro.factor("f", f(torch.stack(bits, -1)))

    def guide_of_sites() -> None:
        phi = pyro.param("phi")
        with pyro.plate("draws", len(phi)):
            sample(phi, {"enumerate": "parallel"})

    if not event:
        model, guide = model_of_sites, guide_of_sites
    elif not explicit:
        guide = infer.config_enumerate(guide, "parallel")
    elbo = infer.TraceEnum_ELBO(max_plate_nesting=1)
    gradients = gradient(toy, draws, elbo, model, guide)
    return Estimates(gradients, f.codes / draws)


def renyi(toy: Toy, draws: int, samples: int, alpha: float) -> Estimates:
    """Draw gradients of the Rényi bound, with the uniform prior as the model."""
    f = start(toy)
    pyro, torch = import_module("pyro"), import_module("torch")
    dist, infer = import_module("pyro.distributions"), import_module("pyro.infer")
    _, guide = programs(f, infer={})

    def model() -> None:
        with pyro.plate("draws", draws):
            prior = dist.Bernoulli(logits=torch.zeros(draws, len(toy.phi), dtype=torch.float64))
            pyro.factor("f", f(pyro.sample("z", prior.to_event(1))))

    elbo = infer.RenyiELBO(
        alpha=alpha, num_particles=samples, vectorize_particles=True, max_plate_nesting=1
    )
    gradients = gradient(toy, draws, elbo, model, guide)
    return Estimates(gradients, math.ceil(f.codes / draws))


LIBRARY = Library("pyro-ppl", "pyro", "pip install torch pyro-ppl", cases)
