"""What a training would be, before there is one: its words, its steps, its teachers, its memory."""

from __future__ import annotations

from dataclasses import dataclass

from lexbits.config import Settings
from lexbits.training.length import (
    epochs,
    real_in_epoch,
    steps_in_epoch,
    synthetic_in_all,
    synthetic_in_epoch,
)
from lexbits.training.needs import bytes_of_batch, bytes_of_networks
from lexbits.training.teachers import teacher_settings


@dataclass(frozen=True)
class Plan:
    """A training that does not stop early.

    Attributes:
        real_words_in_epoch: of the list, that an epoch holds.
        synthetic_words_in_epoch: that it holds beside them.
        synthetic_words_in_all: how many of these are generated for all epochs.
        epochs: how many there are.
        batch_size: words in a batch.
        steps_in_epoch: batches of an epoch.
        steps: batches of all epochs.
        teachers: plain models that are trained before.
        teacher_epochs: epochs of each of them, if there are any.
        teacher_steps: steps of each of them.
        memory_bytes: what networks, optimiser and the states of a batch take at least.
    """

    real_words_in_epoch: int
    synthetic_words_in_epoch: int
    synthetic_words_in_all: int
    epochs: int
    batch_size: int
    steps_in_epoch: int
    steps: int
    teachers: int
    teacher_epochs: int | None
    teacher_steps: int | None
    memory_bytes: int


def plan(settings: Settings, real: int) -> Plan:
    """Return what a training with `settings` on `real` words would be."""
    first = teacher_settings(settings, 0) if settings.teachers else None
    return Plan(
        real_words_in_epoch=real_in_epoch(settings, real),
        synthetic_words_in_epoch=synthetic_in_epoch(settings, real),
        synthetic_words_in_all=synthetic_in_all(settings, real),
        epochs=epochs(settings, real),
        batch_size=settings.batch_size,
        steps_in_epoch=steps_in_epoch(settings, real),
        steps=epochs(settings, real) * steps_in_epoch(settings, real),
        teachers=settings.teachers,
        teacher_epochs=epochs(first, real) if first else None,
        teacher_steps=epochs(first, real) * steps_in_epoch(first, real) if first else None,
        memory_bytes=bytes_of_networks(settings) + bytes_of_batch(settings),
    )
