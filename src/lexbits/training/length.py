"""How long a training is: the words of an epoch, its steps, the number of epochs."""

from __future__ import annotations

from lexbits.config import Settings

MOST_EPOCHS = 100
"""Most passes over the words where their number is not given: a short list is learned by then."""

FEWEST_PASSES = 10
"""Passes over the real words that drawn ones have to leave room for."""

MOST_DRAWN = 1_000_000
"""Words drawn in all: a training that wants more sees them several times."""


def epochs(settings: Settings, real: int) -> int:
    """Return the number of passes over `real` training words.

    Short lists need as many steps as long ones: a number of passes that serves one fails another.
    """
    if settings.epochs != "auto":
        return settings.epochs
    wanted = round(settings.steps / steps_in_epoch(settings, real))
    return min(MOST_EPOCHS, max(1, wanted))


def steps_in_epoch(settings: Settings, real: int) -> int:
    """Return the number of batches in an epoch of `real` words and those drawn beside them."""
    return -(-(real + drawn_in_epoch(settings, real)) // settings.batch_size)


def drawn_in_epoch(settings: Settings, real: int) -> int:
    """Return how many drawn words an epoch holds beside `real` ones.

    Drawn words keep a model from learning the real ones by heart. Where there are so many of these
    that the steps make few passes over them, that is no danger, and real words are worth more.
    """
    share = settings.drawn_words
    if settings.epochs == "auto":
        passes = settings.steps * settings.batch_size / real
        share = min(share, max(0.0, passes / FEWEST_PASSES - 1))
    return min(MOST_DRAWN, round(share * real))


def drawn_in_all(settings: Settings, real: int) -> int:
    """Return how many words are drawn for a training on `real` ones."""
    return min(MOST_DRAWN, epochs(settings, real) * drawn_in_epoch(settings, real))
