"""A training that fits into a time, by the speed of this machine: its sizes, and its length."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import torch

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data.training_words import TrainingWords
from lexbits.errors import UsageError
from lexbits.model import LatentWordModel
from lexbits.training.length import (
    FEWEST_EPOCHS,
    MOST_EPOCHS,
    epochs,
    steps_in_epoch,
    synthetic_in_all,
)
from lexbits.training.loop import draw_samples, evaluate_dev, train
from lexbits.training.recipe import LARGE, recipe
from lexbits.training.records import Record
from lexbits.training.session import Session
from lexbits.training.teachers import draw, teacher_settings

AIM = 0.9
"""The part of the time that is planned for: a machine may have other things to do as well."""

UNUSED = 0.75
"""A plan for less than this part of the time is worth a word why."""

MEASURING = 0.03
"""The part of the time that one speed is measured for, within the next two."""

SHORTEST, LONGEST = 0.5, 10.0

EVALUATING = 0.25
"""The part of the time that evaluations may take, where there are enough dev words for fewer."""

FEWEST_DEV_WORDS = 200

RESOLVED = ("teacher_steps", "dev_words")
"""What else than the steps may be chosen."""

WARM_UP = 5
"""Steps that are not measured: the first ones allocate memory."""

clock = time.perf_counter


@dataclass(frozen=True)
class Speed:
    """How long parts of a training take, in seconds.

    Attributes:
        start: what comes before the first step.
        step: a step.
        evaluation: what ends an epoch.
        synthetic: before the first synthetic word is there.
        synthetic_word: each of them.
    """

    start: float
    step: float
    evaluation: float
    synthetic: float = 0.0
    synthetic_word: float = 0.0

    def seconds(self, settings: Settings, real: int) -> float:
        """Return how long a training on `real` words takes, without its teachers."""
        epoch = steps_in_epoch(settings, real) * self.step + self.evaluation
        words = synthetic_in_all(settings, real)
        drawing = self.synthetic + words * self.synthetic_word if words else 0.0
        return self.start + epochs(settings, real) * epoch + drawing


def in_time(
    minutes: float,
    began: float,
    settings: Settings,
    alphabet: Alphabet,
    words: TrainingWords,
    dev: Sequence[str],
    network: LatentWordModel | None = None,
    complete: Callable[[Mapping[str, Any]], Settings] | None = None,
) -> tuple[Settings, str]:
    """Return settings for a training in this time, and say what was chosen.

    All that `plan_for` chooses where it is given how to `complete` that; else, as `fit_into`, only
    the length of a training with these `settings`.
    """
    if complete:
        return plan_for(minutes, began, complete, alphabet, words, dev)
    return fit_into(minutes, began, settings, alphabet, words, dev, network)


def plan_for(
    minutes: float,
    began: float,
    complete: Callable[[Mapping[str, Any]], Settings],
    alphabet: Alphabet,
    words: TrainingWords,
    dev: Sequence[str],
) -> tuple[Settings, str]:
    """Return settings chosen for a list and a time, and say which: all of `recipe`, and the length.

    Args:
        began: when the minutes began, by `clock`.
        minutes: as for `fit_into`.
        complete: returns all settings of a training that has those given, where the user has not
            asked for others.
        alphabet: the symbols.
        words: the words to learn from.
        dev: the words to select by.

    Raises:
        UsageError: as `fit_into`.
    """
    usual, probe = complete({}), teacher_settings(complete(LARGE), 0)
    measured = _measure(probe, alphabet, words, dev, _seconds_to_measure(minutes))
    reads = AIM * 60 * minutes / measured[0].step * probe.batch_size
    chosen, known = complete(recipe(reads, usual.bits)), (probe, *measured)
    planned, said = fit_into(minutes, began, chosen, alphabet, words, dev, known=known)
    differing = (
        f"{name}={value}"
        for name, value in planned
        if value != getattr(usual, name) and name not in ("steps", *RESOLVED)
    )
    return planned, "; with ".join(filter(None, [said, ", ".join(differing)]))


def fit_into(
    minutes: float,
    began: float,
    settings: Settings,
    alphabet: Alphabet,
    words: TrainingWords,
    dev: Sequence[str],
    network: LatentWordModel | None = None,
    known: tuple[Settings, Speed, LatentWordModel] | None = None,
) -> tuple[Settings, str]:
    """Return settings whose training takes about so long here, and say what was chosen.

    Some steps and an evaluation are measured on the very networks and words. Teachers have the part
    of the time that they have in a training as long as `settings` say, if their epochs are not
    given. What is chosen is `steps`, `teacher_steps`, and fewer `dev_words` where
    evaluations would take much of the time. A training with the same settings repeats what comes
    of it.

    Args:
        began: when they began, by `clock`.
        minutes: for teachers, synthetic words, training and evaluations, and for measuring.
        settings: those of the training; their length is replaced.
        alphabet: the symbols.
        words: the words to learn from.
        dev: the words to select by.
        network: the networks that it starts from, if not from chance.
        known: settings that were measured already, how long their steps take, and what was trained.

    Raises:
        UsageError: so little time that no epoch can be done.
    """
    allowed, asked = 60 * minutes, settings
    measuring = _seconds_to_measure(minutes)
    real = len(words)
    speed, _ = _measure(settings, alphabet, words, dev, measuring, network)
    settings, speed = _with_fewer_dev_words(settings, len(dev), speed, AIM * allowed)
    teachers, teaching = [], 0.0
    if settings.teachers:
        first = teacher_settings(settings, 0)
        if known and known[0] == first:
            _, teacher_speed, taught = known
        else:
            teacher_speed, taught = _measure(first, alphabet, words, dev, measuring)
        if synthetic_in_all(first, real) and words.can_fit_ngram:
            teacher_speed = _with_drawing(teacher_speed, [], words, dev, alphabet, first)
        teachers = [taught] * settings.teachers
        budget = AIM * allowed - (clock() - began)
        settings, teaching = _with_teachers(settings, real, speed, teacher_speed, budget)

    def plan() -> Settings | None:
        return _longest(settings, real, speed, AIM * allowed - (clock() - began) - teaching)

    planned = plan()
    if planned and synthetic_in_all(planned, real) and words.can_fit_ngram:
        speed = _with_drawing(speed, teachers, words, dev, alphabet, settings)
        planned = plan()
    spent = clock() - began + teaching
    if planned is None:
        least = settings.model_copy(update={"epochs": "auto", "steps": 1})
        needed = (spent + speed.seconds(least, real)) / AIM / 60
        raise UsageError(
            f"minutes {minutes:g}: expected more than {needed:.2g}, which the first step and the "
            f"first evaluation take on these words; found {minutes:g}"
        )
    return planned, _sentence(minutes, planned, asked, real, spent + speed.seconds(planned, real))


def _seconds_to_measure(minutes: float) -> float:
    return min(LONGEST, max(SHORTEST, MEASURING * 60 * minutes))


def _measure(
    settings: Settings,
    alphabet: Alphabet,
    words: TrainingWords,
    dev: Sequence[str],
    seconds: float,
    network: LatentWordModel | None = None,
) -> tuple[Speed, LatentWordModel]:
    """Train for some seconds and evaluate; return how long each took, and what was trained."""
    began = clock()
    endless = settings.model_copy(update={"epochs": 2**31 - 1, "patience": 0})
    session = Session.start(endless, alphabet, words, dev, weights=network)
    start = clock() - began
    watch = Stopwatch(seconds)
    with torch.random.fork_rng(devices=[]):
        train(session, watch)
        found = watch.evaluations
        while not found or (len(found) == 1 and found[0] < seconds):  # the first one warms up
            began = clock()
            evaluate_dev(session)
            draw_samples(session)
            found.append(clock() - began)
    steps = watch.steps[WARM_UP:]
    return Speed(start, sum(steps) / len(steps), found[-1]), session.model


class Stopwatch:
    """Hooks that measure a training, and stop it after some seconds.

    Attributes:
        steps: the seconds of each step.
        evaluations: those of each evaluation.
    """

    def __init__(self, seconds: float) -> None:
        self.steps: list[float] = []
        self.evaluations: list[float] = []
        self._seconds = seconds
        self._began = self._last = clock()

    def step_done(self, session: Session) -> None:
        """Take the time of the step."""
        self.steps.append(self._since_last())

    def save_due(self) -> bool:
        """There is nothing to save."""
        return False

    def stop_requested(self) -> bool:
        """Whether enough is measured."""
        return len(self.steps) > WARM_UP and self._last - self._began >= self._seconds

    def save(self, session: Session) -> None:
        """Begin to measure the next step."""
        self._since_last()

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Take the time of the evaluation."""
        self.evaluations.append(self._since_last())

    def _since_last(self) -> float:
        before, self._last = self._last, clock()
        return self._last - before


def _with_teachers(
    settings: Settings, real: int, speed: Speed, teacher_speed: Speed, budget: float
) -> tuple[Settings, float]:
    """Return settings that say how long the teachers are trained, and the seconds that takes."""

    def teaching(chosen: Settings) -> float:
        each = teacher_speed.seconds(teacher_settings(chosen, 0), real)
        return settings.teachers * each

    if settings.teacher_epochs == "auto":
        usual = teaching(settings)
        most = budget * usual / (usual + speed.seconds(settings, real))
        while teaching(settings) > most and settings.teacher_steps > 1:
            fewer = max(1, int(0.99 * settings.teacher_steps))
            settings = settings.model_copy(update={"teacher_steps": fewer})
    return settings, teaching(settings)


def _with_drawing(
    speed: Speed,
    teachers: Sequence[LatentWordModel],
    words: TrainingWords,
    dev: Sequence[str],
    alphabet: Alphabet,
    settings: Settings,
) -> Speed:
    """Return the speed with that of synthetic words, of which two pieces are drawn."""
    many = settings.model_copy(update={"synthetic_words": 10.0, "epochs": MOST_EPOCHS})
    times, count = [clock()], 1
    for piece in islice(draw(teachers, words, dev, alphabet, many), 2):
        times.append(clock())
        count = len(piece)
    last = times[-1] - times[-2]
    return replace(speed, synthetic=times[1] - times[0] - last, synthetic_word=last / count)


def _with_fewer_dev_words(
    settings: Settings, dev: int, speed: Speed, seconds: float
) -> tuple[Settings, Speed]:
    """Return settings with so many dev words that evaluations leave time to train, and the speed.

    Those of as many epochs as a training has at least take no more than a part of the `seconds`.
    """
    most, scored = EVALUATING * seconds / FEWEST_EPOCHS, min(dev, settings.dev_words)
    fewer = max(FEWEST_DEV_WORDS, int(scored * most / speed.evaluation))
    if fewer >= scored:
        return settings, speed
    faster = replace(speed, evaluation=speed.evaluation * fewer / scored)
    return settings.model_copy(update={"dev_words": fewer}), faster


def _longest(settings: Settings, real: int, speed: Speed, seconds: float) -> Settings | None:
    """Return the settings of the longest training that takes so many seconds, None if none does."""
    steps = math.ceil(max(0.0, seconds) / speed.step)
    while steps:
        chosen = settings.model_copy(update={"epochs": "auto", "steps": min(steps, 2**31 - 1)})
        if speed.seconds(chosen, real) <= seconds:
            return _plain(chosen, real)
        steps = min(steps - 1, int(0.99 * steps))
    return None


def _plain(chosen: Settings, real: int) -> Settings:
    """Return the settings that ask for just the steps that there are, if that changes nothing."""
    steps = epochs(chosen, real) * steps_in_epoch(chosen, real)
    exact = chosen.model_copy(update={"steps": steps})
    same = all(count(exact, real) == count(chosen, real) for count in (epochs, steps_in_epoch))
    return exact if same else chosen


def _sentence(minutes: float, planned: Settings, asked: Settings, real: int, seconds: float) -> str:
    """Say what was chosen, and why it is less where it is."""
    chosen = ["steps", *(n for n in RESOLVED if getattr(planned, n) != getattr(asked, n))]
    length = ", ".join(f"{name}={getattr(planned, name)}" for name in chosen)
    repeat = "repeats" if len(chosen) == 1 else "repeat"
    number = epochs(planned, real)
    said = (
        f"minutes {minutes:g}: {number:,} epochs of {steps_in_epoch(planned, real):,} steps, about "
        f"{seconds / 60:.2g} minutes by the speed measured here; {length} {repeat} it"
    )
    if seconds < UNUSED * 60 * minutes and number >= MOST_EPOCHS:
        said += f"; more than {MOST_EPOCHS} epochs make no sense for so few words"
    return said
