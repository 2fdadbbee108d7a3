"""What words a model makes up, beside those of an n-gram and words that neither has seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from lexbits.alphabet import END, Alphabet
from lexbits.data.corpus import Corpus
from lexbits.decoding import draw_words
from lexbits.errors import UsageError
from lexbits.likelihood.importance import Floats
from lexbits.model import ROWS_AT_ONCE, LatentWordModel
from lexbits.ngram import NGram, choose_order
from lexbits.results import Result

SAMPLES = 3000
ORDERS = range(2, 9)

PAIRS = 2**24
"""Pairs of a sample and a training word whose distance is taken: a second or two."""

LEAST_COMPARED = 100
"""Samples whose distances are taken however many training words there are."""


@dataclass(frozen=True)
class WordMetrics(Result):
    """Figures of a list of words; a share or an edit distance is None where it says nothing.

    Attributes:
        words: number of words.
        ended: share that ended within the limit; others are cut there and count as what they are.
        empty: probability of the empty word, which is none and is never drawn.
        unique: number of different words / number of words.
        copies: share that are training words.
        attested: share that are held-out words.
        edit_distance: mean Levenshtein distance to the nearest training word, in characters, of
            the first `SampleQuality.compared` words; a copy has distance 0.
        nll: nats per word under the n-gram of the training words.
        nll_per_symbol: the same per symbol, the end of the word counted.
        held_out_nll: nats per word under the n-gram of held-out words.
        held_out_nll_per_symbol: the same per symbol.
    """

    words: int
    ended: float | None
    empty: float | None
    unique: float | None
    copies: float | None
    attested: float | None
    edit_distance: float
    nll: float
    nll_per_symbol: float
    held_out_nll: float
    held_out_nll_per_symbol: float


@dataclass(frozen=True)
class SampleQuality(Result):
    """A model's samples beside those of an n-gram and held-out words.

    Attributes:
        order: of the n-gram of the training words.
        held_out_order: of the n-gram of held-out words.
        training_words: number of training words.
        held_out_words: number of held-out words that a sample can be attested by.
        compared: how many words of each list the edit distance is of, at most.
        model: metrics of the model's samples.
        ngram: metrics of the samples of the n-gram of the training words. Under its own
            distribution they cost what nobody else's do: the other n-gram is the judge of both.
        held_out: metrics of held-out words that neither n-gram was fitted on.
    """

    order: int
    held_out_order: int
    training_words: int
    held_out_words: int
    compared: int
    model: WordMetrics
    ngram: WordMetrics
    held_out: WordMetrics

    def __str__(self) -> str:
        return (
            f"{self.model.words:,} synthetic words: {self.model.copies:.1%} are training words and "
            f"{self.model.attested:.1%} held-out words; {self.model.held_out_nll:.2f} nats per "
            f"word under an n-gram of held-out words, which cost {self.held_out.held_out_nll:.2f}"
        )


def sample_quality(
    model: LatentWordModel,
    alphabet: Alphabet,
    train: Sequence[str],
    held_out: Sequence[str],
    max_length: int,
    samples: int = SAMPLES,
    seed: int = 0,
    weights: Floats | None = None,
) -> SampleQuality:
    """Compare words drawn from the model (z from the prior, x symbol by symbol) with other words.

    Both n-grams have interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999). The
    held-out words that do not occur in training are cut into random halves. The first half chooses
    the order of the n-gram of the training words; the other n-gram, the judge, is fitted on it, its
    order chosen by the training words. From the second half come the held-out words that are
    judged. Deterministic for a seed.

    Args:
        model: the model; without bits, the plain language model.
        alphabet: its symbols.
        train: the words it was trained on.
        held_out: words it was not trained on; those of `train` among them are left out.
        max_length: samples are cut after this many characters.
        samples: how many words of each kind; of held-out ones, as many as there are.
        seed: of samples and halves.
        weights: how much each word of `train` counts, [N], if not all count the same: the n-gram
            that the model is compared with follows them as the model does.

    Raises:
        UsageError: no samples asked for, no training words, or fewer than 2 held-out words.
    """
    known, unseen = set(train), sorted(set(held_out) - set(train))
    _refuse_nothing(samples, known, unseen)
    random = np.random.Generator(np.random.Philox(seed))
    shuffled = [unseen[i] for i in random.permutation(len(unseen))]
    first, second = shuffled[::2], shuffled[1::2]
    trained, judging = (Corpus.from_words(words, alphabet) for words in (train, first))
    ngram, _ = choose_order(trained, judging, alphabet, ORDERS, weights)
    judge, _ = choose_order(judging, trained, alphabet, ORDERS)
    distinct = sorted(known)
    compared = min(samples, max(LEAST_COMPARED, PAIRS // len(distinct)))

    def metrics(words: list[str], ended: float | None, empty: float | None) -> WordMetrics:
        corpus = Corpus.from_words(words, alphabet)
        symbols = int(corpus.lengths.sum())
        nll, judged = -float(ngram.log_prob(corpus).sum()), -float(judge.log_prob(corpus).sum())
        drawn = ended is not None
        return WordMetrics(
            words=len(words),
            ended=ended,
            empty=empty,
            unique=len(set(words)) / len(words) if drawn else None,
            copies=_share(words, known) if drawn else None,
            attested=_share(words, set(unseen)) if drawn else None,
            edit_distance=float(nearest_distances(words[:compared], distinct).mean()),
            nll=nll / len(words),
            nll_per_symbol=nll / symbols,
            held_out_nll=judged / len(words),
            held_out_nll_per_symbol=judged / symbols,
        )

    return SampleQuality(
        order=ngram.order,
        held_out_order=judge.order,
        training_words=len(distinct),
        held_out_words=len(unseen),
        compared=compared,
        model=metrics(*_from_model(model, alphabet, samples, max_length, seed)),
        ngram=metrics(*_from_ngram(ngram, samples, random, max_length)),
        held_out=metrics(second[:samples], None, None),
    )


def nearest_distances(words: Sequence[str], others: Sequence[str]) -> Floats:
    """Return the Levenshtein distance of each word to the nearest of the others, [N]."""
    found = np.empty(len(words))
    step = max(1, PAIRS // 8 // len(others))  # bounds the memory
    for i in range(0, len(words), step):
        piece = words[i : i + step]
        distances = process.cdist(piece, others, scorer=Levenshtein.distance, dtype=np.int16)
        found[i : i + step] = distances.min(1)
    return found


@torch.no_grad()
def _from_model(
    model: LatentWordModel, alphabet: Alphabet, samples: int, max_length: int, seed: int
) -> tuple[list[str], float, float]:
    """Return words from the model, the share that ended, and the probability of the empty word."""
    z, drawn = draw_words(model, range(samples), seed, max_length)
    at_once = model.decoder.pairs_at_once(ROWS_AT_ONCE)
    end = z.new_full((1, 1), END, dtype=torch.long)
    empty = [
        model.decoder.log_prob(end.expand(len(codes), 1), codes[None])[0].exp()
        for codes in torch.split(z, at_once)
    ]
    words = drawn.spell(alphabet, max_length)
    return words, float(drawn.ended.float().mean()), float(torch.cat(empty).mean())


def _from_ngram(
    ngram: NGram, samples: int, random: np.random.Generator, max_length: int
) -> tuple[list[str], float, float]:
    """Return words from the n-gram, and the same two metrics."""
    symbols = ngram.sample(samples, random, max_length)
    empty = ngram.log_prob(Corpus.from_words([""], ngram.alphabet))[0]
    words = [ngram.alphabet.decode(row) for row in symbols.tolist()]
    return words, float((symbols == END).any(1).mean()), float(np.exp(empty))


def _share(words: Sequence[str], among: set[str]) -> float:
    return sum(word in among for word in words) / len(words)


def _refuse_nothing(samples: int, train: set[str], unseen: Sequence[str]) -> None:
    if samples < 1:
        raise UsageError(f"expected at least 1 sample, found {samples}")
    if not train:
        raise UsageError("the quality of samples needs the training words, and there are none")
    if len(unseen) < 2:
        raise UsageError(
            "the quality of samples needs at least 2 held-out words that are no training words, "
            f"found {len(unseen)}"
        )
