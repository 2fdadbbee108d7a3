"""The rate–distortion curve: one training for each rate target, measured on the same test words."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lexbits.config import MACHINE, MAY_CHANGE, PRESETS, SHARED, Settings, resolve
from lexbits.data import Say
from lexbits.data.corpus import Corpus
from lexbits.errors import RunError, UsageError
from lexbits.figures.style import as_file
from lexbits.figures.sweep import sweep_figure
from lexbits.files import is_empty
from lexbits.likelihood import score_words
from lexbits.likelihood.importance import Floats
from lexbits.measures.bootstrap import paired_bootstrap
from lexbits.measures.evaluation import sum_up
from lexbits.measures.reconstruction import reconstruction
from lexbits.randomness import derive_seed
from lexbits.runs.base import figure_files
from lexbits.runs.folder import RunFolder
from lexbits.runs.marks import SWEEP
from lexbits.runs.study import StudyFolder
from lexbits.runs.words import Words, create_run
from lexbits.training.records import best_record
from lexbits.word_model import WordModel

PLAIN = "plain"
LENGTH = {"epochs", "steps", "patience"}


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
    config: Mapping[str, Any],
    rates: Sequence[float],
    plain: bool,
) -> dict[str, Settings]:
    """Return the settings of each training by the name of its folder; the plain model comes first.

    The models with bits have the given settings, without free nats. The plain one has their data
    and sizes and a length that is given, and in all else the recipe of the preset `plain`: with
    their regularisation it would overfit, and a weak reference flatters what is compared with it.

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
        given = config.keys() | flags.keys()
        kept = settings.model_dump(include={*SHARED, "seed", *LENGTH & given})
        planned = {PLAIN: Settings(**PRESETS["plain"] | kept), **planned}
    return planned


def open_runs(
    folder: StudyFolder, planned: Mapping[str, Settings], words: Words
) -> dict[str, RunFolder]:
    """Return the run of each training: the one that is there, or a new one.

    Raises:
        RunError: a run that is there has other settings or words; then nothing is made.
    """
    runs = {
        name: RunFolder.open(folder.path / name)
        for name in planned
        if not is_empty(folder.path / name)
    }
    for name, run in runs.items():
        if not (name == PLAIN and _is_as_in_0_1_0(run, planned)):
            _refuse_other_settings(run, planned[name])
        _refuse_other_words(run, words, planned[name].data)
    if not folder.has(SWEEP):
        folder.write_json(SWEEP, {"plain": None, "points": []})
    for name, settings in planned.items():
        if name not in runs:
            with create_run(folder.path / name, settings, words) as runs[name]:
                pass
    return {name: runs[name] for name in planned}


def on_this_machine(run: RunFolder, wanted: Settings) -> Settings:
    """Return the settings of `run` with the device that is wanted now, and the precision if said.

    Where it is not, the run goes on in the precision that it was begun in.
    """
    said = wanted.model_dump(include={*MACHINE})
    if wanted.precision == "auto":
        del said["precision"]
    return run.settings().model_copy(update=said)


def share_teachers(run: RunFolder, runs: Iterable[RunFolder]) -> None:
    """Give `run` the teachers of another run, and their words: its own would come out the same."""
    if not run.settings().teachers or run.has_synthetic() or (run.path / "teachers").exists():
        return
    for other in runs:
        if other.has_synthetic():
            run.take_teachers(other)
            run.write_synthetic(other.synthetic())
            return


def _refuse_other_settings(run: RunFolder, wanted: Settings) -> None:
    found = run.settings()
    if name := _difference(found, wanted):
        raise RunError(
            f"{run.path}: a run with other settings: its {name} is {getattr(found, name)}, "
            f"{getattr(wanted, name)} is asked for; give the same settings, or choose another --out"
        )


def _is_as_in_0_1_0(plain: RunFolder, planned: Mapping[str, Settings]) -> bool:
    """Whether a plain model has the settings of the others: it is kept, though a weak reference."""
    of_others = [settings for name, settings in planned.items() if name != PLAIN]
    without_bits = {"bits": 0, "alpha": [0.5], "rate_target": 0.0}
    return not _difference(plain.settings(), of_others[0].model_copy(update=without_bits))


def is_regularised(plain: Settings) -> bool:
    """Whether a plain model is regularised as the preset `plain`: else it is a weak reference."""
    names = ("input_dropout", "recurrent_dropout", "dropout", "variational_dropout")
    return all(getattr(plain, name) == PRESETS["plain"][name] for name in names)


def _difference(found: Settings, wanted: Settings) -> str | None:
    """Return the name of a setting in which two trainings differ, None if they are the same."""
    for name in Settings.model_fields:
        if getattr(found, name) != getattr(wanted, name) and name not in MAY_CHANGE:
            return name
    return None


def _refuse_other_words(run: RunFolder, words: Words, data: str) -> None:
    for split, entries in words.splits.items():
        if run.split(split) != entries:
            raise RunError(
                f"{run.path}: its {split} words are not those of {data} as it is now; "
                "choose another --out"
            )


def measure(
    folder: StudyFolder, runs: Mapping[str, RunFolder], samples: int, device: str, say: Say
) -> dict[str, Any]:
    """Measure the best model of each run on its test words; write sweep.json and its figure.

    Args:
        folder: the folder of the sweep.
        runs: finished runs on the same words, the plain one first if there is one.
        samples: S, importance samples for each word.
        device: where the models work.
        say: called with what is happening.
    """
    points: dict[str, Point] = {}
    plain_log_prob = None
    for name, run in runs.items():
        say(f"Measuring {run.path} on the test words")
        point, log_prob, unseen_words = measure_point(run, samples, device)
        if name == PLAIN:
            plain_log_prob = log_prob
        elif plain_log_prob is not None:
            point = _compared(point, plain_log_prob - log_prob, run.settings().seed)
        points[name] = point
    plain = points.pop(PLAIN, None)
    ordered = sorted(points.values(), key=lambda point: point.rate_target)
    document: dict[str, Any] = {
        "data": run.source(),
        "samples": samples,
        "test_words": len(log_prob),
        "unseen_words": unseen_words,
        "plain": dataclasses.asdict(plain) if plain else None,
        "plain_regularised": is_regularised(runs[PLAIN].settings()) if plain else None,
        "points": [dataclasses.asdict(point) for point in ordered],
        "files": [str(folder.path / name) for name in (SWEEP, *figure_files("sweep"))],
    }
    folder.write_json(SWEEP, document)
    folder.write_figure(
        "sweep", lambda kind: as_file(sweep_figure(document["points"], document["plain"]), kind)
    )
    return document


def measure_point(run: RunFolder, samples: int, device: str) -> tuple[Point, Floats, int]:
    """Return metrics of a run's best model, log p(x) of test words, and how many of them are odd.

    Odd are those with characters that occur in no training word.
    """
    model = WordModel.load(run.path, device)
    settings, network = model.settings, model.network
    corpus = Corpus.from_words([entry.form for entry in run.split("test")], model.alphabet)
    scores = score_words(network, corpus, samples, settings.seed)
    metrics = sum_up(network, scores)
    rebuilt = reconstruction(network, corpus) if settings.bits else None
    point = Point(
        run=str(run.path),
        rate_target=settings.rate_target,
        epochs=len(model.history),
        best_epoch=best_record(model.history)["epoch"],
        nll=metrics.nll,
        nll_se=metrics.nll_se,
        rate=metrics.rate,
        distortion=metrics.distortion,
        mutual_information=metrics.mutual_information,
        marginal_kl=metrics.marginal_kl,
        active_bits=metrics.active_bits,
        exact=rebuilt.exact if rebuilt else None,
        edit_distance=rebuilt.edit_distance if rebuilt else None,
        sample_exact=rebuilt.sample_exact if rebuilt else None,
        sample_edit_distance=rebuilt.sample_edit_distance if rebuilt else None,
    )
    return point, scores.log_prob, metrics.unseen_words


def _compared(point: Point, differences: Floats, seed: int) -> Point:
    low, high = paired_bootstrap(differences, seed=derive_seed(seed, "bootstrap"))
    return dataclasses.replace(
        point,
        nll_difference=float(differences.mean()),
        difference_low=low,
        difference_high=high,
    )
