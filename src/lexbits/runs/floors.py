"""What a run is measured by: an n-gram on its dev words, found once and kept, and its teachers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from lexbits.data import forms_of, without_seen
from lexbits.data.corpus import Corpus
from lexbits.data.training_words import to_learn_from
from lexbits.errors import LexbitsError, RunError
from lexbits.measures import evaluate
from lexbits.runs.checkpoints import read_model, read_records
from lexbits.runs.folder import RunFolder
from lexbits.training.floors import Floor, ngram_floor
from lexbits.training.records import best_record

FLOORS = "floors.json"
TEACHER = "plain teacher"


def floors_of(run: RunFolder) -> list[Floor]:
    """Return the floors of a run, the n-gram first, where there is one.

    It is fitted where that has not been done; where it cannot be, as its words are packed or gone,
    it is left out.
    """
    return [*_ngram(run), *_teachers(run)]


def teacher_on(run: RunFolder, words: Sequence[str]) -> list[Floor]:
    """Return what the first teacher of a run reaches on words, if it was trained and is there."""
    teacher = RunFolder(run.teacher(0))
    try:
        network, _ = read_model(teacher)
        corpus = Corpus.from_words(words, teacher.alphabet())
    except RunError:
        return []
    return [Floor(TEACHER, evaluate(network.eval(), corpus, samples=1).nll)]


def _ngram(run: RunFolder) -> list[Floor]:
    with suppress(RunError):  # none was kept, or it is damaged: it comes out the same
        kept = run.read_json(FLOORS).get("ngram")
        if isinstance(kept, dict) and isinstance(kept.get("dev_nll"), float):
            return [Floor(str(kept.get("name")), kept["dev_nll"])]
    try:
        train = run.split("train")
        dev, _ = without_seen(run.split("dev"), train)
        floor = ngram_floor(run.settings(), run.alphabet(), to_learn_from(train), forms_of(dev))
    except LexbitsError:
        return []
    if floor is None:
        return []
    with suppress(RunError):  # in a folder that may only be read
        run.write_json(FLOORS, {"ngram": {"name": floor.name, "dev_nll": floor.nll}})
    return [floor]


def _teachers(run: RunFolder) -> list[Floor]:
    """Return the best dev NLL of the first teacher, a plain model, if it was trained."""
    if not run.settings().teachers:
        return []
    records = read_records(RunFolder(run.teacher(0)))
    return [Floor(TEACHER, best_record(records)["dev_nll"])] if records else []
