"""A run that starts from the weights of another one: what it takes over, and that it is whole."""

import shutil

import pytest
import torch

from lexbits.config import resolve
from lexbits.data import Entry
from lexbits.errors import DataError, RunError, UsageError
from lexbits.runs.checkpoints import MODEL, STATE, read_model
from lexbits.runs.folder import START, RunFolder
from lexbits.runs.start import Start, new_characters_note, starting_network
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


def begin(path, start, splits=None, say=lambda _: None, **changes):
    settings = TINY | {"synthetic_words": 0.0, "save_seconds": 1e-9, "epochs": 2} | changes
    taken = start.take(words(splits), say)
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


def test_characters_that_are_new_come_after_the_others_and_are_said(first, tmp_path):
    new = OTHERS | {"train": [*OTHERS["train"], Entry("Éa"), Entry("dad")], "dev": [*OTHERS["dev"]]}
    said = []
    run = begin(tmp_path / "run", Start.open(first.path), new, said.append)
    assert run.alphabet().characters == (*first.alphabet().characters, "d", "É")
    assert said[0] == "  2 characters are new to the model, and learned from nothing: 'dÉ'"
    assert run.facts()["notes"][0] == said[0].strip()
    assert run.facts()["start_from"]["characters"] == len(first.alphabet().characters)
    assert (run.path / START).read_bytes() == first.read(MODEL)
    network, before = starting_network(run), read_model(first)[0]
    assert network.decoder.symbols == before.decoder.symbols + 2
    assert torch.equal(network.decoder.rnn.weight_hh_l0, before.decoder.rnn.weight_hh_l0)


def test_with_new_characters_it_resumes_bit_for_bit_and_can_be_started_from(first, tmp_path):
    new = OTHERS | {"train": [*OTHERS["train"], Entry("dad"), Entry("add")]}
    whole, run = (begin(tmp_path / name, Start.open(first.path), new) for name in ("a", "b"))
    assert train(whole)
    assert not train(run, stop_after=1)
    assert train(run)
    for name in (MODEL, STATE):
        assert run.read(name) == whole.read(name)
    again = begin(tmp_path / "c", Start.open(run.path), new)
    assert again.alphabet() == run.alphabet()
    assert train(again)


def test_a_hint_says_where_small_letters_would_be_known(first):
    larger = first.alphabet().extended("AB")
    assert "in lower case it knows them" in new_characters_note(first.alphabet(), larger)
    assert new_characters_note(first.alphabet(), first.alphabet()) == ""


def test_a_run_that_began_before_alphabets_grew_says_nothing_of_it(first, tmp_path):
    start = Start.open(first.path)
    taken = start.take(words(), lambda _: None)
    del taken.facts["start_from"]["characters"]
    settings = resolve({**TINY, **start.networks()})
    with create_run(tmp_path / "run", settings, taken, fill=start.fill) as run:
        assert starting_network(run).decoder.symbols == start.alphabet.size


def test_its_settings_are_those_of_the_other_without_teachers(first):
    base = Start.open(first.path).fine_tuning(other_words=True)
    settings = resolve({"epochs": 3}, base=base)
    assert (settings.hidden_size, settings.free_nats) == (12, first.settings().free_nats)
    assert (settings.teachers, settings.synthetic_words) == (0, "auto")
    assert settings.learning_rate < first.settings().learning_rate
    assert settings.epochs == 3


def test_words_that_cannot_be_read_again_have_to_be_given(first):
    with pytest.raises(UsageError, match="expected DATA, the words to learn from: those of"):
        Start(first, first.settings().model_copy(update={"data": "-"}), None, b"", 0).fine_tuning(
            other_words=False
        )


def test_code_of_the_users_own_is_not_taken_over(first):
    own = first.settings().model_copy(update={"estimator": "/no/such/file.py:Mine"})
    base = Start(first, own, first.alphabet(), b"", 0).fine_tuning(other_words=True)
    assert base["estimator"] == resolve().estimator


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
