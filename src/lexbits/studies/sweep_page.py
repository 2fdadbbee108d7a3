"""The page of a sweep: its models side by side, those that are trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexbits.data import Say, forms_of
from lexbits.errors import RunError
from lexbits.figures.sweep import sweep_figure
from lexbits.figures.training import training_figure
from lexbits.report.again import again
from lexbits.report.facts import Again, Point, SweepTold, label_of
from lexbits.report.page import page
from lexbits.report.sweep_sections import sweep_head, sweep_knows, sweep_title
from lexbits.report.weights import Precision
from lexbits.runs.checkpoints import MODEL, read_progress
from lexbits.runs.folder import RunFolder
from lexbits.runs.marks import OF_EVERY_RUN, SWEEP
from lexbits.runs.study import StudyFolder
from lexbits.studies.plots import course_of
from lexbits.studies.rates import PLAIN, measure_point
from lexbits.studies.rates import Point as Measured
from lexbits.word_model import WordModel
from lexbits.word_model.pictures import picture
from lexbits.word_model.provenance import in_shell, provenance
from lexbits.word_model.reporting import fitting
from lexbits.word_model.telling import SEED

SAMPLES = 20
"""Importance samples for each test word of a model that the sweep has not measured yet."""

TOLD = ("rate_target", "nll", "rate", "distortion", "mutual_information")
"""Metrics that are told of every model."""

MADE = 6
"""Words that each model makes up."""


@dataclass(frozen=True)
class Trained:
    """A model of a sweep that is trained.

    Attributes:
        run: its folder.
        model: the model.
        metrics: its point in sweep.json, or measured as that is.
    """

    run: RunFolder
    model: WordModel
    metrics: dict[str, Any]

    @property
    def label(self) -> str:
        """What it is called beside the others."""
        return label_of(self.metrics["rate_target"], self.model.settings.bits)


def sweep_page(path: Path, say: Say) -> str:
    """Return the page of a sweep.

    Args:
        path: its folder.
        say: called with what is happening.

    Raises:
        RunError: no model of it is trained yet, or one is damaged.
    """
    folder = StudyFolder(path)
    found, notes = _trained(folder, say)
    if not found:
        raise RunError(f"{path}: no run of this sweep is finished yet, so there is nothing to show")
    precision = fitting([each.model for each in found])
    lives, points = [], []
    with_bits = [each for each in found if each.model.settings.bits]
    for each in found:
        say(f"Measuring {each.run.path} for the page")
        live, point = _side_by_side(each, precision)
        if each.model.settings.bits:
            live["point"] = with_bits.index(each)
        lives.append(live)
        points.append(point)
    last = found[-1]
    told = SweepTold(
        origin=last.model._origin(),
        points=tuple(points),
        test_words=len(last.run.split("test")),
        notes=tuple(notes),
        curves=picture(
            "training",
            training_figure([course_of(each.run, each.label) for each in found]),
            "Metrics of the dev words by training step, of each model",
        ),
        again=_again(found),
    )
    return page(
        sweep_title(told),
        sweep_head(told),
        sweep_knows(told),
        again(told.again, told.origin.characters),
        {"version": 1, "models": lives, "start": last.model._start(_held_out(last))},
        _figure(found),
    )


def _trained(folder: StudyFolder, say: Say) -> tuple[list[Trained], list[str]]:
    """Return the models that are trained, the plain one first, and what is said of the others."""
    measured = _measured(folder)
    found, notes = [], []
    for place in sorted(folder.path.glob(f"*/{OF_EVERY_RUN[0]}")):
        run = RunFolder.open(place.parent)
        progress = read_progress(run)
        if not run.has(MODEL) or (progress and not progress.finished):
            done = f"epoch {progress.epoch}" if progress else "it is not begun"
            notes.append(f"{run.path.name} is not trained to its end ({done}) and is left out.")
            continue
        metrics = measured.get(run.path.name)
        if metrics is None:
            say(f"Measuring {run.path} on the test words")
            metrics = dataclasses.asdict(measure_point(run, SAMPLES, "cpu")[0])
            notes.append(f"{run.path.name} was measured by {SAMPLES} importance samples only.")
        found.append(Trained(run, WordModel.load(run.path), metrics))
    gone = [name for name in measured if not (folder.path / name).is_dir()]
    notes += [f"{name} is not in the folder of the sweep any more." for name in gone]
    found.sort(key=lambda each: (each.run.path.name != PLAIN, each.metrics["rate_target"]))
    return found, notes


def _measured(folder: StudyFolder) -> dict[str, dict[str, Any]]:
    """Return the points of sweep.json by the names of their runs.

    Raises:
        RunError: it is damaged.
    """
    document = folder.read_json(SWEEP)
    try:
        points = [point for point in [document["plain"], *document["points"]] if point]
        if not all(isinstance(point[name], float | int) for point in points for name in TOLD):
            raise TypeError
        return {Path(point["run"]).name: vars(Measured(**point)) for point in points}
    except (KeyError, TypeError):
        raise RunError(
            f"{folder.path / SWEEP}: expected the points of a sweep, found something else: damaged "
            "or edited; give the command of the sweep again"
        ) from None


def _side_by_side(trained: Trained, precision: Precision) -> tuple[dict[str, Any], Point]:
    """Return a model as it runs in the page, and what the page tells of it."""
    model, metrics, words = trained.model, trained.metrics, _held_out(trained)
    usage, codes = model._usage(words), model._codes(words)
    live = model._live(words, usage, codes, precision, trained.run.path.name, trained.label)
    bits, forms = model.settings.bits, forms_of(words)
    point = Point(
        target=metrics["rate_target"],
        bits=bits,
        nll=metrics["nll"],
        rate=metrics["rate"],
        information=metrics["mutual_information"],
        distortion=metrics["distortion"],
        beyond_plain=_beyond_plain(metrics),
        exact=metrics["exact"],
        rounding=model._rounding(forms, precision),
        rebuilt=model._rebuilt_words(words) if bits else (),
        made=tuple(sample.word for sample in model.sample(MADE, seed=SEED)),
    )
    return live, point


def _beyond_plain(metrics: dict[str, Any]) -> tuple[float, float, float] | None:
    found = (metrics["nll_difference"], metrics["difference_low"], metrics["difference_high"])
    return None if None in found else found


def _held_out(trained: Trained) -> Sequence[Any]:
    return trained.model._held_out_entries()


def _again(found: Sequence[Trained]) -> Again:
    last = found[-1]
    again = provenance(last.model)
    remark = (
        f"Settings and digests are those of {last.run.path.name}; the other models with bits "
        "differ in rate_target only."
    )
    command = again.command if " sweep " in again.command else _command(found)
    return dataclasses.replace(again, command=command, remarks=(remark, *again.remarks))


def _command(found: Sequence[Trained]) -> str:
    """Return the command line that trains such a sweep."""
    shared = found[-1].model.settings.model_copy(update={"rate_target": 0.0})
    rates = [f"{rate:g}" for each in found if (rate := each.metrics["rate_target"])]
    plain = any(not each.model.settings.bits for each in found)
    more = ["--rates", *rates, *([] if plain else ["--no-plain"])]
    return in_shell(shared, ("sweep", "rate"), more)


def _figure(found: Sequence[Trained]) -> str:
    """Return the rate–distortion curve of the models with bits, "" where there are none."""
    points = [each.metrics for each in found if each.model.settings.bits]
    plain = next((each.metrics for each in found if not each.model.settings.bits), None)
    compared = all(point["nll_difference"] is not None for point in points)
    if not points:
        return ""
    return picture(
        "sweep",
        sweep_figure(points, plain if compared else None),
        "Distortion by rate, NLL by information, and words that come back exactly by rate",
    )
