"""What simpler models reach on the dev words of a training: lines to measure it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.corpus import Corpus
from lexbits.data.training_words import TrainingWords
from lexbits.training.ngrams import ngram_of
from lexbits.training.session import chosen_dev_words

MOST_WORDS = 200_000
"""Training words that an n-gram model is fitted to in a few seconds."""


@dataclass(frozen=True)
class Floor:
    """The NLL of a model that another one is measured by.

    Attributes:
        name: what model it is.
        nll: −log P(x), nats per word; of the dev words that the training is scored on, where
            nothing else is said.
    """

    name: str
    nll: float


def ngram_floor(
    settings: Settings,
    alphabet: Alphabet,
    train: TrainingWords,
    dev: Sequence[str],
    words: Sequence[str] | None = None,
) -> Floor | None:
    """Return what a Kneser-Ney n-gram reaches, its order chosen on dev.

    None where there are no words, or too many to count within seconds.

    Args:
        settings: those of the training, which say which dev words are scored.
        alphabet: the symbols.
        train: the words that the training learns from, counted as much as they weigh there;
            synthetic words are not counted.
        dev: the dev words that are not among them.
        words: those that are scored; else the dev words that the training is scored on.
    """
    if not train or not dev or not train.can_fit_ngram or len(train) > MOST_WORDS:
        return None
    ngram = ngram_of(train, dev, alphabet, settings)
    chosen = chosen_dev_words(dev, settings) if words is None else words
    scored = Corpus.from_words(chosen, alphabet)
    return Floor(f"{ngram.order}-gram", -float(ngram.log_prob(scored).mean()))
