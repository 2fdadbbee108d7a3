"""Estimators of ∇ E_q(z)[f(z)] for bit vectors z: one file each, and this explicit table."""

from lexbits.estimators.base import Estimate, Estimator
from lexbits.estimators.reinforce import AverageReinforce, Reinforce
from lexbits.estimators.rloo import Rloo

ESTIMATORS: dict[str, type[Estimator]] = {
    "reinforce": Reinforce,
    "reinforce-average": AverageReinforce,
    "rloo": Rloo,
}

__all__ = ["ESTIMATORS", "Estimate", "Estimator"]
