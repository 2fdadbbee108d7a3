"""The rate–distortion curve: one training for each rate target, measured on the same test words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lexbits.config import Settings, resolve
from lexbits.data.corpus import Corpus
from lexbits.errors import RunError, UsageError
from lexbits.likelihood import score_words
from lexbits.likelihood.importance import Floats
from lexbits.measures.bootstrap import paired_bootstrap
from lexbits.measures.evaluation import sum_up
from lexbits.measures.reconstruction import reconstruction
from lexbits.runs.folder import RunFolder, StudyFolder
from lexbits.runs.marks import SWEEP
from lexbits.runs.words import Say, Words, create_run
from lexbits.studies.figures import sweep_figure
from lexbits.training.randomness import derive_seed, seeded_torch
from lexbits.training.records import best_record
from lexbits.word_model import WordModel

PLAIN = "plain"
WITHOUT_EFFECT = ("save_seconds",)
"""Settings that may differ from those of a run that is kept."""


@dataclass(frozen=True)
class Point:
    """The best model of one training on the test words; nats per word unless said otherwise.

    Attributes:
        run: its folder.
        rate_target: 0 for the plain language model.
        epochs: epochs trained.
        best_epoch: the one whose model is measured: of lowest dev NLL.
        nll: importance-sampled −log p(x).
        nll_se: its standard error as the mean over words drawn from the language.
        rate: KL(Q(z|x) ‖ P(z)) = mutual_information + marginal_kl.
        distortion: −E_Q[log p(x|z)].
        mutual_information: what the bits know of the word; at most log(words).
        marginal_kl: KL(q(z) ‖ P(z)).
        active_bits: bits that know more than 0.02 nats.
        exact: share of words that the most probable code decodes to, greedily.
        edit_distance: mean distance of what it decodes to, in characters.
        sample_exact: the same share for codes drawn from the posterior.
        sample_edit_distance: the same distance for them.
        nll_difference: NLL minus that of the plain model, on the same words.
        difference_low: lower end of its 95 % interval.
        difference_high: upper end.
    """

    run: str
    rate_target: float
    epochs: int
    best_epoch: int
    nll: float
    nll_se: float
    rate: float
    distortion: float
    mutual_information: float
    marginal_kl: float
    active_bits: int
    exact: float | None
    edit_distance: float | None
    sample_exact: float | None
    sample_edit_distance: float | None
    nll_difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None


def plan(
    flags: Mapping[str, Any],
    preset: str | None,
    config: Path | None,
    rates: Sequence[float],
    plain: bool,
) -> dict[str, Settings]:
    """Return the settings of each training by the name of its folder; the plain model comes first.

    All have the given settings; with a target, free nats are off.

    Raises:
        UsageError: impossible settings, no rate, or one that the bits cannot carry.
    """
    if flags.get("rate_target"):
        raise UsageError("--rate-target is one rate: give the rates of a sweep by --rates")
    if not rates or not all(rate > 0 for rate in rates):
        raise UsageError(f"--rates: expected nats above 0, found {list(rates)}")
    planned = {}
    for rate in rates:
        settings = resolve({"free_nats": 0.0, **flags, "rate_target": rate}, preset, config)
        planned[f"rate-{rate:g}"] = settings
    if settings.bits == 0:
        raise UsageError("bits 0 is the plain model, which has no rate: give --bits")
    if plain:
        without_bits = {"bits": 0, "alpha": [0.5], "rate_target": 0.0}
        planned = {PLAIN: settings.model_copy(update=without_bits), **planned}
    return planned


def open_runs(
    folder: StudyFolder, planned: Mapping[str, Settings], words: Words
) -> dict[str, RunFolder]:
    """Return the run of each training: the one that is there, or a new one.

    Raises:
        RunError: a run that is there has other settings or words; then nothing is made.
    """
    paths = {name: folder.path / name for name in planned}
    for name, settings in planned.items():
        if paths[name].exists():
            _refuse_other(RunFolder.open(paths[name]), settings, words)
    if not folder.has(SWEEP):
        folder.write_json(SWEEP, {"plain": None, "points": []})
    return {
        name: RunFolder.open(paths[name])
        if paths[name].exists()
        else create_run(paths[name], settings, words)
        for name, settings in planned.items()
    }


def share_teachers(run: RunFolder, runs: Iterable[RunFolder]) -> None:
    """Give `run` the teachers of another run, and their words: its own would come out the same."""
    if not run.settings().teachers or run.has_drawn() or (run.path / "teachers").exists():
        return
    for other in runs:
        if other.has_drawn():
            run.take_teachers(other)
            run.write_drawn(other.drawn())
            return


def _refuse_other(run: RunFolder, settings: Settings, words: Words) -> None:
    found = run.settings()
    for name in Settings.model_fields:
        there, here = getattr(found, name), getattr(settings, name)
        if there != here and name not in WITHOUT_EFFECT:
            raise RunError(
                f"{run.path}: a run with other settings: its {name} is {there}, {here} is asked "
                "for; give the same settings, or choose another --out"
            )
    for split, entries in words.splits.items():
        if run.split(split) != entries:
            raise RunError(
                f"{run.path}: its {split} words are not those of {settings.data} as it is now; "
                "choose another --out"
            )


def measure(
    folder: StudyFolder, runs: Mapping[str, RunFolder], samples: int, say: Say
) -> dict[str, Any]:
    """Measure the best model of each run on its test words; write sweep.json and its figure.

    Args:
        folder: the folder of the sweep.
        runs: finished runs on the same words, the plain one first if there is one.
        samples: S, importance samples for each word.
        say: told what is going on.
    """
    points: dict[str, Point] = {}
    plain_log_prob = None
    for name, run in runs.items():
        say(f"Measuring {run.path} on the test words")
        point, log_prob = _measure(run, samples)
        if name == PLAIN:
            plain_log_prob = log_prob
        elif plain_log_prob is not None:
            point = _compared(point, plain_log_prob - log_prob, run.settings().seed)
        points[name] = point
    plain = points.pop(PLAIN, None)
    ordered = sorted(points.values(), key=lambda point: point.rate_target)
    figures = [f"figures/sweep.{kind}" for kind in ("png", "svg")]
    document: dict[str, Any] = {
        "data": run.settings().data,
        "samples": samples,
        "test_words": len(log_prob),
        "plain": dataclasses.asdict(plain) if plain else None,
        "points": [dataclasses.asdict(point) for point in ordered],
        "files": [str(folder.path / name) for name in (SWEEP, *figures)],
    }
    folder.write_json(SWEEP, document)
    for name in figures:
        kind = name.rsplit(".", 1)[1]
        folder.write(name, sweep_figure(document["points"], document["plain"], kind))
    return document


def _measure(run: RunFolder, samples: int) -> tuple[Point, Floats]:
    """Return the figures of a run's best model, and log p(x) of each test word."""
    model = WordModel.load(run.path, run.settings().device)
    settings, network = model.settings, model.network
    corpus = Corpus.from_words([entry.form for entry in run.split("test")], model.alphabet)
    with seeded_torch(settings.seed, "evaluate"):
        scores = score_words(network, corpus, samples)
    figures = sum_up(network, scores)
    rebuilt = reconstruction(network, corpus) if settings.bits else None
    point = Point(
        run=str(run.path),
        rate_target=settings.rate_target,
        epochs=len(model.history),
        best_epoch=best_record(model.history)["epoch"],
        nll=figures.nll,
        nll_se=figures.nll_se,
        rate=figures.rate,
        distortion=figures.distortion,
        mutual_information=figures.mutual_information,
        marginal_kl=figures.marginal_kl,
        active_bits=figures.active_bits,
        exact=rebuilt.exact if rebuilt else None,
        edit_distance=rebuilt.edit_distance if rebuilt else None,
        sample_exact=rebuilt.sample_exact if rebuilt else None,
        sample_edit_distance=rebuilt.sample_edit_distance if rebuilt else None,
    )
    return point, scores.log_prob


def _compared(point: Point, differences: Floats, seed: int) -> Point:
    low, high = paired_bootstrap(differences, seed=derive_seed(seed, "bootstrap"))
    return dataclasses.replace(
        point,
        nll_difference=float(differences.mean()),
        difference_low=low,
        difference_high=high,
    )
