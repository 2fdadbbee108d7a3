"""What a model knows of words: likelihood (sampled, exact, bounded), rate, information, gaps."""

from lexbits.inference.accounting import Evaluation, evaluate
from lexbits.inference.cost import Cost, estimate_cost
from lexbits.inference.exact import exact_log_prob
from lexbits.inference.exact_gradient import exact_gradient
from lexbits.inference.exact_scores import ExactScores, exact_scores
from lexbits.inference.importance import WordScores, score_words
from lexbits.inference.lower_bound import lower_bound, most_probable_codes

__all__ = [
    "Cost",
    "Evaluation",
    "ExactScores",
    "WordScores",
    "estimate_cost",
    "evaluate",
    "exact_gradient",
    "exact_log_prob",
    "exact_scores",
    "lower_bound",
    "most_probable_codes",
    "score_words",
]
