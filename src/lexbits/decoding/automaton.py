"""What a word has to be like, as a deterministic automaton over symbols.

Each constraint is one automaton, and all together are their product. The end of a word is no
transition: a word may end where its state accepts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

DEAD = -1
"""Stands for all states from which no word is accepted any more."""


@dataclass(frozen=True)
class Automaton:
    """N states over V symbols; it starts in state 0.

    Attributes:
        next: [N, V] the state after a symbol, or DEAD.
        accepts: [N] whether a word may end in a state.
    """

    next: NDArray[np.int32]
    accepts: NDArray[np.bool_]

    def run(self, symbols: Sequence[int]) -> bool:
        """Return whether a word of these symbols, its end left out, is accepted."""
        state = 0
        for symbol in symbols:
            state = int(self.next[state, symbol])
            if state == DEAD:
                return False
        return bool(self.accepts[state])


def anything(size: int) -> Automaton:
    """Accept every word over `size` symbols."""
    return Automaton(np.zeros((1, size), np.int32), np.ones(1, bool))


def beginning(start: Sequence[int], size: int) -> Automaton:
    """Accept words over `size` symbols that begin with the symbols `start`."""
    last = len(start)
    following = np.full((last + 1, size), DEAD, np.int32)
    following[range(last), list(start)] = range(1, last + 1)
    following[last] = last
    return Automaton(following, np.arange(last + 1) == last)


def ending(end: Sequence[int], size: int) -> Automaton:
    """Accept words that end with the symbols `end`."""
    following, depth, _ = _matcher([end], size)
    return Automaton(following, depth == len(end))


def containing(part: Sequence[int], size: int) -> Automaton:
    """Accept words that have the symbols `part` somewhere, one after another."""
    following, _, found = _matcher([part], size)
    following[found] = np.nonzero(found)[0][:, None]
    return Automaton(following, found)


def without(parts: Collection[Sequence[int]], size: int) -> Automaton:
    """Accept words that have none of these sequences of symbols anywhere."""
    following, _, found = _matcher(parts, size)
    following[found[following]] = DEAD
    return Automaton(following, ~found)


def made_of(symbols: Collection[int], size: int) -> Automaton:
    """Accept words that have no other symbols than these."""
    following = np.full((1, size), DEAD, np.int32)
    following[0, list(symbols)] = 0
    return Automaton(following, np.ones(1, bool))


def both(first: Automaton, second: Automaton) -> Automaton:
    """Accept the words that both accept; its states are those pairs that can be reached."""
    width = len(second.next)
    seen = np.full(len(first.next) * width, DEAD, np.int32)
    seen[0] = 0
    pairs = frontier = np.zeros(1, np.int64)
    rows = []
    while len(frontier):
        one, other = (
            automaton.next[states].astype(np.int64)
            for automaton, states in zip((first, second), np.divmod(frontier, width), strict=True)
        )
        reached = np.where((one == DEAD) | (other == DEAD), DEAD, one * width + other)
        rows.append(reached)
        found = np.unique(reached[reached != DEAD])
        frontier = found[seen[found] == DEAD]
        seen[frontier] = np.arange(len(pairs), len(pairs) + len(frontier))
        pairs = np.concatenate([pairs, frontier])
    reached = np.concatenate(rows)
    following = np.where(reached == DEAD, DEAD, seen[reached])
    return Automaton(following, first.accepts[pairs // width] & second.accepts[pairs % width])


def all_of(automata: Sequence[Automaton], size: int) -> Automaton:
    """Accept the words over `size` symbols that all automata accept."""
    return reduce(both, automata, anything(size))


def _matcher(
    parts: Collection[Sequence[int]], size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.bool_]]:
    """Return an automaton that knows the longest beginning of a part that it has just read.

    Reference: Aho and Corasick (1975), Efficient string matching.

    Returns:
        Its transitions [N, V], how many symbols each state has read of a part [N], and whether a
        part has just been read whole [N].
    """
    children: list[dict[int, int]] = [{}]
    depth, whole = [0], [False]
    for part in parts:
        state = 0
        for symbol in part:
            if symbol not in children[state]:
                children[state][symbol] = len(children)
                children.append({})
                depth.append(depth[state] + 1)
                whole.append(False)
            state = children[state][symbol]
        whole[state] = True
    following = np.zeros((len(children), size), np.int32)
    shorter = [0] * len(children)  # the state of the longest proper end that begins a part
    queue = deque([0])
    while queue:
        state = queue.popleft()
        if state:
            following[state] = following[shorter[state]]
            whole[state] = whole[state] or whole[shorter[state]]
        for symbol, child in children[state].items():
            shorter[child] = int(following[state, symbol])
            following[state, symbol] = child
            queue.append(child)
    return following, np.array(depth, np.int32), np.array(whole)
