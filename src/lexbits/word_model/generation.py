"""Words from bits."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from lexbits import arguments
from lexbits.bits import format_code
from lexbits.data import forms_of
from lexbits.data.corpus import Corpus
from lexbits.decoding import (
    Method,
)
from lexbits.decoding import decode as decode_bits
from lexbits.errors import UsageError
from lexbits.likelihood import score_words
from lexbits.measures.percentiles import Percentiles
from lexbits.model import ROWS_AT_ONCE
from lexbits.randomness import word_keys
from lexbits.word_model.records import Records
from lexbits.word_model.results import Sample
from lexbits.word_model.trained import Trained, own_modes
from lexbits.word_model.wishes import (
    how_to_decode,
)

SCORE_SAMPLES = 100
"""As in `score`."""


class Generates(Trained):
    """What bits decode to, and how probable it is."""

    @own_modes()
    def decode(
        self,
        codes: Iterable[str],
        *,
        decode: Method = "greedy",
        temperature: float = 1.0,
        score: bool = False,
        seed: int | None = None,
    ) -> Records[Sample]:
        """Decode each code, such as "0110", to a word.

        Args:
            codes: the codes, of one character 0 or 1 for each bit.
            decode: "greedy", "sample" or "beam" (of width 8).
            temperature: as in `sample`.
            score: also return how probable the words are, which takes longer.
            seed: makes the result of "sample" repeatable.

        Raises:
            UsageError: a code of another length or with other characters, or a model without bits;
                or another argument of the wrong kind or out of bounds.

        Example:
            >>> print(*model.decode(["0" * model.settings.bits]))
        """
        self._require_bits()
        listed = arguments.listed(codes, "codes")
        if not listed:
            raise UsageError("expected codes, found none")
        method, temperature, seed = how_to_decode(decode, temperature, seed)
        z = torch.stack([self._parse(code, f"codes[{i}]") for i, code in enumerate(listed)])
        keys = _keys_of_codes(listed, seed)
        limit = self.settings.max_length + 1  # the end symbol too
        decoded = decode_bits(self.network.decoder, z, limit, method, temperature, keys)
        words = decoded.spell(self.alphabet, self.settings.max_length)
        found = self._as_samples(z, words, decoded.ended.tolist())
        return Records(self._scored(found)) if arguments.flag(score, "score") else found

    @cached_property
    def _percentiles(self) -> Percentiles | None:
        """Percentiles among the test words, or dev words where there are none; None without any."""
        if self._held_out_scores:
            return Percentiles(self.network, self.alphabet, scored=self._held_out_scores)
        for name in ("test", "dev"):
            entries = self.words.splits.get(name, ())
            words = [form for form in forms_of(entries) if self.words[form] == name]
            if words:
                return Percentiles(self.network, self.alphabet, words)
        return None

    def _scored(self, samples: Sequence[Sample]) -> list[Sample]:
        """Return the samples with what is asked for by `score`."""
        if not samples:
            return []
        corpus = Corpus.from_words([sample.word for sample in samples], self.alphabet)
        log_probs = score_words(self.network, corpus, SCORE_SAMPLES).log_prob.tolist()
        return [
            replace(
                sample,
                log_prob=log_prob,
                bits_per_character=-log_prob / math.log(2) / len(sample.word),
                percentile=self._percentiles.of(len(sample.word), log_prob)
                if self._percentiles
                else None,
            )
            for sample, log_prob in zip(samples, log_probs, strict=True)
        ]

    def _as_samples(
        self, z: Tensor, words: Sequence[str], ended: Sequence[bool]
    ) -> Records[Sample]:
        rows = zip(words, z, self._log_likelihood(words, z), ended, strict=True)
        return Records(
            Sample(word, format_code(bits), value, complete, self.words.status(word))
            for word, bits, value, complete in rows
        )

    def _log_likelihood(self, words: Sequence[str], z: Tensor) -> list[float]:
        """Return log P(x|z) of each word, its end counted, under its own row of z [N, K]."""
        corpus = Corpus.from_words(words, self.alphabet)
        found: list[float] = []
        at_once = self.network.decoder.pairs_at_once(ROWS_AT_ONCE)
        for indices in np.split(np.arange(len(z)), range(at_once, len(z), at_once)):
            symbols = self.network.words(corpus, indices)
            rows = z[indices[0] : indices[-1] + 1]
            found += self.network.decoder.log_prob(symbols, rows[None])[0].tolist()
        return found


def _keys_of_codes(codes: Sequence[str], seed: int) -> Tensor:
    """Return a key for each code, [N]: by the code, and by how often it has occurred before."""
    before: Counter[str] = Counter()
    symbols = []
    for code in codes:
        symbols.append([*map(int, code), before[code]])
        before[code] += 1
    rows = np.array(symbols, dtype=np.int32)
    return word_keys(Corpus.from_rows(rows, np.full(len(rows), rows.shape[1])), seed, "decode")
