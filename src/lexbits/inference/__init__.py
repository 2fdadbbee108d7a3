"""What a model knows of words: importance-sampled likelihood, rate, distortion, information."""

from lexbits.inference.accounting import Evaluation, evaluate
from lexbits.inference.importance import WordScores, score_words

__all__ = ["Evaluation", "WordScores", "evaluate", "score_words"]
