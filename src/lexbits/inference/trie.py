"""log p(x|z) of many words for many codes, each distinct prefix of the words read once a code.

Words are the paths of a trie whose levels are the prefixes of one length. A level takes one step
of the decoder for all its prefixes and all codes; what a word costs is then only what it does not
share with others: 23,229 Spanish words have 95,000 prefixes in place of 247,000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.alphabet import END
from lexbits.data.corpus import Corpus
from lexbits.model import Decoder, stepper


@dataclass(frozen=True)
class Level:
    """The P prefixes of one length and the E ways in which words go on from there.

    Attributes:
        width: P.
        parents: [E] the prefix that each way leaves from.
        symbols: [E] the symbol it goes by.
        going: [P'] the ways that lead to a prefix of the next level, in the order of that level.
        ending: the ways that end a word, by END.
    """

    width: int
    parents: Tensor
    symbols: Tensor
    going: Tensor
    ending: Tensor


@dataclass(frozen=True)
class Trie:
    """The prefixes of N words, level by level from the empty prefix on.

    Attributes:
        levels: the prefixes of 0, 1, 2, ... symbols.
        ends: [N] which of all `ending` ways, counted through the levels, each word takes.
    """

    levels: tuple[Level, ...]
    ends: Tensor

    @property
    def prefixes(self) -> int:
        """The number of distinct prefixes, the empty one and whole words counted."""
        return sum(level.width for level in self.levels)

    @property
    def width(self) -> int:
        """The largest number of prefixes of one length; at most the number of words."""
        return max(level.width for level in self.levels)


def alphabetical_blocks(corpus: Corpus, size: int) -> list[NDArray[np.int64]]:
    """Cut all words into blocks of `size` neighbours in the order of their symbols.

    Neighbours share their prefixes, so blocks have together hardly more prefixes than all words.
    """
    order = np.lexsort(corpus.symbols.T[::-1])
    return [order[i : i + size] for i in range(0, len(order), size)]


def part_of(corpus: Corpus, indices: NDArray[np.int64]) -> Corpus:
    """Return the chosen words as a corpus of their own, no wider than the longest of them."""
    return Corpus(corpus.batch(indices), corpus.lengths[indices])


def build_trie(corpus: Corpus, device: torch.device) -> Trie:
    """Return the trie of all words of `corpus`, its tensors on `device`; equal words share all."""
    order = np.lexsort(corpus.symbols.T[::-1])
    rows, lengths = corpus.symbols[order], corpus.lengths[order]
    # Sorted, words of one prefix are neighbours: a word opens a new prefix of t + 1 symbols
    # where it differs from its predecessor in one of them.
    opens = np.ones(rows.shape, dtype=bool)
    opens[1:] = np.logical_or.accumulate(rows[1:] != rows[:-1], axis=1)
    ends = np.empty(len(rows), dtype=np.int64)
    prefix_of = np.zeros(len(rows), dtype=np.int64)
    levels: list[Level] = []
    width, ended = 1, 0

    def tensor(values: NDArray[np.integer]) -> Tensor:
        return torch.from_numpy(values.astype(np.int64)).to(device)

    for t in range(rows.shape[1]):
        alive = np.flatnonzero(lengths > t)
        way_of = np.cumsum(opens[alive, t]) - 1
        first = alive[opens[alive, t]]
        symbols, is_end = rows[first, t], rows[first, t] == END
        going = np.flatnonzero(~is_end)
        levels.append(
            Level(
                width,
                parents=tensor(prefix_of[first]),
                symbols=tensor(symbols),
                going=tensor(going),
                ending=tensor(np.flatnonzero(is_end)),
            )
        )
        ends[alive] = (ended + np.cumsum(is_end) - 1)[way_of]  # the last of them is the right one
        prefix_of[alive] = (np.cumsum(~is_end) - 1)[way_of]
        width, ended = len(going), ended + int(is_end.sum())
    in_corpus_order = np.empty_like(ends)
    in_corpus_order[order] = ends
    return Trie(tuple(levels), tensor(in_corpus_order))


@torch.inference_mode()
def log_likelihood(decoder: Decoder, trie: Trie, z: Tensor) -> Tensor:
    """Return log p(x|z) in nats, [C, N] in float64, for codes z [C, K] and the N words of `trie`.

    The same as `decoder.log_prob`: the unknown symbol is one like others. Holds C times the width
    of the trie rows of the decoder.
    """
    codes = len(z)
    code = torch.arange(codes, device=z.device)[:, None]
    prefixes = stepper(decoder, z)
    symbols, parents = torch.full((codes,), decoder.start_symbol, device=z.device), code[:, 0]
    # Log-probabilities of prefixes, [C, P]. Their sums are kept in double, for little is added up.
    prefix = torch.zeros((codes, 1), dtype=torch.float64, device=z.device)
    ended = []
    for level in trie.levels:
        log_probs = torch.log_softmax(prefixes.step(symbols, parents), -1)
        ways = level.parents * log_probs.shape[-1] + level.symbols
        step = log_probs.view(codes, -1).index_select(1, ways)
        way = prefix.index_select(1, level.parents) + step
        ended.append(way.index_select(1, level.ending))
        if len(level.going) == 0:
            break
        prefix = way.index_select(1, level.going)
        symbols = level.symbols[level.going].repeat(codes)
        parents = (code * level.width + level.parents[level.going]).flatten()
    return torch.cat(ended, 1).index_select(1, trie.ends)
