"""Bits from words, and the words that come back from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import torch
from torch import Tensor

from lexbits import arguments
from lexbits.bits import format_code, keyed_samples
from lexbits.bits.paths import bit_path, mean_path
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_word
from lexbits.decoding import decode as decode_bits
from lexbits.measures.code_search import searched_codes
from lexbits.objective import rate
from lexbits.randomness import word_keys
from lexbits.word_model.records import Records
from lexbits.word_model.results import Encoding, PathPoint, Reconstruction
from lexbits.word_model.trained import Trained, own_modes

WORDS_AT_ONCE = 1024
"""Words whose posteriors are asked together: bounds the memory."""

Through = Literal["means", "bits"]


class Encodes(Trained):
    """What a trained model makes of words: codes, and what these decode to."""

    @own_modes()
    def encode(
        self, words: Iterable[str], *, search: bool = False, skip_bad: bool = False
    ) -> Records[Encoding]:
        """Return the posterior of each word, and its code: the mode, or what a search finds.

        Args:
            words: the words.
            search: flip bits of the mode, the best one first, while P(x|z) grows.
            skip_bad: leave out what is not a word, with a warning, instead of refusing all.

        Raises:
            UsageError: a model without bits, no words, or something that is not a word, with its
                index.
            DataError: a word with a character that no word can have, with its index.

        Example:
            >>> for encoding in model.encode(["casa"]):
            ...     print(encoding.word, encoding.code, encoding.rate)
        """
        self._require_bits()
        search = arguments.flag(search, "search")
        forms, corpus = self._corpus(words, skip_bad)
        parameters = self._posterior(corpus).parameters
        keys = word_keys(corpus, 0, "encode").to(parameters.device)
        searched = self._searched(corpus) if search else None
        found: Records[Encoding] = Records()
        for rows in _pieces(len(forms)):
            q = self.network.posterior_like(parameters[rows])
            codes = q.mode if searched is None else searched[rows]
            rates = rate(q, self.network.prior(), keys[rows])
            columns = (forms[rows], codes, q.mean.tolist(), rates.tolist())
            found += [
                Encoding(word, format_code(code), tuple(mean), nats, self.alphabet.unseen(word))
                for word, code, mean, nats in zip(*columns, strict=True)
            ]
        return found

    @own_modes()
    def reconstruct(
        self,
        words: Iterable[str],
        *,
        samples: int = 3,
        seed: int = 0,
        search: bool = False,
        skip_bad: bool = False,
    ) -> Records[Reconstruction]:
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
        parameters = self._posterior(corpus).parameters
        keys = word_keys(corpus, seed, "reconstruct").to(parameters.device)
        searched = self._searched(corpus) if search else None
        found: Records[Reconstruction] = Records()
        for rows in _pieces(len(forms)):
            q = self.network.posterior_like(parameters[rows])
            z = torch.cat([q.mode[None], q.mean[None], keyed_samples(q, keys[rows], samples)])
            if searched is not None:
                z = torch.cat([z, searched[None, rows]])
            found += self._rebuilt(forms[rows], z, search)
        return found

    def _rebuilt(self, forms: Sequence[str], z: Tensor, searched: bool) -> list[Reconstruction]:
        """Return what z [2 + S, N, K] decodes to: mode, mean and samples, then the searched codes.

        The N words in `forms` have a say in how long it may be: as long as they are.
        """
        longest = [max(self.settings.max_length, len(word)) for word in forms]
        limit = max(longest) + 1
        symbols = decode_bits(self.network.decoder, z.flatten(0, 1), limit, "greedy").symbols
        decoded = [
            [self.alphabet.decode(row[:most]) for row, most in zip(piece, longest, strict=True)]
            for piece in symbols.view(*z.shape[:2], limit).tolist()
        ]
        last = len(z) - searched
        return [
            Reconstruction(
                word=word,
                code=format_code(z[0, i]),
                mode=decoded[0][i],
                mean=decoded[1][i],
                samples=tuple(row[i] for row in decoded[2:last]),
                exact=decoded[0][i] == word,
                searched_code=format_code(z[-1, i]) if searched else None,
                searched=decoded[-1][i] if searched else None,
                unseen=self.alphabet.unseen(word),
            )
            for i, word in enumerate(forms)
        ]

    @own_modes()
    def interpolate(
        self, first: str, second: str, *, steps: int = 5, through: Through = "means"
    ) -> Records[PathPoint]:
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
        longest = self.settings.max_length
        words = decode_bits(self.network.decoder, z, longest + 1, "greedy").spell(
            self.alphabet, longest
        )
        codes = [format_code((row > 0.5).float()) for row in z]
        return Records(
            PathPoint(i / (steps - 1), code, word)
            for i, (code, word) in enumerate(zip(codes, words, strict=True))
        )

    def _searched(self, corpus: Corpus) -> Tensor:
        return searched_codes(self.network, corpus).to(self.network.device)


def _pieces(count: int) -> list[slice]:
    """Return slices that cut `count` words into pieces of bounded size."""
    return [slice(first, first + WORDS_AT_ONCE) for first in range(0, count, WORDS_AT_ONCE)]


def _through(found: object) -> str:
    return arguments.choice(found, "through", get_args(Through))
