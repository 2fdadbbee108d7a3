"""The floor: an n-gram language model of words, by interpolated modified Kneser-Ney smoothing.

Counts first (`counts`), then probabilities (`smoothing`), then the model (`kneser_ney`). It needs
no training and no torch; what a network learns has to be more than this.
"""

from lexbits.ngram.kneser_ney import NGram, choose_order

__all__ = ["NGram", "choose_order"]
