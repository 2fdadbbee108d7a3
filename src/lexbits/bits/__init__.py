"""Distributions over bit vectors z ∈ {0,1}^K, and codes: bit vectors by number or as 0101..."""

from lexbits.bits.autoregressive import Autoregressive
from lexbits.bits.base import BitDistribution, Posterior
from lexbits.bits.boltzmann import Boltzmann
from lexbits.bits.codes import all_codes, codes_between, format_code, parse_code
from lexbits.bits.distinct import DistinctPairs, distinct_pairs
from lexbits.bits.divergence import exact_kl_per_bit, sampled_kl
from lexbits.bits.factorised import FactorisedBernoulli
from lexbits.bits.noise import keyed_samples

__all__ = [
    "Autoregressive",
    "BitDistribution",
    "Boltzmann",
    "DistinctPairs",
    "FactorisedBernoulli",
    "Posterior",
    "all_codes",
    "codes_between",
    "distinct_pairs",
    "exact_kl_per_bit",
    "format_code",
    "keyed_samples",
    "parse_code",
    "sampled_kl",
]
