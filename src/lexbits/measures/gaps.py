"""From exact scores of words to the metrics of a split: likelihood, bound, and the gap's parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lexbits.likelihood.exact_scores import ExactScores
from lexbits.likelihood.importance import Floats
from lexbits.measures.evaluation import standard_error_of_mean
from lexbits.results import Result


@dataclass(frozen=True)
class ExactEvaluation(Result):
    """Figures of a list of words by enumeration of all codes; nats per word, no sampling error.

    Attributes:
        words: number of words.
        exact_nll: −log p(x).
        exact_nll_se: standard error of it as the mean over words drawn from the language.
        exact_elbo: E_Q[log p(x|z)] − KL(Q(z|x) ‖ P(z)).
        exact_rate: KL(Q(z|x) ‖ P(z)).
        exact_distortion: −E_Q[log p(x|z)].
        gap: log p(x) − ELBO = KL(Q(z|x) ‖ P(z|x)).
        mean_field_gap: what no posterior of independent bits reaches (an upper bound, as the best
            one is searched for); None where Q's bits are not independent.
        amortisation_gap: what the encoder loses against the best such posterior; None likewise.
        best_code_prob: mean probability of the most probable code under P(z|x).

    Examples:
        >>> found = model.exact(["casa", "perro"])
        >>> found.gap > 0
        True
    """

    words: int
    exact_nll: float
    exact_nll_se: float
    exact_elbo: float
    exact_rate: float
    exact_distortion: float
    gap: float
    mean_field_gap: float | None
    amortisation_gap: float | None
    best_code_prob: float

    def __str__(self) -> str:
        return (
            f"{self.words:,} words: exact NLL {self.exact_nll:.2f} ± {self.exact_nll_se:.2f}, "
            f"ELBO {self.exact_elbo:.2f} (rate {self.exact_rate:.2f}, distortion "
            f"{self.exact_distortion:.2f}), gap {self.gap:.2f} nats per word"
        )


def summarise(scores: ExactScores) -> ExactEvaluation:
    """Return the means over words.

    Examples:
        >>> from lexbits.data.corpus import Corpus
        >>> from lexbits.likelihood.exact_scores import exact_scores
        >>> corpus = Corpus.from_words(["casa", "perro"], model.alphabet)
        >>> summarise(exact_scores(model.network, corpus)).words
        2
    """
    return ExactEvaluation(
        words=len(scores.log_prob),
        exact_nll=-float(scores.log_prob.mean()),
        exact_nll_se=standard_error_of_mean(scores.log_prob),
        exact_elbo=float(scores.elbo.mean()),
        exact_rate=float(scores.rate.mean()),
        exact_distortion=float(scores.distortion.mean()),
        gap=float(scores.gap.mean()),
        mean_field_gap=_mean(scores.mean_field_gap),
        amortisation_gap=_mean(scores.amortisation_gap),
        best_code_prob=float(scores.best_code_prob.mean()),
    )


def _mean(values: Floats | None) -> float | None:
    return None if values is None else float(np.mean(values))
