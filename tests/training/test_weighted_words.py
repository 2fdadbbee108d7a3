"""Training words with weights: an epoch draws them in proportion, and nothing else changes."""

import warnings

import numpy as np
import pytest
import torch

from lexbits import WordModel
from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.data import Entry
from lexbits.data.training_words import ListedWords
from lexbits.errors import DataError, LexbitsWarning, UsageError
from lexbits.runs.checkpoints import STATE, read_model
from lexbits.runs.folder import RunFolder
from lexbits.runs.training import train_in_folder
from lexbits.training.floors import ngram_floor
from lexbits.training.length import steps_in_epoch
from lexbits.training.session import Session
from lexbits.training.teachers import draw
from tests.training.trainings import DEV, TINY, TRAIN

ALPHABET = Alphabet("abc")
WORDS = [*dict.fromkeys(TRAIN)]
WEIGHTS = np.array([1000.0 if i == 5 else 1.0 + i for i in range(len(WORDS))])


def session(weights=WEIGHTS, synthetic=(), **changes):
    settings = resolve(TINY | {"weights": 2} | changes)
    return Session.start(settings, ALPHABET, ListedWords(WORDS, weights), DEV, synthetic)


def drawn_words(found, epochs):
    counts = np.zeros(len(found.corpus), np.int64)
    for epoch in range(epochs):
        found.progress.epoch = epoch
        np.add.at(counts, np.concatenate(found.batches()), 1)
    return counts


@pytest.mark.parametrize("weighting", ["tokens", "log"])
def test_epochs_draw_words_in_proportion_to_their_weights(weighting):
    epochs = 300
    counts = drawn_words(session(weighting=weighting), epochs)
    counted = WEIGHTS if weighting == "tokens" else np.log1p(WEIGHTS)
    wanted = epochs * len(WORDS) * counted / counted.sum()
    assert counts.sum() == epochs * len(WORDS)
    assert np.abs(counts - wanted).max() < 6


def test_an_epoch_is_as_long_as_without_weights():
    weighted, plain = session(), session(weights=None)
    assert weighted.steps == plain.steps
    assert len(weighted.batches()) == steps_in_epoch(weighted.settings, len(WORDS))


def test_types_are_learned_from_as_without_weights():
    kept, plain = session(weighting="types"), session(weights=None)
    assert all((a == b).all() for a, b in zip(kept.batches(), plain.batches(), strict=True))


def test_synthetic_words_stay_beside_the_real_ones():
    counts = drawn_words(session(synthetic=["abcabc"] * 80, synthetic_words=2.0), 1)
    assert counts[: len(WORDS)].sum() == len(WORDS)
    assert counts[len(WORDS) :].sum() == 2 * len(WORDS)


def test_the_ngram_that_draws_synthetic_words_follows_the_weights():
    settings = resolve(TINY | {"synthetic_words": 20.0, "weights": 2, "epochs": 3})
    weights = np.where([word.startswith("c") for word in WORDS], 1000.0, 1.0)

    def starts(words):
        pieces = draw((), words, DEV, ALPHABET, settings)
        found = [word for piece in pieces for word in piece]
        return np.mean([word.startswith("c") for word in found])

    assert starts(ListedWords(WORDS)) < 0.5
    assert starts(ListedWords(WORDS, weights)) > 0.8


class Silent:
    def teacher(self, number, teachers): ...
    def synthetic(self, words, total): ...
    def start(self, session): ...
    def step(self, session): ...
    def epoch(self, session, record, is_best): ...


def run_at(path, **changes):
    entries = [Entry(w, weight=float(x)) for w, x in zip(WORDS, WEIGHTS / 3, strict=True)]
    splits = {"train": entries, "dev": [Entry(w) for w in DEV], "test": [Entry("abcab")]}
    settings = resolve(TINY | {"weights": "freq", "save_seconds": 1e-9} | changes)
    return RunFolder.create(path, settings, ALPHABET, splits)


def test_a_stopped_training_on_weighted_words_resumes_bit_for_bit(tmp_path):
    straight, stopped = run_at(tmp_path / "a"), run_at(tmp_path / "b")
    assert [e.weight for e in straight.split("train")] == (WEIGHTS / 3).tolist()
    assert train_in_folder(straight, Silent(), lambda: False)
    stops = iter([False] * 6 + [True])
    assert not train_in_folder(stopped, Silent(), lambda: next(stops))
    assert train_in_folder(RunFolder.open(stopped.path), Silent(), lambda: False)
    weights = [read_model(run)[0].state_dict() for run in (straight, stopped)]
    assert all(torch.equal(t, weights[1][name]) for name, t in weights[0].items())
    assert straight.has(STATE)


def test_an_edited_weight_is_noticed(tmp_path):
    run = run_at(tmp_path / "run")
    path = run.path / "splits" / "train.tsv"
    path.write_text(path.read_text("utf-8").replace("aaa\t", "aaa\t1"), "utf-8")
    with pytest.raises(DataError, match="not as it was written"):
        RunFolder.open(run.path).split("train")


def test_a_teacher_has_the_weights_of_its_model(tmp_path):
    run = run_at(tmp_path / "run", teachers=1, teacher_epochs=1, epochs=1, synthetic_words=1.0)
    assert train_in_folder(run, Silent(), lambda: False)
    teacher = RunFolder.open(run.teacher(0))
    assert teacher.split("train") == run.split("train")
    assert teacher.settings().weighting == run.settings().weighting


FIT = TINY | {"epochs": 1, "synthetic_words": 0.0}
TEXTS = [a + b + c for a in "bdfg" for b in "aeiou" for c in "lnrs"]


def fitted(*arguments, **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LexbitsWarning)
        return WordModel.fit(*arguments, **FIT | changes, progress=False)


def test_fit_takes_weights_as_a_list_or_a_dictionary(tmp_path):
    counts = {word: 1 + i for i, word in enumerate(TEXTS)}
    one = fitted(counts)
    other = fitted(TEXTS, weights=np.array([*counts.values()]))
    plain = fitted(TEXTS)
    assert one.score(["bal"]) == other.score(["bal"]) != plain.score(["bal"])
    one.save(tmp_path / "model")
    back = WordModel.load(tmp_path / "model")
    weights = {e.form: e.weight for e in back.words.splits["train"]}
    assert weights == {form: counts[form] for form in weights}
    assert all(e.weight == 1 for e in back.words.splits["dev"])
    assert back.settings.weighting == "tokens"


def test_weights_of_equal_words_are_added_up_in_fit():
    found = fitted([*TEXTS, "bal", "BAL"], weights=[1] * 80 + [5, 7], lowercase=True)
    weights = {e.form: e.weight for e in found.words.splits["train"]}
    assert weights.get("bal", 13) == 13
    assert len(weights) + len(found.words.splits["dev"]) == 80


@pytest.mark.parametrize("weight", [0, -1, float("nan"), float("inf"), "3", None, True])
def test_what_is_no_weight_is_refused_with_its_index(weight):
    with pytest.raises(UsageError, match=r"weight of 'bel', weights\[4\]: expected a number above"):
        fitted(TEXTS, weights=[1, 1, 1, 1, weight, *[1] * 75])


def test_weights_that_do_not_fit_the_words_are_refused():
    with pytest.raises(UsageError, match="a weight for each of 80 words, found 2"):
        fitted(TEXTS, weights=[1, 2])
    with pytest.raises(UsageError, match="expected no others"):
        fitted(dict.fromkeys(TEXTS, 1), weights=[1] * 80)
    with pytest.raises(UsageError, match="there are no weights"):
        fitted(TEXTS, weighting="log")


def test_the_floor_of_a_training_follows_the_weights():
    settings = resolve(TINY | {"weights": 2})
    floors = [ngram_floor(settings, ALPHABET, ListedWords(WORDS, w), DEV) for w in (None, WEIGHTS)]
    assert floors[0].nll != floors[1].nll
