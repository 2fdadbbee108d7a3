"""Studies of a trained run that leave a table and a figure in its folder."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from lexbits.config import Settings
from lexbits.data import Say, load_entries
from lexbits.estimators import Estimator
from lexbits.figures.comparison import comparison_figure
from lexbits.figures.style import as_file
from lexbits.pretrained.places import is_packaged
from lexbits.runs.base import Folder, figure_files
from lexbits.runs.folder import RunFolder
from lexbits.word_model import WordModel
from lexbits.word_model.comparing import compared


def compare_estimators(
    run: RunFolder,
    data: str | None,
    kinds: dict[str, type[Estimator]],
    budget: int,
    words: int,
    repeats: int,
    exact_limit: int,
    seed: int,
    say: Say,
    how: Settings,
    out: Path | None = None,
) -> dict[str, Any]:
    """Compare gradient estimators on the run's model; write estimators.json and its figure.

    Nothing is written of a model that comes with lexbits, unless `out` says where to.

    Args:
        run: the run; its best model is taken.
        data: a data set; None is the run's dev words that are not in training.
        kinds: the estimators to compare, by name.
        budget: evaluations of the decoder for each word.
        words: size of the batch, drawn at random from the data.
        repeats: estimates of each.
        exact_limit: most bits for which the reference gradient is exact.
        seed: of words and noise.
        say: called with what is happening.
        how: how `data` is read.
        out: the folder to write to; else that of the run.

    Raises:
        UsageError: a model without bits, or no estimator that the budget allows.
        RunError: the files cannot be written.
    """
    model = WordModel.load(run.path)
    forms = _forms(model, data, say, how)
    found, left_out = compared(model, forms, kinds, budget, words, repeats, exact_limit, seed, say)
    place = out or (None if is_packaged(run.path) else run.path)
    files = ["estimators.json", *figure_files("estimators")] if place else []
    document: dict[str, Any] = {
        "run": run.shown,
        "data": data,
        "words": min(words, len(forms)),
        "bits": model.settings.bits,
        "budget": budget,
        "repeats": repeats,
        "seed": seed,
        "estimators": [dataclasses.asdict(comparison) for comparison in found],
        "left_out": left_out,
        "files": [str(place / name) for name in files] if place else [],
    }
    if place:
        folder, rows = Folder(place), document["estimators"]
        folder.write_json(files[0], document)
        folder.write_figure("estimators", lambda kind: as_file(comparison_figure(rows), kind))
    return document


def _forms(model: WordModel, data: str | None, say: Say, how: Settings) -> list[str]:
    if data is None:
        entries = model.words.unseen_dev[0]
    else:
        entries, notes = load_entries(data, how, "dev", say)
        for note in notes:
            say(note)
    return [entry.form for entry in entries]
