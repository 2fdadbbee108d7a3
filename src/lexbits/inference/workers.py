"""Threads that each work on codes of their own.

The steps of an enumeration are many and small: threads that share each of them wait for one another
most of the time, threads that each take other codes never do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from lexbits.inference.trie import Trie, log_likelihood
from lexbits.model import Decoder


class Workers:
    """Threads that evaluate the codes of a chunk side by side.

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


@contextmanager
def workers(device: torch.device) -> Iterator[Workers]:
    """Yield as many workers as torch has threads, of one thread each; one beside a CPU."""
    threads = torch.get_num_threads()
    count = threads if device.type == "cpu" else 1
    with ThreadPoolExecutor(count, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            yield Workers(pool, count)
        finally:
            torch.set_num_threads(threads)
