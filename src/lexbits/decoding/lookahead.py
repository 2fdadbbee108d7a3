"""How probable it is that a beginning of a word goes on to meet constraints: a guess, by counting.

A decoder says how probable the next symbol is, not whether "-mente" will follow some time. A small
n-gram of the words that the model generates can say that for each state of an automaton, exactly
for itself, backwards from the longest length. Whoever draws by such a guess weighs what it draws,
so a bad guess costs samples and no truth. Looking ahead in this way is due to Zhang, Dang, Peng and
Van den Broeck (2023), Tractable control for autoregressive language generation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import END, UNKNOWN
from lexbits.decoding.automaton import DEAD, Automaton

Floats = NDArray[np.float64]

MOST_ENTRIES = 4_000_000
"""Of states, contexts and symbols: the context is as long as that allows, two symbols at most."""

LONGEST_CONTEXT = 2


@dataclass(frozen=True)
class Pattern:
    """What words are drawn: those that an automaton accepts, of some lengths.

    Attributes:
        automaton: says which.
        shortest: the fewest symbols, the end not counted; at least 1.
        longest: the most.
    """

    automaton: Automaton
    shortest: int
    longest: int


class Lookahead:
    """Σ over all ways to go on that a pattern accepts of their probability under an n-gram.

    Attributes:
        value: [L + 1, N, C] that sum after each number of symbols, in each state of the automaton
            and after each context.
        contexts: C.
        start: the context before the first symbol.

    Args:
        pattern: what is to be met.
        words: symbols [M, T] of words to count, END from their end on.
        size: V.
    """

    def __init__(self, pattern: Pattern, words: NDArray[np.int64], size: int) -> None:
        self.pattern = pattern
        self.size = size
        states = len(pattern.automaton.next)
        self.length = max(
            n
            for n in range(LONGEST_CONTEXT + 1)
            if n == 0 or states * (size + 1) ** n * size <= MOST_ENTRIES
        )
        self.contexts = (size + 1) ** self.length
        self.start = self.contexts - 1  # of start symbols alone, which stand for V here
        self.value = self._backwards(self._counted(words))

    def follow(self, context: NDArray[np.int64], symbol: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the contexts after one symbol more; both broadcast."""
        found: NDArray[np.int64] = (context * (self.size + 1) + symbol) % self.contexts
        return found

    def after(self, position: int, state: NDArray[np.int64], context: NDArray[np.int64]) -> Floats:
        """Return the value after each next symbol, [A, V], in states [A] and contexts [A].

        `position` symbols have been read before it. Of the end of a word the value is 1 where the
        pattern accepts it, else 0.
        """
        following = self.pattern.automaton.next[state]
        contexts = self.follow(context[:, None], np.arange(self.size))
        if position < self.pattern.longest:
            value = np.where(following == DEAD, 0.0, self.value[position + 1][following, contexts])
        else:
            value = np.zeros(following.shape)
        value[:, UNKNOWN] = 0
        value[:, END] = self._may_end(position)[state]
        return value

    def _may_end(self, position: int) -> NDArray[np.bool_]:
        reached = self.pattern.shortest <= position <= self.pattern.longest
        return self.pattern.automaton.accepts & reached

    def _backwards(self, prob: Floats) -> Floats:
        """Return the values [L + 1, N, C], given P(symbol | state, context), [N, C, V]."""
        automaton, longest = self.pattern.automaton, self.pattern.longest
        value = np.zeros((longest + 1, *prob.shape[:2]))
        contexts = self.follow(np.arange(self.contexts)[:, None], np.arange(self.size))
        for position in range(longest, -1, -1):
            value[position] = self._may_end(position)[:, None] * prob[..., END]
            if position == longest:
                continue
            for symbol in range(UNKNOWN + 1, self.size):
                alive = automaton.next[:, symbol] != DEAD
                following = automaton.next[alive, symbol]
                ahead = value[position + 1][following][:, contexts[:, symbol]]
                value[position, alive] += prob[alive, :, symbol] * ahead
        return value

    def _counted(self, words: NDArray[np.int64]) -> Floats:
        """Return P(symbol | state, context), [N, C, V], from counts.

        The state tells more than the context of how a part that is asked for goes on.
        """
        automaton = self.pattern.automaton
        states = np.zeros(words.shape, np.int64)
        for position in range(1, words.shape[1]):
            before = states[:, position - 1]
            after = automaton.next[before, words[:, position - 1]]
            states[:, position] = np.where(before == DEAD, DEAD, after)
        inside = np.cumsum(words == END, axis=1) - (words == END) == 0  # the end is the last one
        prob = np.full((1, self.size), 1 / self.size)
        for length in range(self.length + 1):
            contexts = self._contexts(words, length)
            # Contexts that differ in their first symbol only stand (V + 1)^(length − 1) apart.
            shorter = np.tile(prob, (self.size + 1 if length else 1, 1))
            prob = _smoothed(contexts[inside], words[inside], shorter)
        alive = inside & (states != DEAD)
        contexts += states * self.contexts
        states_in_all = len(automaton.next)
        prob = _smoothed(contexts[alive], words[alive], np.tile(prob, (states_in_all, 1)))
        return prob.reshape(states_in_all, self.contexts, self.size)

    def _contexts(self, words: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """Return the number of the `length` symbols before each symbol, [M, T]."""
        padded = np.pad(words, ((0, 0), (length, 0)), constant_values=self.size)
        found = np.zeros_like(words)
        for begin in range(length):
            found = found * (self.size + 1) + padded[:, begin : begin + words.shape[1]]
        return found


def _smoothed(contexts: NDArray[np.int64], symbols: NDArray[np.int64], shorter: Floats) -> Floats:
    """Return P(symbol | context), [C, V], from what occurs, and from what shorter contexts say.

    Interpolated by the number of different symbols that follow a context (Witten and Bell 1991, The
    zero-frequency problem).
    """
    count = np.bincount(contexts * shorter.shape[1] + symbols, minlength=shorter.size)
    count = count.reshape(shorter.shape)
    kinds = (count > 0).sum(1, keepdims=True)
    found: Floats = (count + kinds * shorter) / np.maximum(count.sum(1, keepdims=True) + kinds, 1)
    return np.where(kinds > 0, found, shorter)
