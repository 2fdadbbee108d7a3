"""Whether the bits are used, for what, and what to try if they are not: in plain words."""

from __future__ import annotations

import math
import re
from typing import Protocol

from lexbits.config import NETWORKS, Settings
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

ENOUGH = 0.5
"""Share of the nats of a word under which few words come back from bits that carry no more."""


def describe_information(metrics: Evaluation, bits: int, gain: PositionGain | None = None) -> str:
    """Say in one or two sentences how much the bits know, and where in the word it helps.

    How much, beside how much there could be: K ln 2 nats in the bits, and in a word as many as its
    NLL, an upper bound of the entropy of the words. "" for a model without bits.

    Args:
        metrics: the evaluation of the words.
        bits: K.
        gain: where in the words the bits help; without it nothing is said of it.
    """
    if bits == 0:
        return ""
    if metrics.words < FEWEST_WORDS:
        return (
            f"What the bits know cannot be told from so few words: at least {FEWEST_WORDS} are "
            f"needed, these are {metrics.words}."
        )
    known, room = metrics.mutual_information, bits * math.log(2)
    if known < COLLAPSED_BELOW:
        return (
            f"The bits are ignored (posterior collapse): they share only {max(0, known):.2f} nats "
            f"with the word, of {room:.2f} that {bits} bits can hold, and the decoder works "
            "as a plain language model."
        )
    sentence = (
        f"The bits carry {known:.2f} nats about the word: {known / room:.0%} of the {room:.2f} "
        f"that {bits} bits can hold, and {known / metrics.nll:.0%} of the {metrics.nll:.2f} that "
        f"telling a word takes; {metrics.active_bits} of {bits} are active."
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


def describe_negative(metrics: Evaluation) -> str:
    """Say why an information or a divergence is shown below 0, or "" where none is."""
    names = {"mutual_information": "mutual information", "marginal_kl": "marginal KL"}
    below = [text for name, text in names.items() if getattr(metrics, name) < -0.0005]
    if not below:
        return ""
    return (
        f"The {' and the '.join(below)} below 0 {'is' if len(below) == 1 else 'are'} noise: never "
        f"negative in truth, here an estimate from {metrics.words:,} words."
    )


def describe_ignored(known: float) -> str:
    """Say that codes change little if bits share `known` nats with the words; else ""."""
    if known >= COLLAPSED_BELOW:
        return ""
    return (
        f"the bits of this model are ignored (posterior collapse): they share {max(0, known):.2f} "
        "nats with the word, so that codes make next to no difference"
    )


def describe_limits(known: float, nll: float, searched: bool) -> str:
    """Say why few words come back from bits that share `known` of the `nll` nats of a word.

    "" where the bits carry enough, or are ignored, which is said elsewhere.
    """
    if not COLLAPSED_BELOW <= known < ENOUGH * nll:
        return ""
    search = "" if searched else ", and --search finds better codes for the words given"
    return (
        f"The bits carry {known:.1f} of the {nll:.1f} nats that telling a word takes: too few for "
        "most words to come back. A model trained with a higher --rate-target carries more"
        f"{search}."
    )


def possible(remedies: list[str], fine_tuned: bool) -> list[str]:
    """Return remedies without those that change what networks are, where a training has them."""
    fixed = {f"--{name.replace('_', '-')}" for name in NETWORKS} if fine_tuned else set()
    return [each for each in remedies if not fixed & {*re.findall(r"--[\w-]+", each)}]


def collapse_advice(metrics: Evaluation, settings: Settings, fine_tuned: bool = False) -> str:
    """Return what to try against posterior collapse beside what is set, or "" without collapse.

    Args:
        metrics: the evaluation of the words.
        settings: those of the training.
        fine_tuned: whether it began with trained networks, whose sizes stay what they are.
    """
    bits = settings.bits
    if bits == 0 or metrics.words < FEWEST_WORDS:
        return ""
    if metrics.mutual_information >= COLLAPSED_BELOW:
        return ""
    untried = possible([text for text, tried in _remedies(settings) if not tried], fine_tuned)
    if not untried:
        return "Try a longer training: all else that helps is set."
    return f"Try {'; '.join(untried)}; or a longer training."


def _remedies(settings: Settings) -> list[tuple[str, bool]]:
    """Return what helps against posterior collapse, and whether it is in force."""
    bits, held = settings.bits, settings.rate_target > 0
    target = min(4, bits / 2)
    per_bit = settings.free_nats_per == "bit"
    free = bool(settings.free_nats) and (per_bit or settings.free_nats >= target)
    entries = {
        "--z-at-every-step": settings.z_at_every_step,
        "--z-at-logits": settings.z_at_logits,
    }
    enters = " ".join(flag for flag, on in entries.items() if not on)
    annealed = settings.kl_annealing_epochs > 0
    tried_instead = {"--free-nats 4": free, "--kl-annealing-epochs 5": annealed}
    instead = " or ".join(flag for flag, tried in tried_instead.items() if not tried)
    low_variance = settings.estimator not in ("reinforce", "reinforce-average")
    return [
        (f"--rate-target {target:g} --free-nats 0", held),
        (f"without a target, {instead}", held or not instead),
        ("--estimator rloo --samples 2", low_variance),
        (enters, not enters),
        ("a weaker decoder, --symbol-dropout 0.1", settings.symbol_dropout > 0),
    ]


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


def describe_unseen(metrics: OfWords) -> str:
    """Say what characters that a model has never seen do to an NLL, or "" where there are none."""
    if not metrics.unseen_words:
        return ""
    seen = metrics.words - metrics.unseen_words
    others = (
        "no word is without them"
        if metrics.seen_nll is None
        else f"the NLL of the {seen:,} words without them is {metrics.seen_nll:.3f}"
    )
    return (
        f"{metrics.unseen_words:,} of {metrics.words:,} words have characters that the model has "
        f"never seen ({metrics.unseen_characters:,} in all). Each counts as the "
        "unknown symbol, which is cheap, so that their NLL does not compare with "
        f"that of other words: {others}."
    )
