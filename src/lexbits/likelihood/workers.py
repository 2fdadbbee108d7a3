"""Threads that each read words with codes of their own.

The steps of a trie are many and small: threads that share each of them wait for one another most of
the time, threads that each take other codes never do.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from lexbits.bits import DistinctPairs
from lexbits.data.corpus import Corpus
from lexbits.likelihood.trie import Trie, build_trie, log_likelihood, part_of
from lexbits.model import Decoder

ROWS = 2048
"""Pairs of a code and a prefix in one step of the decoder: bounds the memory.

At hidden size 256 a core takes 4.9 µs a row of one LSTM layer, 0.6 more with half of these rows,
for a level takes its time however narrow it is, and hardly less with twice as many. The fused LSTM
of `Decoder.step` is slower by half at 4096 rows, whose states leave the cache of a core.
"""

PAIRS = 4096
"""Pairs of a word and a code in one trie. They share prefixes, so few of its levels are as wide."""

TIMES_FOR_GPU = 16
"""So many times more rows and pairs keep a GPU busy."""


def times_as_many(device: torch.device) -> int:
    """Return how many times as much as a core of a processor `device` takes at once."""
    return 1 if device.type == "cpu" else TIMES_FOR_GPU


class Workers:
    """Threads that read words side by side.

    Attributes:
        count: how many there are.
    """

    def __init__(self, pool: ThreadPoolExecutor, count: int) -> None:
        self._pool = pool
        self.count = count

    def log_likelihood(self, decoder: Decoder, tries: Sequence[Trie], z: Tensor) -> Tensor:
        """Return log p(x|z) in nats for codes z [C, K] and the words of all tries, [C, N]."""

        def of_codes(part: Tensor) -> Tensor:
            return torch.cat([log_likelihood(decoder, trie, part) for trie in tries], 1)

        return torch.cat(list(self._pool.map(of_codes, z.chunk(self.count))))

    def log_likelihood_of_pairs(
        self, decoder: Decoder, words: Corpus, pairs: DistinctPairs
    ) -> Tensor:
        """Return log p(x|z) in nats of pairs of a word and a code, [P] in float64.

        Each distinct prefix of the words that go with a code is read once, but where a code's words
        fall into two pieces.
        """
        word, code = pairs.word.cpu().numpy(), pairs.code.cpu().numpy()
        most = times_as_many(pairs.codes.device) * decoder.rows_at_once(PAIRS)
        pieces = self.count * math.ceil(len(word) / (self.count * most))  # no worker idles at last
        size = math.ceil(len(word) / pieces)

        def of_pairs(first: int) -> Tensor:
            some_words, roots = word[first : first + size], code[first : first + size]
            codes = pairs.codes[roots[0] : roots[-1] + 1]
            trie = build_trie(part_of(words, some_words), codes.device, roots - roots[0])
            return log_likelihood(decoder, trie, codes)[0]

        return torch.cat(list(self._pool.map(of_pairs, range(0, len(word), size))))


class _Threads:
    """The number of torch's threads, which is one for the whole process.

    Threads of a program may have workers at the same time: the first of them finds the number that
    the program has chosen, and the last one puts it back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._chosen = 1

    def take(self) -> int:
        """Return the number that the program has chosen."""
        with self._lock:
            if self._users == 0:
                self._chosen = torch.get_num_threads()
            self._users += 1
            return self._chosen

    def give_back(self) -> None:
        """Put that number back if nobody else has workers."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                torch.set_num_threads(self._chosen)


_THREADS = _Threads()


@contextmanager
def workers(device: torch.device) -> Iterator[Workers]:
    """Yield as many workers as torch has threads, of one thread each; one beside a CPU."""
    threads = _THREADS.take()
    count = threads if device.type == "cpu" else 1
    try:
        with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            yield Workers(pool, count)
    finally:
        _THREADS.give_back()
