"""What a run has come to: its metrics, its outputs, its figures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from lexbits.data import Entry, forms_of
from lexbits.data.known import KnownWords
from lexbits.errors import RunError
from lexbits.measures.diagnosis import (
    collapse_advice,
    describe_information,
    describe_negative,
    describe_unseen,
)
from lexbits.runs.checkpoints import read_history, read_records
from lexbits.runs.folder import RunFolder
from lexbits.studies.figures import training_figure
from lexbits.training.records import best_record
from lexbits.word_model import WordModel

EXAMPLES = 5
SUMMARY_SAMPLES = 20


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
    summary = {
        "run": str(run.path),
        "epochs": len(model.history),
        "best_epoch": best["epoch"],
        "dev_nll": best["dev_nll"],
        "seconds": round(training_seconds(run), 1),
        "test": dataclasses.asdict(metrics) | {"dev_overlap_removed": removed},
        "unseen": describe_unseen(metrics),
        "information": describe_information(metrics, model.settings.bits),
        "negative": describe_negative(metrics),
        "advice": collapse_advice(metrics, model.settings),
        "examples": examples(model, forms),
    }
    draw_figures(run)
    run.write_json("summary.json", summary)
    return summary


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
        shown["path"] = [dataclasses.asdict(p) for p in model.interpolate(chosen[0], chosen[-1])]
    return shown


def draw_figures(run: RunFolder) -> list[str]:
    """Draw the course of the training as PNG and SVG; return the names of the files.

    Raises:
        RunError: no epoch is finished; or as `read_history`.
    """
    records, _ = read_history(run)
    if not records:
        raise RunError(f"{run.path}: no epoch is finished yet, so there is nothing to draw")
    return run.write_figure("training", lambda kind: training_figure(records, kind))


def describe_run(run: RunFolder) -> dict[str, Any]:
    """Return data, sizes, progress and best metrics of a run or a saved model."""
    settings, alphabet = run.settings(), run.alphabet()
    records, progress = read_history(run)
    document: dict[str, Any] = {
        "run": str(run.path),
        "data": run.source(),
        "words": run.sizes(),
        "bits": settings.bits,
        "characters": "".join(alphabet.characters),
        "settings": settings.model_dump(),
        "epochs_done": len(records),
        "steps_done": progress.step if progress else None,
        "finished": progress.finished if progress else None,
    }
    if records:
        best = best_record(records)
        names = ("epoch", "dev_nll", "dev_elbo", "dev_rate", "dev_perplexity_per_symbol")
        document |= {f"best_{name}": best[name] for name in names}
        document["best_mutual_information"] = best["dev_mutual_information"]
    return document
