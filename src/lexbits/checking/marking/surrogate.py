"""The exercise "surrogate": a score-function estimator, put together from its parts."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from lexbits.bits import FactorisedBernoulli
from lexbits.checking.marking.advantages import others_mean
from lexbits.checking.marking.expectation import OF_F, OF_Q, Call
from lexbits.checking.marking.slips import Exercise, Parts, argument
from lexbits.checking.marking.surrogate_slips import SLIPS
from lexbits.checking.marking.world import Decoder

PARAMETERS = ("q", "f", "samples")


def assemble(parts: Parts) -> Call:
    """Put a surrogate together."""

    def surrogate(q: FactorisedBernoulli, f: Decoder, samples: int) -> Tensor:
        z = parts["code"](q, samples)
        values = f(z)
        score = parts["product"](parts["advantage"](values), parts["score"](q, z))
        out: Tensor = parts["path"](values) + score + parts["beside"](q)
        return parts["whole"](out, samples)  # type: ignore[no-any-return]

    return argument(surrogate, PARAMETERS)


PARTS: Parts = {
    "code": lambda q, samples: q.sample(samples),
    "advantage": lambda values: values.detach(),
    "score": lambda q, z: q.log_prob(z),
    "product": lambda advantage, score: (advantage * score).mean(0),
    "path": lambda values: values.mean(0),
    "beside": lambda q: 0.0,
    "whole": lambda out, samples: out,
}

REINFORCE = assemble(PARTS)
RLOO = assemble({**PARTS, "advantage": lambda v: (v - others_mean(v)).detach()})

SURROGATE = Exercise(
    name="surrogate",
    title="a surrogate whose gradient is that of E[f(z)], for each word",
    parameters=PARAMETERS,
    judged=(OF_Q, OF_F),
    samples=(2, 4),
    parts=PARTS,
    assemble=assemble,
    slips=SLIPS,
    aliases=("surrogate", "reinforce", "score_function", "baseline", "vargrad"),
)

LEAVE_ONE_OUT = replace(
    SURROGATE,
    name="leave-one-out",
    title="a surrogate whose baseline is the mean of a word's other samples",
    aliases=("leave_one_out", "rloo", "loo"),
)
