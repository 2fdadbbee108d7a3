"""The n-gram language model of words: scores, samples, and the choice of its order."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import END, Alphabet
from lexbits.data.corpus import Corpus
from lexbits.ngram.counts import Floats, Grams, Ids, Text, count_ngrams
from lexbits.ngram.smoothing import Level, smooth


class NGram:
    """P(x) = Π_i P(x_i | the n − 1 symbols before it), start symbols among them.

    Before a word stand n − 1 start symbols, so its first symbols, too, have contexts of all orders:
    at the highest with their counts, and below, where each of them follows one thing, a start
    symbol, with how many different symbols follow there. Interpolated modified Kneser-Ney (Chen and
    Goodman 1999, An empirical study of smoothing techniques for language modeling); below the
    lowest order lies the uniform distribution over the symbols that can be predicted: the end of
    the word, the unknown symbol, and the characters. So every word has a probability, and
    those of all next symbols sum to one. Make one with `fit`, or with `choose_order`.

    Attributes:
        alphabet: the symbols.
        order: n, the number of symbols of the longest n-grams.

    Examples:
        >>> words = ["sol", "sal", "luna", "lona"]
        >>> alphabet = Alphabet.from_words(words)
        >>> ngram = NGram.fit(Corpus.from_words(words, alphabet), alphabet, order=3)
        >>> likely, unlikely = ngram.log_prob(Corpus.from_words(["sola", "aoul"], alphabet))
        >>> bool(likely > unlikely)
        True
    """

    def __init__(self, alphabet: Alphabet, levels: list[Level]) -> None:
        self.alphabet = alphabet
        self.order = len(levels)
        self._levels = levels

    @classmethod
    def fit(
        cls, corpus: Corpus, alphabet: Alphabet, order: int, weights: Floats | None = None
    ) -> NGram:
        """Count and smooth the n-grams of `corpus`, encoded by `alphabet`, up to `order` symbols.

        `weights` [N] are how much each word counts, if not all count the same.

        Raises:
            ValueError: the order is below one.
        """
        _refuse_below_one([order])
        text = Text.of(corpus, alphabet, _starts(order))
        counted = count_ngrams(text, alphabet, order, weights)
        lower = [_lower_level(counted, n) for n in range(1, order)]
        return cls(alphabet, [*lower, _highest_level(counted, order)])

    def symbol_log_prob(self, corpus: Corpus) -> Floats:
        """Return log P(x_i|x_<i) in nats, [N, T], zero after the end of a word."""
        text = Text.of(corpus, self.alphabet, _starts(self.order))
        prob = _uniform(text, self.alphabet)
        contexts = np.zeros_like(text.symbols)
        for level in self._levels:
            ids = level.grams.find(contexts, text.symbols)
            prob = level.prob(contexts, ids, prob)
            contexts = text.contexts(ids)
        log_prob = np.zeros(corpus.inside.shape)
        log_prob[corpus.inside] = np.log(prob[text.predicted])
        return log_prob

    def next_prob(self, corpus: Corpus) -> Floats:
        """Return P(v|x_<i) of every next symbol v, [N, T, V], zero after the end of a word.

        Examples:
            >>> words = ["sol", "sal", "luna", "lona"]
            >>> alphabet = Alphabet.from_words(words)
            >>> corpus = Corpus.from_words(words, alphabet)
            >>> NGram.fit(corpus, alphabet, order=3).next_prob(corpus).sum(2).round(6)[0].tolist()
            [1.0, 1.0, 1.0, 1.0, 0.0]
        """
        text = Text.of(corpus, self.alphabet, _starts(self.order))
        size = self.alphabet.size
        prob = np.full((len(text.symbols), size), 1 / size)
        contexts = np.zeros_like(text.symbols)
        for level in self._levels:
            prob = level.prob_of_all(contexts, prob)
            contexts = text.contexts(level.grams.find(contexts, text.symbols))
        found = np.zeros((*corpus.inside.shape, size))
        found[corpus.inside] = prob[text.predicted]
        return found

    def log_prob(self, corpus: Corpus) -> Floats:
        """Return log P(x) in nats, [N]."""
        total: Floats = self.symbol_log_prob(corpus).sum(1)
        return total

    def sample(self, n: int, random: np.random.Generator, max_length: int) -> NDArray[np.int32]:
        """Draw n words, symbol by symbol, none of them empty.

        Args:
            n: how many.
            random: the source of noise.
            max_length: words are cut after this many characters, then without an end symbol.

        Returns:
            [n, T] symbols with T ≤ max_length + 1, filled up with `alphabet.pad`.
        """
        symbols = np.full((n, max_length + 1), self.alphabet.pad, dtype=np.int32)
        active = np.arange(n)
        contexts = [np.zeros(n, dtype=np.int64)]
        for level in self._levels:  # at each order, nothing but start symbols
            contexts.append(level.grams.find(contexts[-1], np.full(n, self.alphabet.start)))
        length = 0
        while len(active) and length <= max_length:
            drawn, ids = self._draw(contexts, random, may_end=length > 0)
            going = drawn != END
            if length == max_length:
                drawn[going] = self.alphabet.pad
            symbols[active, length] = drawn
            active = active[going]
            contexts = [contexts[0][going], *(each[going] for each in ids)]
            length += 1
        return symbols[:, :length]

    def _draw(
        self, contexts: list[Ids], random: np.random.Generator, may_end: bool
    ) -> tuple[Ids, list[Ids]]:
        """Draw the next symbol of each of A words.

        Args:
            contexts: for each order, [A] the number of what is before the symbol.
            random: the source of noise.
            may_end: whether the end symbol may be drawn.

        Returns:
            The symbols, and for each order the number of the n-gram that ends with the symbol.
        """
        prob = np.full((len(contexts[0]), self.alphabet.size), 1 / self.alphabet.size)
        for level, before in zip(self._levels, contexts, strict=False):
            prob = level.prob_of_all(before, prob)
        if not may_end:
            prob[:, END] = 0
        reached = np.cumsum(prob, axis=1)
        drawn = (reached < random.random((len(prob), 1)) * reached[:, -1:]).sum(1)
        pairs = zip(self._levels, contexts, strict=False)
        return drawn, [level.grams.find(before, drawn) for level, before in pairs]


def choose_order(
    train: Corpus,
    dev: Corpus,
    alphabet: Alphabet,
    orders: Iterable[int],
    weights: Floats | None = None,
) -> tuple[NGram, dict[int, float]]:
    """Return the n-gram of the order that is best on dev, and the dev NLL by order.

    N-grams are counted once: two orders differ in their highest level only, which counts
    occurrences where a level below counts continuations. Of equally good orders the lowest is
    taken.

    Args:
        train: the words to count.
        dev: the words to choose by.
        alphabet: by which both are encoded.
        orders: the orders to try.
        weights: how much each word to count counts, [N], if not all count the same; dev words do.

    Returns:
        The n-gram, and nats per word for each order, from the lowest to the highest.

    Raises:
        ValueError: no orders, or one below one.

    Examples:
        >>> words = ["sol", "sal", "luna", "lona", "lana", "sola"]
        >>> alphabet = Alphabet.from_words(words)
        >>> train, dev = (Corpus.from_words(part, alphabet) for part in (words[:4], words[4:]))
        >>> ngram, dev_nll = choose_order(train, dev, alphabet, [1, 2, 3])
        >>> dev_nll[ngram.order] == min(dev_nll.values())
        True
    """
    tried = sorted(set(orders))
    _refuse_below_one(tried)
    starts = _starts(tried[-1])  # more than a lower order needs change nothing
    counted = count_ngrams(Text.of(train, alphabet, starts), alphabet, tried[-1], weights)
    text = Text.of(dev, alphabet, starts)
    prob = _uniform(text, alphabet)
    contexts = np.zeros_like(text.symbols)
    nll: dict[int, float] = {}
    lower: list[Level] = []
    best: list[Level] = []
    lowest = np.inf
    for order in range(1, tried[-1] + 1):
        ids = counted[order - 1].find(contexts, text.symbols)
        if order in tried:
            highest = _highest_level(counted, order)
            log_prob = np.log(highest.prob(contexts, ids, prob)[text.predicted])
            nll[order] = -float(log_prob.sum()) / len(dev)
            if nll[order] < lowest:
                lowest, best = nll[order], [*lower, highest]
        if order < tried[-1]:
            lower.append(_lower_level(counted, order))
            prob = lower[-1].prob(contexts, ids, prob)
            contexts = text.contexts(ids)
    return NGram(alphabet, best), nll


def _highest_level(counted: list[Grams], order: int) -> Level:
    grams = counted[order - 1]
    return smooth(grams, grams.count, _contexts(counted, order), grams.weight)


def _lower_level(counted: list[Grams], order: int) -> Level:
    grams = counted[order - 1]
    assert grams.continuation is not None  # an order above this one was counted
    return smooth(grams, grams.continuation, _contexts(counted, order))


def _contexts(counted: list[Grams], order: int) -> int:
    """Return how many contexts n-grams of `order` can have: of order 1, the empty one."""
    return len(counted[order - 2].count) if order > 1 else 1


def _starts(order: int) -> int:
    return max(1, order - 1)


def _uniform(text: Text, alphabet: Alphabet) -> Floats:
    return np.full(len(text.symbols), 1 / alphabet.size)


def _refuse_below_one(orders: list[int]) -> None:
    if not orders or orders[0] < 1:
        raise ValueError(f"expected orders of at least 1, found {orders}")
