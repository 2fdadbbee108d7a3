"""A training in its folder: what is refused before it, and what it leaves at each point."""

import errno
import os
import shutil

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.data import Entry
from lexbits.errors import RunError, UsageError
from lexbits.files import locked
from lexbits.runs import training
from lexbits.runs.checkpoints import MODEL, STATE, read_progress
from lexbits.runs.folder import RunFolder
from lexbits.runs.training import train_in_folder
from lexbits.training.teachers import teacher_settings
from tests.training.trainings import DEV, TINY, TRAIN

ALPHABET = Alphabet("abc")
SPLITS = {
    "train": [Entry(word) for word in dict.fromkeys(TRAIN)],
    "dev": [Entry(word) for word in DEV],
    "test": [Entry("abcab")],
}


class Silent:
    def teacher(self, number, teachers): ...
    def drawn(self, words, total): ...
    def start(self, session): ...
    def step(self, session): ...
    def epoch(self, session, record, is_best): ...


def make(path, **changes):
    settings = resolve(TINY | {"synthetic_words": 0.0, "save_seconds": 1e-9} | changes)
    return RunFolder.create(path, settings, ALPHABET, SPLITS)


def go_on(run):
    return train_in_folder(run, Silent(), lambda: False)


def test_an_estimator_that_does_not_fit_is_refused_before_a_teacher_is_trained(tmp_path):
    run = make(tmp_path / "run", teachers=1, estimator="arms", samples=1)
    with pytest.raises(UsageError, match="arms"):
        go_on(run)
    assert not run.teacher(0).exists()


def test_a_model_without_a_state_is_not_trained_anew(tmp_path):
    run = make(tmp_path / "run")
    assert go_on(run)
    shutil.rmtree(run.path / "state")
    before = run.read(MODEL)
    with pytest.raises(RunError, match="model without one"):
        go_on(run)
    assert run.read(MODEL) == before


def test_a_training_that_has_taken_no_step_has_a_state(tmp_path, monkeypatch):
    run = make(tmp_path / "run")
    monkeypatch.setattr(training, "train", lambda session, hooks: False)
    assert not go_on(run)
    assert read_progress(run).step == 0
    monkeypatch.undo()
    assert go_on(run)
    other = make(tmp_path / "other")
    assert go_on(other)
    assert run.read(MODEL) == other.read(MODEL)


def test_a_place_for_a_teacher_that_was_left_empty_is_filled(tmp_path):
    run = make(tmp_path / "run", teachers=1, teacher_epochs=1, epochs=1)
    (run.teacher(0) / ".partial-0123456789abcdef").mkdir(parents=True)
    assert go_on(run)
    assert RunFolder.open(run.teacher(0)).has(MODEL)


def test_a_teacher_that_is_trained_elsewhere_is_not_trained_here_too(tmp_path):
    run = make(tmp_path / "run", teachers=1, teacher_epochs=1, epochs=1)
    RunFolder.create(run.teacher(0), teacher_settings(run.settings(), 0), ALPHABET, SPLITS)
    with locked(run.teacher(0)), pytest.raises(RunError, match="another process"):
        go_on(run)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    run = make(tmp_path_factory.mktemp("whole") / "run", epochs=2)
    assert go_on(run)
    return run


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 13, 21, 26])
def test_a_disk_that_is_full_at_any_write_leaves_a_run_that_can_be_resumed(
    number, tmp_path, monkeypatch, uninterrupted
):
    run = make(tmp_path / "run", epochs=2)
    writes, fsync = 0, os.fsync

    def limited(descriptor):
        nonlocal writes
        writes += 1
        if writes >= number:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        fsync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", limited)
        with pytest.raises(RunError, match="disk is full"):
            go_on(run)
    assert not list(run.path.rglob(".partial-*"))
    run = RunFolder.open(run.path)
    assert go_on(run)
    for name in (MODEL, STATE):
        assert run.read(name) == uninterrupted.read(name), name
