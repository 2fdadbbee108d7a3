"""What a run has come to: its metrics, its outputs, its figures."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from typing import Any

from lexbits.data import Entry, forms_of
from lexbits.data.known import KnownWords
from lexbits.data.training_words import to_learn_from
from lexbits.measures.advice import Outcome, findings
from lexbits.measures.diagnosis import (
    describe_information,
    describe_negative,
    describe_unseen,
)
from lexbits.measures.evaluation import Evaluation
from lexbits.measures.reconstruction import ReconstructionQuality
from lexbits.runs.checkpoints import read_history, read_records
from lexbits.runs.folder import RunFolder
from lexbits.runs.identity import ESTIMATOR
from lexbits.runs.start import START_FROM
from lexbits.studies.baseline import NGramBaseline, ngram_baseline, words_of_model
from lexbits.studies.plots import plot
from lexbits.training.floors import MOST_WORDS
from lexbits.training.ngrams import ORDERS
from lexbits.training.records import best_record
from lexbits.word_model import WordModel

EXAMPLES = 5
SUMMARY_SAMPLES = 20
REBUILT = 1000
"""Test words that are sent through their bits."""


def split_entries(words: KnownWords, split: str) -> tuple[Sequence[Entry], int]:
    """Return the entries of a split, and how many rows of dev occur in training.

    Of dev, those rows are left out of the entries.
    """
    dev, removed = words.unseen_dev
    return dev if split == "dev" else words.splits[split], removed


def summarise(run: RunFolder, device: str = "cpu") -> dict[str, Any]:
    """Measure the best model on the test words, draw the figures, write examples; return it all.

    Args:
        run: a run of which an epoch is done.
        device: where the model works.
    """
    model = WordModel.load(run.path, device)
    entries, removed = split_entries(model.words, "test")
    forms = forms_of(entries)
    metrics = model.evaluate(forms, samples=SUMMARY_SAMPLES, seed=model.settings.seed)
    best = best_record(model.history)
    rebuilt = _reconstruction(model, forms)
    ngram = _ngram(model)
    fine_tuned = START_FROM in run.facts()
    found = findings(_outcome(model, metrics, rebuilt, ngram, fine_tuned), model.settings)
    summary = {
        "run": str(run.path),
        "epochs": len(model.history),
        "best_epoch": best["epoch"],
        "dev_nll": best["dev_nll"],
        "seconds": round(training_seconds(run), 1),
        "precision": model.settings.precision,
        "test": dataclasses.asdict(metrics) | {"dev_overlap_removed": removed},
        "reconstruction": dataclasses.asdict(rebuilt) if rebuilt else None,
        "ngram": {"order": ngram.order, "nll": ngram.nll, "seen_nll": ngram.seen_nll}
        if ngram
        else None,
        "unseen": describe_unseen(metrics),
        "information": describe_information(metrics, model.settings.bits),
        "negative": describe_negative(metrics),
        "advice": found[0] if found else "",
        "findings": found,
        "examples": examples(model, forms),
    }
    plot([run.path], say=lambda _: None)
    run.write_json("summary.json", summary)
    return summary


def _outcome(
    model: WordModel,
    metrics: Evaluation,
    rebuilt: ReconstructionQuality | None,
    ngram: NGramBaseline | None,
    fine_tuned: bool,
) -> Outcome:
    best, last = best_record(model.history), model.history[-1]
    return Outcome(
        train_words=len(model.words.splits["train"]),
        epochs=len(model.history),
        steps=last["step"],
        best_epoch=best["epoch"],
        best_dev_nll=best["dev_nll"],
        last_dev_nll=last["dev_nll"],
        train_elbo=last["train_elbo"],
        dev_elbo=last["dev_elbo"],
        test=metrics,
        exact=rebuilt.exact if rebuilt else None,
        ngram_nll=ngram.seen_nll if ngram else None,
        fine_tuned=fine_tuned,
    )


def _reconstruction(model: WordModel, forms: list[str]) -> ReconstructionQuality | None:
    """Return how many test words come back from their bits, if there are any; of many, of some."""
    if not model.settings.bits:
        return None
    some = random.Random(model.settings.seed).sample(forms, min(len(forms), REBUILT))
    return model.reconstruction(some)


def _ngram(model: WordModel) -> NGramBaseline | None:
    """Return the floor, where the words are not so many that it takes long."""
    train = model.words.splits["train"]
    if len(train) > MOST_WORDS or not to_learn_from(train).can_fit_ngram:
        return None
    return ngram_baseline(words_of_model(model), [*ORDERS], weighting=model.settings)


def training_seconds(run: RunFolder) -> float:
    """Return how long the training took, its evaluations and its teachers counted."""
    runs = [run, *(RunFolder(run.teacher(n)) for n in range(run.settings().teachers))]
    return float(sum(record["seconds"] for each in runs for record in read_records(each)))


def examples(model: WordModel, forms: list[str]) -> dict[str, Any]:
    """Return some outputs of a model: samples, and with bits reconstructions and a path."""
    seed = model.settings.seed
    shown: dict[str, Any] = {
        "samples": [dataclasses.asdict(s) for s in model.sample(2 * EXAMPLES, seed=seed)]
    }
    if model.settings.bits:
        chosen = forms[:: max(1, len(forms) // EXAMPLES)][:EXAMPLES]
        shown["reconstructions"] = [dataclasses.asdict(r) for r in model.reconstruct(chosen)]
        if len(chosen) > 1:
            path = model.interpolate(chosen[0], chosen[-1])
            shown["path"] = [dataclasses.asdict(point) for point in path]
    return shown


def describe_run(run: RunFolder) -> dict[str, Any]:
    """Return data, sizes, progress and best metrics of a run or a saved model."""
    settings, alphabet = run.settings(), run.alphabet()
    records, progress = read_history(run)
    document: dict[str, Any] = {
        "run": run.shown,
        "data": run.source(),
        "words": run.sizes(),
        "bits": settings.bits,
        "characters": "".join(alphabet.characters),
        "settings": settings.model_dump(),
        "epochs_done": len(records),
        "steps_done": progress.step if progress else None,
        "finished": progress.finished if progress else None,
    }
    if settings.weights:
        document["words_weighted_by"] = (
            f"{settings.weights}, as {settings.weighting}; dev and test words count once each"
        )
    if started := run.facts().get(START_FROM):
        document["started_from"] = started.get("path") or started.get("data")
    if progress and progress.leg_epoch:
        document["extended_after_epoch"] = progress.leg_epoch
    if run.keeps_estimator():
        document["estimator_source"] = str(run.path / ESTIMATOR)
    if records:
        best = best_record(records)
        names = ("epoch", "dev_nll", "dev_elbo", "dev_rate", "dev_perplexity_per_symbol")
        document |= {f"best_{name}": best[name] for name in names}
        document["best_mutual_information"] = best["dev_mutual_information"]
    return document
