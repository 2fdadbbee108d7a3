"""What a model knows of words: likelihood (sampled, exact, bounded), rate, information, gaps.

`exact_scores`, `exact_gradient` and `lower_bound` lie in the modules of these names.
"""

from lexbits.inference.accounting import Evaluation, evaluate
from lexbits.inference.cost import Cost, estimate_cost
from lexbits.inference.exact import exact_log_prob
from lexbits.inference.exact_accounting import ExactEvaluation, summarise
from lexbits.inference.importance import WordScores, score_words

__all__ = [
    "Cost",
    "Evaluation",
    "ExactEvaluation",
    "WordScores",
    "estimate_cost",
    "evaluate",
    "exact_log_prob",
    "score_words",
    "summarise",
]
