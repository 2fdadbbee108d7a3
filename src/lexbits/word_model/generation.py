"""Words from bits and bits from words."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from lexbits import arguments
from lexbits.bits import format_code
from lexbits.bits.paths import bit_path, mean_path
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_word
from lexbits.decoding import Decoded, Method
from lexbits.decoding import decode as decode_bits
from lexbits.errors import UsageError, warn
from lexbits.measures.code_search import searched_codes
from lexbits.objective import rate
from lexbits.results import Encoding, PathPoint, Reconstruction, Sample
from lexbits.training.randomness import seeded_torch
from lexbits.word_model.trained import Trained, own_modes

TRIES_PER_NEW_WORD = 200

CODES_AT_ONCE = 1024
"""Codes that are decoded together: bounds the memory."""

Through = Literal["means", "bits"]


class Generates(Trained):
    """What a trained model makes of words and codes."""

    @own_modes()
    def sample(
        self,
        n: int = 10,
        *,
        decode: Method = "sample",
        temperature: float = 1.0,
        code: str | None = None,
        new_only: bool = False,
        seed: int | None = None,
    ) -> list[Sample]:
        """Generate words: z from the prior (or the given code), then x from P(x|z).

        Args:
            n: how many words.
            decode: "sample", "greedy" or "beam" (of width 8).
            temperature: below 1 sharpens, above 1 flattens each step of "sample".
            code: bits to decode in place of samples from the prior.
            new_only: leave out words of the model's data, and repetitions. Fewer than n words come
                back, with a warning, if 200 n tries do not give n.
            seed: makes the result repeatable.

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
        found: dict[str, Sample] = {}
        with seeded_torch(seed, "sample"):
            if not new_only:
                return self._samples(n, method, temperature, given)
            for _ in range(TRIES_PER_NEW_WORD):
                for sample in self._samples(n, method, temperature, given):
                    if sample.status == "new" and sample.ended and sample.word:
                        found.setdefault(sample.word, sample)
                if len(found) >= n:
                    break
        if len(found) < n:
            alone = " with a single code" if code else ""
            warn(
                f"only {len(found)} of {n} new words were found; what limits them is "
                f"decode {method}{alone}: try decode sample or a higher temperature"
            )
        return list(found.values())[:n]

    def _samples(
        self, n: int, method: Method, temperature: float, code: Tensor | None
    ) -> list[Sample]:
        z = self.network.prior().sample(n) if code is None else code.expand(n, -1)
        return self._decoded(z, method, temperature)

    @own_modes()
    def decode(
        self,
        codes: Iterable[str],
        *,
        decode: Method = "greedy",
        temperature: float = 1.0,
        seed: int | None = None,
    ) -> list[Sample]:
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
        with seeded_torch(seed, "decode"):
            return self._decoded(z, method, temperature)

    @own_modes()
    def encode(
        self, words: Iterable[str], *, search: bool = False, skip_bad: bool = False
    ) -> list[Encoding]:
        """Return the posterior of each word, and its code: the mode, or what a search finds.

        Args:
            words: the words.
            search: flip bits of the mode, the best one first, while P(x|z) grows.
            skip_bad: leave out what is no word, with a warning, rather than refuse all.

        Raises:
            UsageError: a model without bits, no words, or what is no word, with its index.
            DataError: a word with a character that no word can have, with its index.

        Example:
            >>> for encoding in model.encode(["casa"]):
            ...     print(encoding.word, encoding.code, encoding.rate)
        """
        self._require_bits()
        search = arguments.flag(search, "search")
        forms, corpus = self._corpus(words, skip_bad)
        q = self._posterior(corpus)
        with seeded_torch(0, "encode"):
            rates = rate(q, self.network.prior()).tolist()
        codes = self._searched(corpus) if search else q.mode
        rows = zip(forms, codes, q.mean.tolist(), rates, strict=True)
        return [
            Encoding(word, format_code(code), mean, nats, self.alphabet.unseen(word))
            for word, code, mean, nats in rows
        ]

    @own_modes()
    def reconstruct(
        self,
        words: Iterable[str],
        *,
        samples: int = 3,
        seed: int = 0,
        search: bool = False,
        skip_bad: bool = False,
    ) -> list[Reconstruction]:
        """Decode each word greedily from its posterior's mode, mean and samples.

        Args:
            words: the words.
            samples: how many samples of the posterior are decoded; 0 for none.
            seed: of the samples.
            search: decode from the code that `encode` finds with it, too.
            skip_bad: as in `encode`.

        Raises:
            UsageError, DataError: as `encode`; or an argument of the wrong kind or out of bounds.

        Example:
            >>> for rebuilt in model.reconstruct(["casa"]):
            ...     print(rebuilt.word, rebuilt.mode, rebuilt.exact)
        """
        self._require_bits()
        samples = arguments.whole(samples, "the number of samples", 0)
        seed = arguments.seed(seed)
        search = arguments.flag(search, "search")
        forms, corpus = self._corpus(words, skip_bad)
        q = self._posterior(corpus)
        with seeded_torch(seed, "reconstruct"):
            z = torch.cat([q.mode[None], q.mean[None], q.sample(samples)])
        if search:
            z = torch.cat([z, self._searched(corpus)[None]])
        decoded = self._words(self._run_decoder(z.flatten(0, 1), "greedy", 1.0))
        n = len(forms)
        rows = [decoded[i * n : (i + 1) * n] for i in range(len(z))]
        return [
            Reconstruction(
                word=word,
                code=format_code(q.mode[i]),
                mode=rows[0][i],
                mean=rows[1][i],
                samples=[row[i] for row in rows[2 : 2 + samples]],
                exact=rows[0][i] == word,
                searched_code=format_code(z[-1, i]) if search else None,
                searched=rows[-1][i] if search else None,
                unseen=self.alphabet.unseen(word),
            )
            for i, word in enumerate(forms)
        ]

    @own_modes()
    def interpolate(
        self, first: str, second: str, *, steps: int = 5, through: Through = "means"
    ) -> list[PathPoint]:
        """Decode points between two words greedily.

        Args:
            first: the word at position 0.
            second: the word at position 1.
            steps: how many points, both ends included.
            through: "means" is the line between the posterior means, which are no bit vectors;
                "bits" flips the bits that differ between the two codes, one after another.

        Raises:
            UsageError: a model without bits, or an argument of the wrong kind or out of bounds.
            DataError: a word with a character that no word can have.

        Example:
            >>> for point in model.interpolate("casa", "perro"):
            ...     print(point.position, point.code, point.word)
        """
        self._require_bits()
        steps = arguments.whole(steps, "the number of steps", 2)
        path = mean_path if _through(through) == "means" else bit_path
        ends = [clean_word(first, "the first word"), clean_word(second, "the second word")]
        z = path(self._posterior(Corpus.from_words(ends, self.alphabet)), steps)
        words = self._words(self._run_decoder(z, "greedy", 1.0))
        codes = [format_code((row > 0.5).float()) for row in z]
        return [
            PathPoint(i / (steps - 1), code, word)
            for i, (code, word) in enumerate(zip(codes, words, strict=True))
        ]

    def _searched(self, corpus: Corpus) -> Tensor:
        return searched_codes(self.network, corpus).to(self.network.device)

    def _decoded(self, z: Tensor, method: Method, temperature: float) -> list[Sample]:
        pieces = self._run_decoder(z, method, temperature)
        words = self._words(pieces)
        ended = torch.cat([piece.ended for piece in pieces]).tolist()
        rows = zip(words, z, self._log_likelihood(words, z), ended, strict=True)
        return [
            Sample(word, format_code(bits), value, complete, self.words.get(word, "new"))
            for word, bits, value, complete in rows
        ]

    def _log_likelihood(self, words: Sequence[str], z: Tensor) -> list[float]:
        """Return log P(x|z) of each word, its end counted, under its own row of z [N, K]."""
        corpus = Corpus.from_words(words, self.alphabet)
        found: list[float] = []
        for indices in np.split(np.arange(len(z)), range(CODES_AT_ONCE, len(z), CODES_AT_ONCE)):
            symbols = self.network.words(corpus, indices)
            rows = z[indices[0] : indices[-1] + 1]
            found += self.network.decoder.log_prob(symbols, rows[None])[0].tolist()
        return found

    def _run_decoder(self, z: Tensor, method: Method, temperature: float) -> list[Decoded]:
        limit = self.settings.max_length + 1  # the end symbol too
        pieces = torch.split(z, CODES_AT_ONCE)
        decoder = self.network.decoder
        return [decode_bits(decoder, rows, limit, method, temperature) for rows in pieces]

    def _words(self, pieces: Sequence[Decoded]) -> list[str]:
        """Return the words; one that has not ended is cut at the longest length, in characters."""
        longest = self.settings.max_length
        rows = (row for piece in pieces for row in piece.symbols.tolist())
        return [self.alphabet.decode(row[:longest]) for row in rows]


def _how_to_decode(decode: object, temperature: object, seed: object) -> tuple[Method, float, int]:
    """Return the arguments of decoding, checked, with a random seed where none is given."""
    method: Method = arguments.choice(decode, "decode", get_args(Method))  # type: ignore[assignment]
    degree = arguments.number(temperature, "the temperature")
    return method, degree, secrets.randbits(32) if seed is None else arguments.seed(seed)


def _through(found: object) -> str:
    return arguments.choice(found, "through", get_args(Through))
