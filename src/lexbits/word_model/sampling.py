"""Words made to order: from the prior, given constraints, near a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from typing import Literal, get_args

import torch
from torch import Tensor

from lexbits import arguments
from lexbits.bits import keyed_samples
from lexbits.data.corpus import Corpus
from lexbits.data.given import clean_word
from lexbits.decoding import (
    Constraints,
    Method,
    Pattern,
    draw_codes,
    draw_constrained,
    draw_words,
)
from lexbits.errors import UsageError, warn
from lexbits.likelihood.exact import Progress
from lexbits.randomness import number_keys, uniform, word_keys
from lexbits.word_model.generation import Generates
from lexbits.word_model.records import Records
from lexbits.word_model.results import Sample
from lexbits.word_model.selection import Selection
from lexbits.word_model.trained import own_modes
from lexbits.word_model.wishes import (
    constraints_of,
    how_to_decode,
    percentile_limits,
    reasons_to_leave_out,
    share,
)

TRIES_PER_WORD = 200
"""Words that are generated for each that is wanted, before fewer are returned."""

IDLE_TURNS = 20
"""Turns without a new word before fewer are returned, where constraints are met in each turn."""

PLAIN_WORDS = 4096
"""Words that say how rare each of several constraints is."""

NEARNESS = 0.9

Sort = Literal["probability", "word"]


class Samples(Generates):
    """Words drawn from a trained model, of the kind that is wished for."""

    @own_modes()
    def sample(
        self,
        n: int = 10,
        *,
        starts_with: str = "",
        ends_with: str = "",
        contains: str | Iterable[str] = (),
        length: int | tuple[int, int] | None = None,
        letters: str = "",
        forbid: str | Iterable[str] = (),
        like: str | None = None,
        nearness: float | None = None,
        new_only: bool = False,
        exclude: Iterable[str] | Callable[[str], bool] = (),
        percentile: tuple[float, float] | None = None,
        unique: bool = False,
        sort: Sort | None = None,
        score: bool = False,
        decode: Method = "sample",
        temperature: float = 1.0,
        code: str | None = None,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> Records[Sample]:
        """Generate words: z from the prior (or the given code), then x from P(x|z).

        With constraints on symbols, from `starts_with` to `forbid`, words are drawn from
        P(z, x | x meets them all), so rare constraints take no longer than common ones. The
        arguments from `new_only` to `unique` leave words out: if 200 n tries do not give n words,
        fewer are returned, with a warning that says why.

        Args:
            n: how many words.
            starts_with: their first characters.
            ends_with: their last characters.
            contains: a sequence of characters that they contain, or several.
            length: their number of characters, or the least and the most.
            letters: the only characters they may have.
            forbid: a sequence of characters that they do not contain, or several.
            like: a word; each bit is that of a draw from its posterior, or with the probability
                1 − `nearness` from the prior. The word itself is left out.
            nearness: the share of bits from its posterior, from 0 to 1; 0.9 if not given.
            new_only: leave out words of the model's data, and repetitions. Its data are its splits
                and, where it is available, the list that they are a sample of; `words.meaning()`
                says which.
            exclude: words to leave out, or a function that says whether a word is one of them.
            percentile: the least and the most percentile of the words, as in `Sample.percentile`.
            unique: leave out repetitions.
            sort: by "probability", the most probable first, or by "word".
            score: also return how probable the words are, which takes longer.
            decode: "sample", "greedy" or "beam" (of width 8).
            temperature: below 1 sharpens, above 1 flattens each step of "sample".
            code: bits to decode instead of samples from the prior.
            seed: makes the result repeatable; a larger n then begins with the same words, before
                they are sorted.
            progress: called with (found, n) on the way.

        Raises:
            UsageError: an argument of the wrong kind or out of bounds; constraints that no word of
                the model's characters can meet, or that do not go together.

        Example:
            >>> for word in model.sample(3, ends_with="a", length=(2, 8), seed=1):
            ...     print(word, word.status, word.log_prob_given_code)
        """
        n = arguments.whole(n, "the number of words", 1)
        arguments.function(progress, "progress")
        like = None if like is None else clean_word(like, "like")
        method, temperature, seed = how_to_decode(decode, temperature, seed)
        constraints = constraints_of(starts_with, ends_with, contains, length, letters, forbid)
        limits = percentile_limits(percentile)
        new_only, unique = arguments.flag(new_only, "new_only"), arguments.flag(unique, "unique")
        order = None if sort is None else arguments.choice(sort, "sort", get_args(Sort))
        if limits and self._percentiles is None:
            raise UsageError("percentile: this model has no held-out words to compare with")
        pattern = constraints.pattern(self.alphabet, self.settings.max_length)
        if unseen := self.alphabet.unseen(constraints.letters):
            hint = "; each letter is written, as there are no ranges" if "-" in unseen else ""
            warn(f"letters: the model has never seen {', '.join(map(repr, unseen))}{hint}")
        codes = self._source_of_codes(code, like, nearness, seed)
        if constraints:
            if method != "sample":
                raise UsageError(f"constraints go with decode 'sample' only, found {method!r}")
            drawn = self._constrained(pattern, codes, temperature, seed)
        else:
            drawn = self._unconstrained(n, codes, method, temperature, seed)
        reasons = reasons_to_leave_out(new_only, exclude, like)
        selection = Selection(reasons, unique or new_only, limits, self._scored)
        found = _enough(n, drawn, selection, IDLE_TURNS if constraints else None, progress)
        if len(found) < n:
            self._warn_of_few(len(found), n, selection, constraints, method, code is not None)
        wanted = arguments.flag(score, "score") or order == "probability"
        if wanted and not limits:  # which have scored them already
            found = self._scored(found)
        if order:
            found = sorted(found, key=_by_probability if order == "probability" else _by_word)
        return Records(found)

    def _source_of_codes(
        self, code: object, like: str | None, nearness: object, seed: int
    ) -> Callable[[range], Tensor]:
        """Return what returns the codes [N, K] of samples by their numbers."""
        if like is None and nearness is not None:
            raise UsageError("nearness says how near words are to `like`, which is not given")
        if like is not None and code is not None:
            raise UsageError("code and like both say where codes come from: give one of them")
        if code is not None:
            given = self._parse(code, "the code")
            return lambda numbers: given.expand(len(numbers), -1)
        if like is None:
            return partial(draw_codes, self.network, seed=seed)
        self._require_bits()
        if unseen := self.alphabet.unseen(like):
            other = self.alphabet.in_known_case(like)
            warn(
                f"like: {like!r} has characters that the model has never seen ({unseen!r}); each "
                f"counts as the unknown symbol{f'; try {other!r}' if other else ''}"
            )
        kept = share(NEARNESS if nearness is None else nearness, "nearness")
        corpus = Corpus.from_words([like], self.alphabet)
        q, key = self._posterior(corpus), word_keys(corpus, seed, "like").to(self.network.device)

        def near(numbers: range) -> Tensor:
            own = keyed_samples(q, key, len(numbers), numbers.start)[:, 0]
            keys = number_keys(numbers.start, len(numbers), seed, "nearness").to(own.device)
            keeps = uniform(keys, 0, 1, own.shape[1])[0] < kept
            return torch.where(keeps, own, draw_codes(self.network, numbers, seed))

        return near

    def _constrained(
        self, pattern: Pattern, codes: Callable[[range], Tensor], temperature: float, seed: int
    ) -> Iterator[Records[Sample]]:
        for found in draw_constrained(self.network, pattern, seed, temperature, codes):
            words = [self.alphabet.decode(row) for row in found.symbols.tolist()]
            yield self._as_samples(found.codes, words, [True] * len(words))

    def _unconstrained(
        self,
        at_once: int,
        codes: Callable[[range], Tensor],
        method: Method,
        temperature: float,
        seed: int,
    ) -> Iterator[Records[Sample]]:
        for first in count(0, at_once):
            numbers = range(first, first + at_once)
            z, longest = codes(numbers), self.settings.max_length
            _, drawn = draw_words(self.network, numbers, seed, longest, method, temperature, z)
            yield self._as_samples(z, drawn.spell(self.alphabet, longest), drawn.ended.tolist())

    def _warn_of_few(
        self,
        found: int,
        wanted: int,
        selection: Selection,
        constraints: Constraints,
        method: Method,
        one_code: bool,
    ) -> None:
        """Say why fewer words were found than were wanted, and what to change."""
        said = [f"only {found} of {wanted} words were found", selection.report()]
        if constraints:
            met = constraints.met_by(self._plain_words(), self.alphabet)
            counts = ", ".join(f"{count:,} meet {name}" for name, count in met.items())
            said.append(f"of {PLAIN_WORDS:,} generated without constraints {counts}")
        elif method != "sample" or one_code:
            alone = " with a single code" if one_code else ""
            said.append(
                f"what limits them is decode {method}{alone}: try decode sample or a higher "
                "temperature"
            )
        warn("; ".join(filter(None, said)))

    def _plain_words(self) -> list[str]:
        longest = self.settings.max_length
        _, drawn = draw_words(self.network, range(PLAIN_WORDS), 0, longest)
        return drawn.spell(self.alphabet, longest)


def _enough(
    n: int,
    drawn: Iterator[Records[Sample]],
    selection: Selection,
    idle_turns: int | None,
    progress: Progress | None,
) -> list[Sample]:
    """Return n of the words that are kept, or fewer if it takes too many tries."""
    found: list[Sample] = []
    idle = 0
    for turn, samples in enumerate(drawn, 1):
        kept = selection.keep(samples)
        found += kept
        if progress:
            progress(min(n, len(found)), n)
        idle = 0 if kept else idle + 1
        tried = turn >= TRIES_PER_WORD or selection.seen >= TRIES_PER_WORD * n
        if len(found) >= n or tried or idle == idle_turns:
            break
    return found[:n]


def _by_probability(sample: Sample) -> float:
    return -(sample.log_prob or 0.0)


def _by_word(sample: Sample) -> tuple[str, str]:
    return sample.word.casefold(), sample.word
