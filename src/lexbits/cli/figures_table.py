"""The figures of an evaluation as rows of a table, with what they mean."""

from __future__ import annotations

from typing import Any

MEANINGS = {
    "nll": "negative log-likelihood, importance-sampled (an upper bound on average)",
    "exact_nll": "negative log-likelihood, summed over all codes",
    "exact_elbo": "evidence lower bound, summed over all codes",
    "exact_rate": "rate, summed over all codes",
    "exact_distortion": "distortion, summed over all codes",
    "gap": "exact log-likelihood - exact ELBO = KL from the true posterior to the encoder's",
    "mean_field_gap": "part of it that no posterior of independent bits can mend (at most)",
    "amortisation_gap": "part of it that a better encoder could mend (at least)",
    "nll_upper_bound": "negative log-likelihood over the most probable codes only",
    "nll_se": "its standard error over words",
    "perplexity_per_symbol": "exp(NLL / symbols), the end of the word counted",
    "elbo": "evidence lower bound = -(distortion + rate)",
    "rate": "KL from the prior to the posterior = mutual information + marginal KL",
    "distortion": "what the decoder still has to say, given the bits",
    "mutual_information": "what the bits know of the word",
    "marginal_kl": "mismatch of the bits' distribution and the prior",
    "active_bits": "bits that know more than 0.02 nats",
    "ess": "effective number of the importance samples",
}


def figure_rows(figures: dict[str, Any]) -> list[list[Any]]:
    """Return [measure, value, meaning] for each figure that has a meaning here."""
    return [
        [name.replace("_", " "), figures[name], meaning]
        for name, meaning in MEANINGS.items()
        if figures.get(name) is not None
    ]
