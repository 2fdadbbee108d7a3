"""A run that starts from the weights of another one: what it takes over, and that it is whole."""

import shutil

import pytest
import torch

from lexbits.config import resolve
from lexbits.data import Entry
from lexbits.errors import DataError, RunError
from lexbits.runs.checkpoints import MODEL, STATE, read_model
from lexbits.runs.folder import START, RunFolder
from lexbits.runs.start import Start, starting_network
from lexbits.runs.training import train_in_folder
from lexbits.runs.words import Words, create_run
from lexbits.training.display import SILENT
from tests.runs.test_training import SPLITS, TINY, make

OTHERS = {
    "train": [Entry("a" + entry.form + "b") for entry in SPLITS["train"]],
    "dev": [Entry("ccc" + entry.form + c) for entry in SPLITS["dev"] for c in "abc"],
    "test": [Entry("cccaaab")],
}


def train(run, stop_after=10**6, more=0):
    left = iter(range(stop_after))
    return train_in_folder(
        RunFolder.open(run.path), SILENT, lambda: next(left, None) is None, more=more
    )


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    run = make(tmp_path_factory.mktemp("first") / "run", epochs=2, hidden_size=12)
    assert train(run)
    return run


def words(splits=None):
    return Words(splits or OTHERS, (splits or OTHERS)["dev"], None, {"name": "x", "notes": []})


def begin(path, start, splits=None, skip_bad=False, say=lambda _: None, **changes):
    settings = TINY | {"synthetic_words": 0.0, "save_seconds": 1e-9, "epochs": 2} | changes
    taken = start.take(words(splits), skip_bad, say)
    resolved = resolve({**settings, **start.networks()})
    with create_run(path, resolved, taken, fill=start.fill) as run:
        return run


def test_its_networks_are_the_best_ones_of_the_other(first, tmp_path):
    run = begin(tmp_path / "run", Start.open(first.path))
    assert run.alphabet() == first.alphabet()
    assert run.settings().hidden_size == 12
    found = run.facts()["start_from"]
    assert found["path"] == str(first.path.absolute())
    assert (run.path / START).read_bytes() == first.read(MODEL)
    weights, best = starting_network(run).state_dict(), read_model(first)[0].state_dict()
    assert all(torch.equal(weights[name], tensor) for name, tensor in best.items())


@pytest.mark.parametrize("teachers", [0, 1])
def test_it_needs_the_other_no_longer_and_resumes_bit_for_bit(teachers, first, tmp_path):
    other = shutil.copytree(first.path, tmp_path / "other")
    changes = {"teachers": teachers, "teacher_epochs": 1, "synthetic_words": float(teachers)}
    if not teachers:
        del changes["teacher_epochs"]
    whole = begin(tmp_path / "whole", Start.open(other), **changes)
    run = begin(tmp_path / "run", Start.open(other), **changes)
    shutil.rmtree(other)
    assert train(whole)
    assert not train(run, stop_after=1)
    assert not train(run, stop_after=3)
    assert train(run)
    for name in (MODEL, STATE):
        assert run.read(name) == whole.read(name)
    if teachers:
        assert "start_from" not in RunFolder.open(run.teacher(0)).facts()
    assert train(run, more=1)


def test_it_is_another_training_than_one_from_chance(first, tmp_path):
    run = begin(tmp_path / "run", Start.open(first.path))
    start = Start.open(first.path)
    chance = RunFolder.create(tmp_path / "chance", run.settings(), start.alphabet, OTHERS)
    assert train(run)
    assert train(chance)
    assert run.metrics()[0]["train_elbo"] != chance.metrics()[0]["train_elbo"]


def test_a_start_that_was_damaged_or_lost_is_refused(first, tmp_path):
    run = begin(tmp_path / "run", Start.open(first.path))
    content = run.read(START)
    run.write(START, content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(RunError, match=r"start\.safetensors: expected the model that .*data\.json"):
        train(run)
    (run.path / START).unlink()
    with pytest.raises(RunError, match=r"start\.safetensors: missing"):
        train(run)


def test_words_with_unknown_characters_are_refused_or_left_out(first, tmp_path):
    splits = OTHERS | {"train": [*OTHERS["train"], Entry("xyz")]}
    with pytest.raises(DataError, match=r"train: 1 of \d+ words .*'xyz'.* --skip-bad"):
        begin(tmp_path / "run", Start.open(first.path), splits)
    said = []
    run = begin(tmp_path / "run", Start.open(first.path), splits, skip_bad=True, say=said.append)
    assert list(run.split("train")) == OTHERS["train"]
    assert run.sizes()["train"] == len(OTHERS["train"])
    assert "left out" in said[0]


def test_words_that_the_other_has_learned_from_are_in_neither_dev_nor_test(first, tmp_path):
    learned = SPLITS["train"][:3]
    splits = OTHERS | {name: [*OTHERS[name], *learned] for name in ("dev", "test")}
    run = begin(tmp_path / "run", Start.open(first.path), splits)
    assert run.split("dev") == OTHERS["dev"]
    assert run.split("test") == OTHERS["test"]
    with pytest.raises(DataError, match=r"test: .* has learned from all words"):
        begin(tmp_path / "two", Start.open(first.path), OTHERS | {"test": learned})


def test_there_is_no_start_without_a_model(tmp_path):
    with pytest.raises(RunError, match="no epoch is finished yet"):
        Start.open(make(tmp_path / "run").path)
