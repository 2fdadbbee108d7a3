"""What a model knows of words: evaluation, information, gaps, reconstruction, sample quality."""

from lexbits.measures.evaluation import Evaluation, evaluate
from lexbits.measures.gaps import ExactEvaluation, summarise

__all__ = ["Evaluation", "ExactEvaluation", "evaluate", "summarise"]
