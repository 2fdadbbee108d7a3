"""A search on disk: what it is about, its trials, and what has come of it."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lexbits.config import MAY_CHANGE, Settings, current_names, to_toml
from lexbits.data import to_text
from lexbits.errors import MissingPackageError, RunError
from lexbits.estimators.own import taken
from lexbits.runs.marks import BEST, TUNE
from lexbits.runs.study import StudyFolder
from lexbits.runs.words import Words
from lexbits.studies.tuning.space import Dimension
from lexbits.studies.tuning.trials import GRID

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

STUDY = "study.db"
SHOWN = 5
FEWEST_FOR_IMPORTANCE = 20
"""Finished trials below which the importance of a setting would be noise."""


def require_optuna() -> None:
    """Import optuna and silence it.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        import optuna
    except ImportError:
        raise MissingPackageError(
            "the search needs optuna, which is not installed: pip install 'lexbits[tune]'"
        ) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def open_study(
    folder: StudyFolder, settings: Settings, space: Sequence[Dimension], words: Words
) -> Study:
    """Return the study in `folder`, a new one if there is none.

    Raises:
        RunError: the study there has other words, fixed settings or bounds, or is damaged.
    """
    import optuna
    from sqlalchemy import URL
    from sqlalchemy.exc import SQLAlchemyError

    _refuse_other(folder, _identity(settings, space, words))
    url = URL.create("sqlite", database=str(folder.path / STUDY)).render_as_string()
    try:
        study = optuna.create_study(
            storage=url,
            study_name="lexbits",
            load_if_exists=True,
            direction="minimize",
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=5,
                # Learning rate and rate have to settle: no trial ends in its first third.
                n_warmup_steps=GRID // 3 + 1,
            ),
        )
        # The folder is locked: a trial that seems to run belongs to a process that was killed.
        for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    except (SQLAlchemyError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise RunError(f"{folder.path / STUDY}: not a study that can be read ({reason})") from None
    return study


def _identity(settings: Settings, space: Sequence[Dimension], words: Words) -> dict[str, Any]:
    """Return what all trials of a study share, as it is in JSON."""
    names = {dimension.name for dimension in space}
    text = "".join(to_text(words.splits[split]) for split in ("train", "dev"))
    document: dict[str, Any] = {
        "settings": settings.model_dump(exclude={*names, *MAY_CHANGE}),
        "space": {d.name: [d.kind, *d.values] for d in space},
        "words": hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
    }
    if own := taken(settings.estimator):
        document["estimator_source"] = own.source
    return document


def _refuse_other(folder: StudyFolder, wanted: dict[str, Any]) -> None:
    """Keep what the study is about, or compare it with what was kept."""
    if not folder.has(TUNE):
        folder.write_json(TUNE, wanted)
        return
    kept = folder.read_json(TUNE)
    # What an earlier version did not know, neither as fixed nor as searched, was at its default.
    defaults = Settings().model_dump(exclude={*kept["space"]})
    kept["settings"] = defaults | current_names(kept["settings"])
    for part in ("settings", "space"):
        there, here = kept.get(part, {}), wanted[part]
        for name in sorted({*there, *here} - {*MAY_CHANGE}):
            if there.get(name) != here.get(name):
                what = name if part == "settings" else f"search of {name}"
                raise RunError(
                    f"{folder.path}: another study: its {what} is {there.get(name, 'searched')}, "
                    f"{here.get(name, 'searched')} is asked for; give what was given before, or "
                    "choose another --out"
                )
    if kept.get("estimator_source") != wanted.get("estimator_source"):
        raise RunError(
            f"{folder.path}: another study: the source of {wanted['settings']['estimator']} has "
            "changed since; what it was is in tune.json; choose another --out"
        )
    if kept.get("words") != wanted["words"]:
        raise RunError(
            f"{folder.path}: its words are not those of {wanted['settings']['data']} as it is now; "
            "choose another --out"
        )


def conclude(
    study: Study, settings: Settings, space: Sequence[Dimension], folder: StudyFolder
) -> dict[str, Any] | None:
    """Write best.toml and summary.json and return the latter; None while no trial is finished."""
    from optuna.trial import TrialState

    trials = study.get_trials(deepcopy=False)
    finished = sorted(
        (trial for trial in trials if trial.state == TrialState.COMPLETE),
        key=lambda trial: (trial.value, trial.number),
    )
    if not finished:
        return None
    best = finished[0]
    failed = sum("failed" in trial.user_attrs for trial in trials)
    pruned = sum(trial.state == TrialState.PRUNED for trial in trials)
    document: dict[str, Any] = {
        "data": settings.data,
        "best_dev_nll": _described(best)["dev_nll"],
        "best_settings": best.params,
        "trials": {
            "finished": len(finished),
            "pruned": pruned,
            "failed": failed,
            "stopped": len(trials) - len(finished) - pruned - failed,
        },
        "importance": _importance(study, len(finished)),
        "best_trials": [_described(trial) for trial in finished[:SHOWN]],
        "files": [str(folder.path / name) for name in (BEST, "summary.json", STUDY)],
    }
    folder.write(BEST, to_toml(settings.model_copy(update=best.params)))
    folder.write_json("summary.json", document)
    return document


def _described(trial: FrozenTrial) -> dict[str, Any]:
    # The value is the score of the best epoch, which is its dev NLL but for missed rate targets.
    shown = {"trial": trial.number, "dev_nll": trial.value}
    return {**shown, **trial.user_attrs, **trial.params}


def _importance(study: Study, finished: int) -> dict[str, float] | None:
    """Return each setting's share in what separates good trials (PED-ANOVA, Watanabe et al. 2023).

    None where there are too few trials for it.
    """
    if finished < FEWEST_FOR_IMPORTANCE:
        return None
    from optuna import importance
    from optuna.exceptions import ExperimentalWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        evaluator = importance.PedAnovaImportanceEvaluator()
    return importance.get_param_importances(study, evaluator=evaluator)
