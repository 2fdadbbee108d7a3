"""The exercise "elbo", put together from its parts."""

from __future__ import annotations

from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.elbo_slips import SLIPS, Terms
from lexbits.checking.marking.expectation import OF_F, OF_PRIOR, VALUE, Call
from lexbits.checking.marking.slips import Exercise, Parts, argument
from lexbits.checking.marking.world import Decoder

PARAMETERS = ("q", "prior", "log_likelihood", "samples")


def assemble(parts: Parts) -> Call:
    """Put an ELBO together."""

    def elbo(
        q: FactorisedBernoulli, prior: FactorisedBernoulli, log_likelihood: Decoder, samples: int
    ) -> Tensor:
        z = parts["code"](q, prior, samples)
        reconstruction = parts["reconstruction"](log_likelihood(z))
        rate = parts["rate"](q, prior, z)
        found: Tensor = parts["whole"](Terms(q, prior, log_likelihood, z, reconstruction, rate))
        return found.expand(len(q.logits))

    return argument(elbo, PARAMETERS)


PARTS: Parts = {
    "code": lambda q, p, samples: q.sample(samples),
    "reconstruction": lambda values: values.mean(0),
    "rate": lambda q, p, z: q.kl(p),
    "whole": lambda terms: terms.reconstruction - terms.rate,
}

ELBO = Exercise(
    name="elbo",
    title="an estimate of the ELBO, in nats, for each word",
    parameters=PARAMETERS,
    judged=(VALUE, OF_F, OF_PRIOR),
    samples=(2, 3),
    parts=PARTS,
    assemble=assemble,
    slips=SLIPS,
    aliases=("elbo", "lower_bound", "evidence"),
)
