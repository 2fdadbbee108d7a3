"""Settings of a training that starts from trained networks: theirs, and how little is to change."""

from __future__ import annotations

from typing import Any

from lexbits.config.settings import MACHINE, Settings

OF_FILES = (
    *("data", "dev", "test", "more_data", "layout", "column", "delimiter", "encoding", "comment"),
    *("data_folder", "split_by", "weights", "weighting"),
)
"""Settings that say which words there are and how they are read."""

OF_SPLITS = ("limit", "skip_bad", "dev_share", "test_share", "seed")
"""Settings that say which of them are learned from."""

NO_TEACHERS = {
    "teachers": 0,
    **{n: Settings.model_fields[n].default for n in ("teacher_epochs", "teacher_steps")},
}
"""More training has none unless asked: those of the first would know less than the networks do."""

SHARE_OF_LEARNING_RATE = 0.25
"""Of the peak learning rate that the networks were trained with: more undoes what they know."""


def fine_tuning(trained: Settings, other_words: bool) -> dict[str, Any]:
    """Return settings of more training for networks that were trained with `trained`.

    What the networks are and how they are regularised stays, and so does the rate that is held.
    There are no teachers, which would know less than the networks do. Short lists have words that
    an n-gram model of them generates beside them, or they would be learned by heart.

    Args:
        trained: the settings that they were trained with.
        other_words: whether they learn from other words: what those of `trained` were read from,
            and their split, is left out.

    Examples:
        >>> fine_tuning(Settings(learning_rate=0.004), other_words=True)["learning_rate"]
        0.001
    """
    left_out = {*MACHINE, "save_seconds", *((*OF_FILES, *OF_SPLITS) if other_words else ())}
    return trained.model_dump(exclude=left_out) | {
        **NO_TEACHERS,
        "synthetic_words": "auto",
        "kl_annealing_epochs": 0.0,
        "epochs": "auto",
        "steps": 1500,
        "learning_rate": trained.learning_rate * SHARE_OF_LEARNING_RATE,
        "schedule": "onecycle",
        "patience": 10,
    }
