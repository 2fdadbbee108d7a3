"""Words from bits."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import get_args

import numpy as np
import torch
from torch import Tensor

from lexbits import arguments
from lexbits.bits import format_code
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_word
from lexbits.decoding import Decoded, Method, draw_words
from lexbits.decoding import decode as decode_bits
from lexbits.errors import UsageError, warn
from lexbits.model import ROWS_AT_ONCE
from lexbits.randomness import word_keys
from lexbits.word_model.records import Records
from lexbits.word_model.results import Sample
from lexbits.word_model.trained import Trained, own_modes

TRIES_PER_NEW_WORD = 200


class Generates(Trained):
    """What a trained model generates: words from its prior, and from given codes."""

    @own_modes()
    def sample(
        self,
        n: int = 10,
        *,
        decode: Method = "sample",
        temperature: float = 1.0,
        code: str | None = None,
        new_only: bool = False,
        exclude: Iterable[str] | Callable[[str], bool] = (),
        seed: int | None = None,
    ) -> Records[Sample]:
        """Generate words: z from the prior (or the given code), then x from P(x|z).

        Args:
            n: how many words.
            decode: "sample", "greedy" or "beam" (of width 8).
            temperature: below 1 sharpens, above 1 flattens each step of "sample".
            code: bits to decode in place of samples from the prior.
            new_only: leave out words of the model's data, and repetitions. Its data are its splits
                and, where it is available, what they are a sample of: `words.meaning()` says it.
            exclude: words to leave out, or a function that says whether a word is one of them.
                Fewer than n words come back, with a warning, if 200 n tries do not give n.
            seed: makes the result repeatable; a larger n then begins with the same words.

        Raises:
            UsageError: an argument of the wrong kind or out of bounds.

        Example:
            >>> for word in model.sample(3, seed=1):
            ...     print(word, word.status, word.log_likelihood)
        """
        n = arguments.whole(n, "the number of words", 1)
        method, temperature, seed = _how_to_decode(decode, temperature, seed)
        new_only = arguments.flag(new_only, "new_only")
        given = None if code is None else self._parse(code, "the code")
        draw = partial(self._samples, seed=seed, method=method, temperature=temperature, z=given)
        excluded = _excluded(exclude)
        if not new_only and excluded is None:
            return draw(range(n))
        found: Records[Sample] = Records()
        taken: set[str] = set()
        for turn in range(TRIES_PER_NEW_WORD):
            for sample in draw(range(turn * n, (turn + 1) * n)):
                new = sample.status == "new" and sample.ended and sample.word not in taken
                if (new or not new_only) and not (excluded and excluded(sample.word)):
                    found.append(sample)
                    taken.add(sample.word)
            if len(found) >= n:
                break
        if len(found) < n:
            alone = " with a single code" if code else ""
            warn(
                f"only {len(found)} of {n} {'new ' if new_only else ''}words were found; what "
                f"limits them is decode {method}{alone}: try decode sample or a higher temperature"
            )
        return found[:n]

    def _samples(
        self, numbers: range, *, seed: int, method: Method, temperature: float, z: Tensor | None
    ) -> Records[Sample]:
        longest = self.settings.max_length
        codes, drawn = draw_words(self.network, numbers, seed, longest, method, temperature, z)
        return self._as_samples(codes, drawn)

    @own_modes()
    def decode(
        self,
        codes: Iterable[str],
        *,
        decode: Method = "greedy",
        temperature: float = 1.0,
        seed: int | None = None,
    ) -> Records[Sample]:
        """Decode each code, such as "0110", to a word.

        Args:
            codes: the codes, of one character 0 or 1 for each bit.
            decode: "greedy", "sample" or "beam" (of width 8).
            temperature: as in `sample`.
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
        method, temperature, seed = _how_to_decode(decode, temperature, seed)
        z = torch.stack([self._parse(code, f"codes[{i}]") for i, code in enumerate(listed)])
        keys = _keys_of_codes(listed, seed)
        limit = self.settings.max_length + 1  # the end symbol too
        decoded = decode_bits(self.network.decoder, z, limit, method, temperature, keys)
        return self._as_samples(z, decoded)

    def _as_samples(self, z: Tensor, decoded: Decoded) -> Records[Sample]:
        words = decoded.spell(self.alphabet, self.settings.max_length)
        ended = decoded.ended.tolist()
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


def _excluded(exclude: object) -> Callable[[str], bool] | None:
    """Return a function that says whether a word is excluded; None where none is."""
    if callable(exclude):
        return exclude
    listed = arguments.listed(exclude, "the words to exclude")
    words = frozenset(clean_word(word, f"exclude[{i}]") for i, word in enumerate(listed))
    return words.__contains__ if words else None


def _keys_of_codes(codes: Sequence[str], seed: int) -> Tensor:
    """Return a key for each code, [N]: by the code, and by how often it has occurred before."""
    before: Counter[str] = Counter()
    symbols = []
    for code in codes:
        symbols.append([*map(int, code), before[code]])
        before[code] += 1
    rows = np.array(symbols, dtype=np.int32)
    return word_keys(Corpus.from_rows(rows, np.full(len(rows), rows.shape[1])), seed, "decode")


def _how_to_decode(decode: object, temperature: object, seed: object) -> tuple[Method, float, int]:
    """Return the arguments of decoding, checked, with a random seed where none is given."""
    method: Method = arguments.choice(decode, "decode", get_args(Method))  # type: ignore[assignment]
    degree = arguments.number(temperature, "the temperature")
    return method, degree, secrets.randbits(32) if seed is None else arguments.seed(seed)
