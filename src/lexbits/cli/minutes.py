"""`lexbits train --minutes N`: settings by the time that a training may take."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any

from lexbits.cli.output import say
from lexbits.config import Settings
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.model import LatentWordModel
    from lexbits.runs.words import Words


def refuse_beside_minutes(
    minutes: float, named: Container[str], processes: int, print_config: bool
) -> None:
    """Check that nothing else says how long the training is, and that one process measures it.

    Raises:
        UsageError: something does; or there are several; or settings are asked for without words.
    """
    for name in ("epochs", "steps"):
        if name in named:
            raise UsageError(
                f"--minutes {minutes:g} and {name}: each says how long the training is; give one"
            )
    if print_config:
        raise UsageError(
            "--minutes chooses settings in the first seconds of a training, by its words and the "
            "speed of this machine: they are in the run's config.toml, and not known before"
        )
    if processes > 1:
        raise UsageError(
            f"--minutes measures the speed of one process, found {processes}: give --steps"
        )


def fitted(
    minutes: float,
    began: float,
    complete: Callable[[Mapping[str, Any]], Settings] | None,
    settings: Settings,
    words: Words,
    network: LatentWordModel | None,
) -> Settings:
    """Return settings that fit into the minutes, and say what was chosen."""
    from lexbits.training.pace import in_time

    planned, said = in_time(
        minutes, began, settings, words.alphabet, *words.forms(), network, complete
    )
    say(said)
    return planned
