"""The least word-like words of a list, by an n-gram model that has not seen them.

Garbage among words (codes, words of other languages, typing errors) has symbols in an order that
the other words do not have. The list is cut in two by a hash of each word, a Kneser-Ney model of
each half scores the other, and the words are ordered by nats per symbol.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.ngram import NGram

ORDER = 4
FEWEST = 40
"""Fewest words that anything can be said about."""


def least_likely(forms: Sequence[str], most: int = 20) -> list[tuple[str, float]]:
    """Return the words that are least like the others, with their nats per symbol.

    The end of a word is counted as a symbol.

    Args:
        forms: different words.
        most: at most this many are returned.

    Returns:
        The least likely first; nothing for fewer than `FEWEST` words.

    Examples:
        >>> words = [a + b + c for a in "bdfg" for b in "aeiou" for c in ("la", "ra", "no")]
        >>> least_likely([*words, "xq7"], most=1)[0][0]
        'xq7'
    """
    if len(forms) < FEWEST:
        return []
    alphabet = Alphabet.from_words(forms)
    side = np.array([zlib.crc32(form.encode()) % 2 for form in forms], dtype=bool)
    if side.all() or not side.any():
        return []
    corpus = Corpus.from_words(forms, alphabet)
    nats = np.zeros(len(forms))
    for scored in (side, ~side):
        (held_out,), (counted,) = scored.nonzero(), (~scored).nonzero()
        ngram = NGram.fit(corpus.part(counted), alphabet, ORDER)
        found = corpus.part(held_out)
        nats[held_out] = -ngram.log_prob(found) / found.lengths
    order = np.argsort(-nats, kind="stable")[:most]
    return [(forms[i], float(nats[i])) for i in order.tolist()]
