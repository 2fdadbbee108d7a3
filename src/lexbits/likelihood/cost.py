"""What an enumeration of all codes would take, said before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from lexbits.accelerators import now
from lexbits.bits import codes_between
from lexbits.data.corpus import Corpus
from lexbits.likelihood.exact import WORDS_AT_ONCE, codes_at_once, refuse_too_many_bits
from lexbits.likelihood.exact_scores import PIECE, words_in_table
from lexbits.likelihood.trie import alphabetical_blocks, build_trie, part_of
from lexbits.likelihood.workers import workers
from lexbits.model import LatentWordModel
from lexbits.results import Result

ARRAYS = 12
"""Arrays of PIECE float64 numbers that scoring a table holds at once, about."""


@dataclass(frozen=True)
class Cost(Result):
    """What an enumeration would take.

    Attributes:
        codes: 2^K.
        prefixes: distinct prefixes of the words, each read once for every code.
        seconds: time in the decoder, by far the most, from the time of one chunk of codes.
        bytes: memory beside the model, roughly.

    Examples:
        >>> corpus = Corpus.from_words(["casa", "caso"], model.alphabet)
        >>> cost = estimate_cost(model.network, corpus)
        >>> cost.codes == 2**model.settings.bits, cost.prefixes  # "", c, ca, cas, casa, caso
        (True, 6)
    """

    codes: int
    prefixes: int
    seconds: float
    bytes: int

    def __str__(self) -> str:
        return (
            f"{self.codes:,} codes × {self.prefixes:,} prefixes: about {self.seconds:.1f} s and "
            f"{self.bytes / 2**20:,.0f} MB"
        )


def estimate_cost(model: LatentWordModel, corpus: Corpus, table: bool = False) -> Cost:
    """Estimate `exact_log_prob`, or with `table` `exact_scores`, whatever their limit.

    Reads one block of words with two chunks of codes, of which the second is timed.

    Raises:
        UsageError: more than 62 bits, whose codes have no number.

    Examples:
        >>> corpus = Corpus.from_words(["casa", "caso"], model.alphabet)
        >>> estimate_cost(model.network, corpus).seconds > 0
        True
    """
    refuse_too_many_bits(model.bits, 62)
    weight = next(model.decoder.parameters())
    size = min(WORDS_AT_ONCE, words_in_table(model)) if table else WORDS_AT_ONCE
    tries = [
        build_trie(part_of(corpus, block), weight.device)
        for block in alphabetical_blocks(corpus, size)
    ]
    prefixes = sum(trie.prefixes for trie in tries)
    widest = max(tries, key=lambda trie: trie.width)
    codes = 2**model.bits
    with workers(weight.device) as team:
        at_once = min(team.count * codes_at_once(model.decoder, tries), codes)
        z = codes_between(model.bits, 0, at_once).to(weight)
        for _ in range(2):  # the first call prepares kernels for the shapes
            begun = now(weight.device)
            team.log_likelihood(model.decoder, [widest], z)
            seconds = now(weight.device) - begun
    memory = len(z) * widest.width * model.decoder.bytes_per_prefix + 8 * codes
    if table:
        words = min(len(corpus), words_in_table(model))
        entries = min(words * codes, max(PIECE, codes))
        memory += words * codes * weight.element_size() + ARRAYS * 8 * entries
    return Cost(
        codes=codes,
        prefixes=prefixes,
        seconds=seconds * prefixes * codes / (len(z) * widest.prefixes),
        bytes=memory,
    )
