"""Words from bits and bits from words."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor

from lexbits.bits import format_code
from lexbits.bits.paths import bit_path, mean_path
from lexbits.data.corpus import Corpus
from lexbits.decoding import Decoded, Method
from lexbits.decoding import decode as decode_bits
from lexbits.measures.code_search import searched_codes
from lexbits.objective import rate
from lexbits.results import Encoding, PathPoint, Reconstruction, Sample
from lexbits.training.randomness import seeded_torch
from lexbits.word_model.trained import Trained, at_least

TRIES_PER_NEW_WORD = 200

CODES_AT_ONCE = 1024
"""Codes that are decoded together: bounds the memory."""


class Generates(Trained):
    """What a trained model makes of words and codes."""

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
                back if 200 n tries do not give n.
            seed: makes the result repeatable.
        """
        at_least(1, n, "the number of words")
        found: dict[str, Sample] = {}
        with seeded_torch(secrets.randbits(32) if seed is None else seed, "sample"):
            if not new_only:
                return self._samples(n, decode, temperature, code)
            for _ in range(TRIES_PER_NEW_WORD):
                for sample in self._samples(n, decode, temperature, code):
                    if sample.status == "new" and sample.ended and sample.word:
                        found.setdefault(sample.word, sample)
                if len(found) >= n:
                    break
        return list(found.values())[:n]

    def _samples(
        self, n: int, decode: Method, temperature: float, code: str | None
    ) -> list[Sample]:
        z = self.network.prior().sample(n) if code is None else self._parse(code).expand(n, -1)
        return self._decoded(z, decode, temperature)

    def decode(
        self,
        codes: Sequence[str],
        *,
        decode: Method = "greedy",
        temperature: float = 1.0,
        seed: int | None = None,
    ) -> list[Sample]:
        """Decode each code, such as "0110", to a word.

        Raises:
            UsageError: a code of another length or with other characters, or a model without bits.
        """
        self._require_bits()
        z = torch.stack([self._parse(code) for code in codes])
        with seeded_torch(secrets.randbits(32) if seed is None else seed, "decode"):
            return self._decoded(z, decode, temperature)

    def encode(self, words: Sequence[str], *, search: bool = False) -> list[Encoding]:
        """Return the posterior of each word, and its code: the mode, or what a search finds.

        Args:
            words: the words.
            search: flip bits of the mode, the best one first, while P(x|z) grows.
        """
        self._require_bits()
        words = self._checked(words)
        q = self._posterior(words)
        with torch.no_grad(), seeded_torch(0, "encode"):
            rates = rate(q, self.network.prior()).tolist()
        codes = self._searched(words) if search else q.mode
        rows = zip(words, codes, q.mean.tolist(), rates, strict=True)
        return [
            Encoding(word, format_code(code), mean, nats, self.alphabet.unseen(word))
            for word, code, mean, nats in rows
        ]

    def reconstruct(
        self, words: Sequence[str], *, samples: int = 3, seed: int = 0, search: bool = False
    ) -> list[Reconstruction]:
        """Decode each word greedily from its posterior's mode, mean and samples.

        With `search`, from the code that `encode` finds with it, too.
        """
        self._require_bits()
        at_least(0, samples, "the number of samples")
        words = self._checked(words)
        q = self._posterior(words)
        with seeded_torch(seed, "reconstruct"):
            z = torch.cat([q.mode[None], q.mean[None], q.sample(samples)])
        if search:
            z = torch.cat([z, self._searched(words)[None]])
        decoded = self._words(self._run_decoder(z.flatten(0, 1), "greedy", 1.0))
        n = len(words)
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
            for i, word in enumerate(words)
        ]

    def interpolate(
        self,
        first: str,
        second: str,
        *,
        steps: int = 5,
        through: Literal["means", "bits"] = "means",
    ) -> list[PathPoint]:
        """Decode points between two words greedily.

        Args:
            first: the word at position 0.
            second: the word at position 1.
            steps: how many points, both ends included.
            through: "means" is the line between the posterior means, which are no bit vectors;
                "bits" flips the bits that differ between the two codes, one after another.
        """
        self._require_bits()
        at_least(2, steps, "the number of steps")
        q = self._posterior(self._checked([first, second]))
        z = (mean_path if through == "means" else bit_path)(q, steps)
        words = self._words(self._run_decoder(z, "greedy", 1.0))
        codes = [format_code((row > 0.5).float()) for row in z]
        return [
            PathPoint(i / (steps - 1), code, word)
            for i, (code, word) in enumerate(zip(codes, words, strict=True))
        ]

    def _searched(self, words: Sequence[str]) -> Tensor:
        found = searched_codes(self.network, Corpus.from_words(words, self.alphabet))
        return found.to(self.network.device)

    def _decoded(self, z: Tensor, decode: Method, temperature: float) -> list[Sample]:
        pieces = self._run_decoder(z, decode, temperature)
        words = self._words(pieces)
        log_prob = torch.cat([piece.log_prob for piece in pieces]).tolist()
        ended = torch.cat([piece.ended for piece in pieces]).tolist()
        return [
            Sample(word, format_code(bits), value, complete, self.words.get(word, "new"))
            for word, bits, value, complete in zip(words, z, log_prob, ended, strict=True)
        ]

    @torch.no_grad()
    def _run_decoder(self, z: Tensor, method: Method, temperature: float) -> list[Decoded]:
        limit = self.settings.max_length + 1  # the end symbol too
        pieces = torch.split(z, CODES_AT_ONCE)
        return [
            decode_bits(self.network.decoder, rows, limit, method, temperature) for rows in pieces
        ]

    def _words(self, pieces: Sequence[Decoded]) -> list[str]:
        return [self.alphabet.decode(row) for piece in pieces for row in piece.symbols.tolist()]
