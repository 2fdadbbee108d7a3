"""Gradient estimators for bit vectors: one file for each family, and this explicit table."""

from lexbits.estimators.arms import Arms
from lexbits.estimators.base import Bound, Estimate, Estimator, Function, RunningMean
from lexbits.estimators.disarm import Disarm
from lexbits.estimators.double_cv import DoubleControlVariates
from lexbits.estimators.enumeration import Enumeration
from lexbits.estimators.flips import Bitflip, GradientVarianceClipping, LocalExpectation
from lexbits.estimators.multisample import (
    Ovis,
    ReweightedWakeSleep,
    VimcoArithmetic,
    VimcoGeometric,
)
from lexbits.estimators.nvil import Nvil
from lexbits.estimators.pathwise import GumbelStraightThrough, ReinMax, StraightThrough
from lexbits.estimators.reinforce import AverageReinforce, Reinforce
from lexbits.estimators.relaxed import Rebar, Relax
from lexbits.estimators.rloo import Rloo

ESTIMATORS: dict[str, type[Estimator]] = {
    "enumeration": Enumeration,
    "reinforce": Reinforce,
    "reinforce-average": AverageReinforce,
    "nvil": Nvil,
    "rloo": Rloo,
    "disarm": Disarm,
    "arms": Arms,
    "double-cv": DoubleControlVariates,
    "leg": LocalExpectation,
    "bitflip": Bitflip,
    "ugc": GradientVarianceClipping,
    "rebar": Rebar,
    "relax": Relax,
    "vimco": VimcoGeometric,
    "vimco-arithmetic": VimcoArithmetic,
    "ovis": Ovis,
    "rws": ReweightedWakeSleep,
    "straight-through": StraightThrough,
    "gumbel-st": GumbelStraightThrough,
    "reinmax": ReinMax,
}

__all__ = ["ESTIMATORS", "Bound", "Estimate", "Estimator", "Function", "RunningMean"]
