"""The trials of a search: trainings in memory that report each epoch.

What is tried next comes from a tree of Parzen estimators (Bergstra et al. 2011, Algorithms for
hyper-parameter optimization), its noise from the seed and the number of the trial alone.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from lexbits.config import Settings
from lexbits.errors import DivergenceError
from lexbits.randomness import derive_seed
from lexbits.runs.words import Words
from lexbits.studies.tuning.space import Dimension
from lexbits.training.length import synthetic_in_all
from lexbits.training.loop import train
from lexbits.training.records import Record, best_record
from lexbits.training.session import Session
from lexbits.training.teachers import draw

if TYPE_CHECKING:
    from optuna import Study, Trial


GRID = 60
"""Marks at equal shares of a trial's epochs, at which it is compared with others."""


class Watch(Protocol):
    """What is shown of a search while it runs."""

    def begin(self, number: int, values: dict[str, Any], session: Session) -> None:
        """A trial begins with these values of the searched settings."""

    def step(self, session: Session) -> None:
        """A step of it is done."""

    def epoch(self, session: Session, record: Record) -> None:
        """An epoch of it and its evaluation are done."""

    def end(self, number: int, outcome: str) -> None:
        """The trial has ended."""


class TrialHooks:
    """Hooks of a trial's training: report each epoch, and give up if the trial has no prospects.

    Attributes:
        records: the metrics of every epoch so far.
    """

    def __init__(self, trial: Trial, watch: Watch, stop_requested: Callable[[], bool]) -> None:
        self.records: list[Record] = []
        self._trial = trial
        self._watch = watch
        self._stop_requested = stop_requested

    def step_done(self, session: Session) -> None:
        """Show the step."""
        self._watch.step(session)

    def save_due(self) -> bool:
        """A trial is not saved."""
        return False

    def stop_requested(self) -> bool:
        """Whether someone asked to stop, or the time is up."""
        return self._stop_requested()

    def save(self, session: Session) -> None:
        """Do nothing."""

    def epoch_done(self, session: Session, record: Record, is_best: bool) -> None:
        """Report the dev NLL; raise TrialPruned if the trial is worse than the median of others."""
        from optuna import TrialPruned

        self.records.append(record)
        self._watch.epoch(session, record)
        # Trials have unlike numbers of epochs: they are compared by the share that is done. At the
        # marks between two epochs stands the score of the first of them.
        before, mark = (GRID * (record["epoch"] - back) // session.epochs for back in (1, 0))
        if len(self.records) > 1:
            for between in range(before + 1, mark):
                self._trial.report(self.records[-2]["dev_score"], between)
        if mark > before:  # of more epochs than marks, some share one
            self._trial.report(record["dev_score"], mark)
        if not session.progress.finished and self._trial.should_prune():
            raise TrialPruned


def search(
    study: Study,
    settings: Settings,
    space: Sequence[Dimension],
    words: Words,
    trials: int | None,
    minutes: float | None,
    watch: Watch,
    stop_requested: Callable[[], bool],
) -> None:
    """Add trials to `study`.

    Args:
        study: from `open_study`.
        settings: those of every trial, but for what is searched.
        space: what is searched.
        words: to learn from and to select by.
        trials: how many; None has no limit.
        minutes: bounds the search; the current trial then is stopped and does not count.
        watch: shows what is happening.
        stop_requested: whether to stop before that.
    """
    deadline = None if minutes is None else time.monotonic() + 60 * minutes

    def stop() -> bool:
        return stop_requested() or (deadline is not None and time.monotonic() >= deadline)

    synthetic = _Synthetic(words)
    done = 0
    while not stop() and (trials is None or done < trials):
        _run_trial(study, settings, space, words, synthetic, watch, stop)
        done += 1


class _Synthetic:
    """The words that an n-gram model draws for trials, as a training of its own would have them.

    Trials of other batch sizes want more or fewer: the fewer are the first of the more.
    """

    def __init__(self, words: Words) -> None:
        self._words = words
        self._synthetic: list[str] = []

    def wanted(self, settings: Settings) -> list[str]:
        """Return the words for a training with `settings`."""
        number = synthetic_in_all(settings, len(self._words.splits["train"]))
        if number > len(self._synthetic):
            pieces = draw((), *self._words.forms(), self._words.alphabet, settings)
            self._synthetic = [*chain.from_iterable(pieces)]
        return self._synthetic[:number]


def _run_trial(
    study: Study,
    settings: Settings,
    space: Sequence[Dimension],
    words: Words,
    synthetic: _Synthetic,
    watch: Watch,
    stop_requested: Callable[[], bool],
) -> None:
    import optuna
    from optuna.trial import TrialState

    number = len(study.get_trials(deepcopy=False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.sampler = optuna.samplers.TPESampler(
            multivariate=True, seed=derive_seed(settings.seed, "trial", number) % 2**32
        )
    trial = study.ask()
    values = {dimension.name: dimension.suggest(trial) for dimension in space}
    hooks = TrialHooks(trial, watch, stop_requested)
    settings = settings.model_copy(update=values)
    session = Session.start(settings, words.alphabet, *words.forms(), synthetic.wanted(settings))
    watch.begin(number, values, session)
    try:
        finished = train(session, hooks)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
        watch.end(number, f"given up after epoch {len(hooks.records)}: worse than the median")
    except DivergenceError as error:
        trial.set_user_attr("failed", str(error))
        study.tell(trial, state=TrialState.FAIL)
        watch.end(number, f"failed: {error}")
    else:
        if not finished:
            study.tell(trial, state=TrialState.FAIL)
            watch.end(number, "stopped before its end; it does not count")
            return
        best = best_record(hooks.records)
        for name in ("epoch", "dev_nll", "dev_rate", "dev_mutual_information"):
            trial.set_user_attr(name, best[name])
        study.tell(trial, best["dev_score"])
        watch.end(
            number,
            f"dev NLL {best['dev_nll']:.3f} at epoch {best['epoch']}; the best so far is "
            f"{study.best_trial.user_attrs['dev_nll']:.3f}, trial {study.best_trial.number}",
        )
