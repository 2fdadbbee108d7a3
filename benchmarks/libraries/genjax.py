"""GenJAX: the strategies of ADEV for a coin flip, a flip for each bit.

It checks the annotations of what it is given at run time, and cannot read them from strings: hence
no `from __future__ import annotations`.
"""

from collections.abc import Iterator
from functools import partial
from importlib import import_module

import numpy as np

from libraries.toys import SEED, Case, Estimates, Foreign, Library, Toy, Toys, mean_gradient

PARALLEL = (
    "_src/adev/primitives.py:196-200 gives the continuation a key, values and tangents; it takes a "
    "key and one tree of duals"
)
MEASURE_VALUED = (
    "_src/adev/primitives.py:156 wraps the arguments twice, so a flip has shape [1]; line 167 "
    "reads the tangent from the primals, and line 171 gives the continuation one argument too many"
)


def cases(toys: Toys, draws: int) -> Iterator[Case]:
    """Yield the strategies for a flip."""
    import_module("jax").config.update("jax_enable_x64", True)
    adev = import_module("genjax.adev")
    toy, exact = toys.single, mean_gradient(toys.single)
    codes = 2 ** len(toy.phi)
    reinforce = adev.flip_reinforce
    level = float(toy.offset)
    for name, flip, evaluations, why in (
        ("flip_reinforce", reinforce, 1, ""),
        ("baseline(flip_reinforce), constant", partial(adev.baseline(reinforce), level), 1, ""),
        ("flip_enum", adev.flip_enum, codes, ""),
        ("flip_enum_parallel", adev.flip_enum_parallel, codes, PARALLEL),
        ("flip_mvd", adev.flip_mvd, codes, MEASURE_VALUED),
    ):
        run = partial(estimate, toy, draws, flip, evaluations)
        yield Case(name, run, exact, enumerates="enum" in name, why=why)


def estimate(toy: Toy, draws: int, flip: Foreign, evaluations: int) -> Estimates:
    """Draw gradients, a key for each."""
    jax, adev = import_module("jax"), import_module("genjax.adev")
    f = toy.function(jax.numpy.asarray, jax.numpy.tanh)

    def program(phi: Foreign) -> Foreign:
        probabilities = jax.nn.sigmoid(phi)
        bits = [flip(probabilities[k]) for k in range(len(toy.phi))]
        return f(jax.numpy.stack(bits).astype(float))

    def gradient(key: Foreign) -> Foreign:
        return adev.expectation(program).grad_estimate(key, (jax.numpy.asarray(toy.phi),))[0]

    keys = jax.random.split(jax.random.key(SEED), draws)
    return Estimates(np.asarray(jax.jit(jax.vmap(gradient))(keys)), evaluations)


LIBRARY = Library("genjax", "genjax", "pip install 'genjax==0.10.3'", cases)
