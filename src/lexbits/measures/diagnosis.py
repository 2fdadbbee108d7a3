"""Whether the bits are used, for what, and what to try if they are not: in plain words."""

from __future__ import annotations

import math
from typing import Protocol

from lexbits.measures.evaluation import Evaluation
from lexbits.measures.position_gain import PositionGain

COLLAPSED_BELOW = 0.5
"""Nats of mutual information under which the bits count as ignored."""

FEWEST_WORDS = 10
"""Words from which on something is said: N words tell at most ln N nats apart."""

AFFIX = 3
"""Symbols that count as the start or the end of a word; the end symbol comes on top."""

CLEARLY = 1.25
"""How many times as much the bits save at one end of a word to help most there."""

WORTH_SAYING = 0.1
"""Nats on a word under which where they are saved is noise."""


def describe_information(figures: Evaluation, bits: int, gain: PositionGain | None = None) -> str:
    """Say in one or two sentences how much the bits know, and where in the word it helps.

    How much, beside how much there could be: K ln 2 nats in the bits, and in a word as many as its
    NLL, an upper bound of the entropy of the words. "" for a model without bits.

    Args:
        figures: the evaluation of the words.
        bits: K.
        gain: where in the words the bits help; without it nothing is said of it.
    """
    if bits == 0:
        return ""
    if figures.words < FEWEST_WORDS:
        return (
            f"What the bits know cannot be told from so few words: at least {FEWEST_WORDS} are "
            f"needed, these are {figures.words}."
        )
    known, room = figures.mutual_information, bits * math.log(2)
    if known < COLLAPSED_BELOW:
        return (
            f"The bits are ignored (posterior collapse): they share only {known:z.2f} nats with "
            f"the word, of {room:.2f} that {bits} bits can hold, and the decoder works "
            "as a plain language model."
        )
    sentence = (
        f"The bits carry {known:.2f} nats about the word: {known / room:.0%} of the {room:.2f} "
        f"that {bits} bits can hold, and {known / figures.nll:.0%} of the {figures.nll:.2f} that "
        f"telling a word takes; {figures.active_bits} of {bits} are active."
    )
    return sentence if gain is None else f"{sentence} {_where(gain)}"


def _where(gain: PositionGain) -> str:
    if gain.total < WORTH_SAYING:
        return "Yet they save the decoder next to nothing on a word."
    start = gain.saved(gain.from_start, AFFIX)
    end = gain.saved(gain.from_end, AFFIX + 1)
    if start > CLEARLY * end:
        place = "most at the start of a word"
    elif end > CLEARLY * start:
        place = "most at the end of a word"
    else:
        place = "about as much at the start of a word as at its end"
    return (
        f"They help {place}: of the {gain.total:.2f} nats that they save on it, {start:.2f} go to "
        f"the first {AFFIX} characters and {end:.2f} to the last {AFFIX} and the end."
    )


def collapse_advice(figures: Evaluation, bits: int) -> str:
    """Return what to try against posterior collapse, or "" where there is none."""
    if bits == 0 or figures.words < FEWEST_WORDS:
        return ""
    if figures.mutual_information >= COLLAPSED_BELOW:
        return ""
    return (
        f"Try --rate-target {min(4, bits / 2):g} --free-nats 0 (or no target, and --free-nats 4 "
        "with --kl-annealing-epochs 5), --estimator rloo with --samples 2 or more, and "
        "--z-at-every-step --z-at-logits; or a weaker decoder: --symbol-dropout 0.1."
    )


class OfWords(Protocol):
    """Figures of words, some of which may have characters that a model has never seen."""

    @property
    def words(self) -> int:
        """Number of words."""

    @property
    def unseen_words(self) -> int:
        """Number of those with such characters."""

    @property
    def unseen_characters(self) -> int:
        """Number of these."""

    @property
    def seen_nll(self) -> float | None:
        """NLL in nats per word of the other words, if any."""


def describe_unseen(figures: OfWords) -> str:
    """Say what characters that a model has never seen do to an NLL, or "" where there are none."""
    if not figures.unseen_words:
        return ""
    seen = figures.words - figures.unseen_words
    others = (
        "no word is without them"
        if figures.seen_nll is None
        else f"the NLL of the {seen:,} words without them is {figures.seen_nll:.3f}"
    )
    return (
        f"{figures.unseen_words:,} of {figures.words:,} words have characters that the model has "
        f"never seen ({figures.unseen_characters:,} in all). Each counts as the "
        "unknown symbol, which is cheap, so that their NLL does not compare with "
        f"that of other words: {others}."
    )
