"""How long a training is: the words of an epoch, its steps, the number of epochs."""

from __future__ import annotations

from lexbits.config import Settings

MOST_EPOCHS = 100
"""Most passes over the words where their number is not given: a short list is learned by then."""

FEWEST_EPOCHS = 8
"""Fewest epochs of a training whose steps are given: of a list so long that the steps make fewer
passes over it, an epoch is a part."""

MOST_IN_EPOCH = 2**20
"""Most real words of an epoch: a longer list is learnt in parts, each with an evaluation."""

MOST_SYNTHETIC_FOR_EACH = 10.0
"""Most synthetic words for each real one, where their number is not given."""

MOST_SYNTHETIC = 1_000_000
"""Synthetic words in all: a training that wants more sees them several times."""


def epochs(settings: Settings, real: int) -> int:
    """Return the number of epochs for `real` training words: passes over them, or over parts.

    Short lists need as many steps as long ones: a number of passes that serves one fails another.
    """
    if settings.epochs != "auto":
        return settings.epochs * parts(settings, real)
    wanted = round(settings.steps / steps_in_epoch(settings, real))
    return min(MOST_EPOCHS, max(1, wanted))


def parts(settings: Settings, real: int) -> int:
    """Return into how many parts, an epoch each, a pass over `real` words is cut."""
    most = MOST_IN_EPOCH
    if settings.epochs == "auto":
        most = min(most, settings.batch_size * max(1, settings.steps // FEWEST_EPOCHS))
    return -(-real // most)


def real_in_epoch(settings: Settings, real: int) -> int:
    """Return how many of `real` words an epoch holds."""
    return -(-real // parts(settings, real))


def steps_in_epoch(settings: Settings, real: int) -> int:
    """Return the number of batches in an epoch of `real` words and synthetic ones."""
    words = real_in_epoch(settings, real) + synthetic_in_epoch(settings, real)
    return -(-words // settings.batch_size)


def synthetic_in_epoch(settings: Settings, real: int) -> int:
    """Return how many synthetic words an epoch holds beside `real` ones.

    Synthetic words keep a model from learning the real ones by heart. Where there are so many of
    these that the steps make few passes over them, that is no danger, and real ones are worth
    more.
    """
    share = (
        MOST_SYNTHETIC_FOR_EACH if settings.synthetic_words == "auto" else settings.synthetic_words
    )
    if settings.epochs == "auto":
        passes = settings.steps * settings.batch_size / real
        share = min(share, _room_for_synthetic(settings, passes))
    elif settings.synthetic_words == "auto":
        share = min(share, _room_for_synthetic(settings, settings.epochs))
    return min(MOST_SYNTHETIC, round(share * real_in_epoch(settings, real)))


def _room_for_synthetic(settings: Settings, passes: float) -> float:
    """Return how many synthetic words fit beside each real one in this many passes."""
    return max(0.0, passes / settings.real_passes - 1)


def synthetic_in_all(settings: Settings, real: int) -> int:
    """Return how many synthetic words there are in a training on `real` ones."""
    return min(MOST_SYNTHETIC, epochs(settings, real) * synthetic_in_epoch(settings, real))


def synthetic_note(settings: Settings, real: int) -> str:
    """Say where there are fewer synthetic words than were asked for; "" elsewhere."""
    if settings.synthetic_words == "auto":
        return ""
    asked = round(settings.synthetic_words * real_in_epoch(settings, real)) * epochs(settings, real)
    found = synthetic_in_all(settings, real)
    if found < MOST_SYNTHETIC or asked <= MOST_SYNTHETIC:
        return ""
    return (
        f"synthetic_words {settings.synthetic_words:g} asks for {asked:,} words in all: "
        f"{MOST_SYNTHETIC:,} are generated, and learned from several times"
    )
