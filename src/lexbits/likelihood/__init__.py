"""How probable a word is: importance-sampled, exact over all codes, bounded, mixed.

`exact_scores`, `exact_gradient` and `lower_bound` lie in the modules of these names.
"""

from lexbits.likelihood.cost import Cost, estimate_cost
from lexbits.likelihood.exact import exact_log_prob
from lexbits.likelihood.importance import WordScores, score_words

__all__ = ["Cost", "WordScores", "estimate_cost", "exact_log_prob", "score_words"]
