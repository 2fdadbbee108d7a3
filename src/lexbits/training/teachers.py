"""Words drawn from plain language models, for a model to learn from beside the real ones.

A model with bits has more freedom than a plain one and overfits sooner. But any plain model P(x)
and any Q(z|x) make a model with bits that is exactly as good: P(z) = E_P[Q(z|x)] and
P(x|z) = P(x) Q(z|x) / P(z). So a model with bits can be taught what plain models know, by words
that they draw, of which there are as many as one likes (Hinton, Vinyals and Dean 2015, Distilling
the knowledge in a neural network; by samples: Kim and Rush 2016, Sequence-level knowledge
distillation). Several teachers know more than one, and an n-gram model knows other things than a
network.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.config import PRESETS, SHARED, Settings
from lexbits.data.training_words import TrainingWords, as_training_words
from lexbits.decoding import draw_words
from lexbits.model import LatentWordModel
from lexbits.ngram import NGram
from lexbits.randomness import derive_seed
from lexbits.training.devices import has_fast_bf16
from lexbits.training.length import synthetic_in_all
from lexbits.training.ngrams import ngram_of

ROUND = 1024
"""Words drawn at once from each model."""


def teacher_settings(settings: Settings, number: int) -> Settings:
    """Return the settings of teacher `number`, from 0, of a model.

    Data and sizes are those of the model, all else is that of the preset `plain`: a teacher sees
    each word again and again and has to be regularised for it, the model need not be.
    """
    shared = settings.model_dump(include={*SHARED})
    return Settings(
        **PRESETS["plain"]
        | shared
        | {
            "epochs": settings.teacher_epochs,
            "steps": settings.teacher_steps,
            "seed": derive_seed(settings.seed, "teacher", number),
        }
    )


def draw(
    networks: Sequence[LatentWordModel],
    train: Sequence[str] | TrainingWords,
    dev: Sequence[str],
    alphabet: Alphabet,
    settings: Settings,
) -> Iterator[list[str]]:
    """Draw words from the networks and from an n-gram model of `train`, equally many from each.

    Words that are not at an end after `max_length` characters, or whose normal form has a character
    that the alphabet lacks, are drawn again. What comes out depends on models, words and seed
    alone.

    Args:
        networks: plain language models.
        train: the words that they have learned from, for the n-gram model, which follows their
            weights too.
        dev: the words to choose its order by.
        alphabet: the symbols.
        settings: say how many, the seed, and the precision, where the processor has it.

    Yields:
        Pieces of the words, well mixed.
    """
    left, turn = synthetic_in_all(settings, len(train)), 0
    if not left:
        return
    words = as_training_words(train)
    ngram = ngram_of(words, dev, alphabet, settings)
    while left:
        random = np.random.Generator(np.random.Philox(derive_seed(settings.seed, "draw", turn)))
        drawn = _from_ngram(ngram, alphabet, settings.max_length, random)
        for number, network in enumerate(networks):
            seed = derive_seed(settings.seed, "draw", number)
            in_bf16 = settings.precision == "bf16" and has_fast_bf16(network.device.type)
            with network.decoder.computing_in("bf16" if in_bf16 else "fp32"):
                drawn += _from_network(network, alphabet, settings.max_length, turn, seed)
        mixed = [drawn[i] for i in random.permutation(len(drawn))[:left]]
        left -= len(mixed)
        turn += 1
        yield mixed


def _from_ngram(
    ngram: NGram, alphabet: Alphabet, max_length: int, random: np.random.Generator
) -> list[str]:
    return _spell(ngram.sample(ROUND, random, max_length), alphabet)


def _from_network(
    network: LatentWordModel, alphabet: Alphabet, max_length: int, turn: int, seed: int
) -> list[str]:
    numbers = range(turn * ROUND, (turn + 1) * ROUND)
    _, drawn = draw_words(network, numbers, seed, max_length)
    return _spell(drawn.symbols.cpu().numpy(), alphabet)


def _spell(symbols: NDArray[np.integer], alphabet: Alphabet) -> list[str]:
    whole = (symbols == END).any(1) & (symbols != UNKNOWN).all(1)
    words = (alphabet.decode(row) for row in symbols[whole].tolist())
    return [word for word in words if not alphabet.unseen(word)]
