"""Which settings are searched, and between which bounds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.objective import make_estimator

if TYPE_CHECKING:
    from optuna import Trial


@dataclass(frozen=True)
class Dimension:
    """A setting that is searched.

    Attributes:
        name: the setting.
        kind: "linear" or "log" between two bounds, or a "choice" among values.
        values: the bounds, or the values.
    """

    name: str
    kind: Literal["linear", "log", "choice"]
    values: tuple[float, ...]

    def suggest(self, trial: Trial) -> Any:  # noqa: ANN401 - whatever the setting holds
        """Return the value of a trial."""
        if self.kind == "choice":
            return trial.suggest_categorical(self.name, self.values)
        return trial.suggest_float(self.name, *self.values, log=self.kind == "log")


SPACE = (
    Dimension("learning_rate", "log", (1e-3, 3e-2)),
    Dimension("batch_size", "choice", (32, 64, 128)),
    Dimension("average_decay", "choice", (0.0, 0.99, 0.995, 0.999)),
    Dimension("embedding_size", "choice", (16, 32, 64, 128)),
    Dimension("hidden_size", "choice", (128, 256, 384, 512)),
    Dimension("dropout", "linear", (0.0, 0.7)),
    Dimension("input_dropout", "linear", (0.0, 0.5)),
    Dimension("recurrent_dropout", "linear", (0.0, 0.6)),
    Dimension("encoder_dropout", "linear", (0.0, 0.6)),
    Dimension("samples", "choice", (2, 4, 8)),
)
ONLY_WITH_BITS = ("encoder_dropout", "samples")


def searched(settings: Settings, fixed: Collection[str]) -> list[Dimension]:
    """Return what is searched: all of the space that is not fixed and has an effect.

    Raises:
        UsageError: nothing is left, the estimator does not take a number of samples, or there are
            teachers.
    """
    if settings.teachers:
        raise UsageError(
            "a search trains one model in each trial: give --teachers 0 (the settings of teachers "
            "are those of the preset plain)"
        )
    left = [
        dimension
        for dimension in SPACE
        if dimension.name not in fixed and (settings.bits or dimension.name not in ONLY_WITH_BITS)
    ]
    if not left:
        names = ", ".join(dimension.name for dimension in SPACE)
        raise UsageError(f"all settings are fixed: leave one of {names} to the search")
    for dimension in left:
        if dimension.name == "samples":
            for value in dimension.values:
                _refuse_samples(settings.model_copy(update={"samples": value}), dimension)
    return left


def _refuse_samples(settings: Settings, dimension: Dimension) -> None:
    try:
        make_estimator(settings, features=1)
    except UsageError as error:
        values = ", ".join(map(str, dimension.values))
        raise UsageError(f"{error} (the search tries {values} samples: fix --samples)") from None
