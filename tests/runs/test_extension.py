"""A training that is extended: its course, what it keeps, and how it resumes."""

import shutil

import pytest

from lexbits.errors import RunError
from lexbits.runs.checkpoints import MODEL, STATE, read_model, read_progress, read_state
from lexbits.runs.folder import METRICS, RunFolder
from lexbits.runs.training import train_in_folder
from lexbits.training.display import SILENT
from lexbits.training.progress import Progress
from lexbits.training.records import best_record
from tests.runs.test_training import make

STEPS = 5
"""In an epoch of two."""


def train(run, more=0, stop_after=None):
    """Train in a run that is opened anew; stop after some steps, if they are given."""
    left = iter(range(10**6 if stop_after is None else stop_after))
    return train_in_folder(
        RunFolder.open(run.path), SILENT, lambda: next(left, None) is None, more=more
    )


def copy(run, path):
    shutil.copytree(run.path, path)
    return RunFolder.open(path)


def files(run):
    return {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file() and p.name != ".lock"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    run = make(tmp_path_factory.mktemp("finished") / "run", epochs=2)
    assert train(run)
    return run


@pytest.fixture(scope="module")
def extended(tmp_path_factory, finished):
    run = copy(finished, tmp_path_factory.mktemp("extended") / "run")
    assert train(run, more=3)
    return run


def assert_same(one, other):
    for name in (MODEL, STATE):
        assert one.read(name) == other.read(name), name


def learning_rates(run):
    return [record["learning_rate"] for record in run.metrics()]


def test_the_earlier_epochs_stay_and_the_later_are_numbered_after_them(finished, extended):
    before, after = finished.metrics(), extended.metrics()
    assert after[:2] == before
    assert [record["epoch"] for record in after] == [1, 2, 3, 4, 5]
    assert [record["step"] for record in after] == [STEPS * n for n in range(1, 6)]
    progress = read_progress(extended)
    assert (progress.finished, progress.epoch, progress.leg_epoch) == (True, 5, 2)


def test_the_schedule_begins_anew(extended, tmp_path):
    alone = make(tmp_path / "alone", epochs=3)
    assert train(alone)
    assert learning_rates(extended)[2:] == learning_rates(alone)


@pytest.mark.parametrize("stop", [1, STEPS, STEPS + 3, 3 * STEPS - 1])
def test_stopped_within_the_extension_it_ends_at_the_same_weights(
    stop, finished, extended, tmp_path
):
    run = copy(finished, tmp_path / "run")
    assert not train(run, more=3, stop_after=stop)
    assert train(run)
    assert_same(run, extended)


def test_what_the_extension_is_is_saved_before_its_first_step(
    finished, extended, tmp_path, monkeypatch
):
    run = copy(finished, tmp_path / "run")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("lexbits.runs.training.train", killed)
        train(run, more=3)
    assert read_progress(run).leg_epochs == 3
    assert train(run)
    assert_same(run, extended)


def test_a_training_that_is_not_finished_is_extended_after_its_end(extended, tmp_path):
    run = make(tmp_path / "run", epochs=2)
    assert not train(run, stop_after=3)
    assert not train(run, more=3, stop_after=1)
    assert read_progress(run).later_legs == [3]
    assert train(run)
    assert_same(run, extended)


def test_extended_twice_it_has_three_legs(extended, tmp_path):
    run = copy(extended, tmp_path / "run")
    assert train(run, more=1)
    assert train(run)
    rates = learning_rates(run)
    assert len(rates) == 6
    assert read_progress(run).leg_step == 5 * STEPS
    assert rates[:5] == learning_rates(extended)


def test_a_finished_run_changes_in_no_byte_unless_it_is_extended(extended, tmp_path):
    run = copy(extended, tmp_path / "run")
    before = files(run)
    assert train(run)
    kept = {path: content for path, content in before.items() if path.name != STATE}
    assert {path: files(run)[path] for path in kept} == kept
    assert run.read(STATE) == extended.read(STATE)


def test_the_best_model_stays_if_nothing_better_comes(finished, tmp_path, monkeypatch):
    run = copy(finished, tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr("lexbits.training.loop.dev_score", lambda *_: 1e6)
        assert train(run, more=2)
    assert run.read(MODEL) == finished.read(MODEL)
    _, records = read_model(run)
    assert len(records) == 4
    assert best_record(records) == best_record(finished.metrics())


def test_a_better_model_takes_its_place(extended):
    best = best_record(extended.metrics())
    assert best["epoch"] == read_progress(extended).best_epoch > 2
    read_model(extended)


KINDS = {
    "teachers and synthetic words": {"teachers": 1, "teacher_epochs": 1, "synthetic_words": 1.5},
    "an estimator with a state": {"estimator": "nvil"},
    "averaged weights": {"average_decay": 0.9, "variational_dropout": True, "dropout": 0.2},
    "a rate that is held": {"rate_target": 1.0, "free_nats": 0.0, "prior": "made"},
    "auto epochs": {"epochs": "auto", "steps": 40, "synthetic_words": "auto"},
    "a cosine and annealing": {"schedule": "cosine", "kl_annealing_epochs": 1.5},
}


@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
def test_this_holds_for(changes, tmp_path):
    whole = make(tmp_path / "whole", **{"epochs": 2} | changes)
    assert train(whole)
    words = whole.synthetic() if whole.has_synthetic() else None
    run = copy(whole, tmp_path / "run")
    assert train(whole, more=2)
    assert not train(run, more=2, stop_after=3)
    assert train(run)
    assert_same(run, whole)
    assert words == (run.synthetic() if words is not None else None)


def test_patience_counts_anew_and_leads_to_the_next_leg(tmp_path, monkeypatch):
    scores = iter([3.0, 4.0, 5.0, 9.0, 8.0, 7.0, 7.5, 7.5])
    monkeypatch.setattr("lexbits.training.loop.dev_score", lambda *_: next(scores))
    run = make(tmp_path / "run", epochs=50, patience=2)
    assert not train(run, stop_after=2)
    assert train(run, more=20)
    progress = read_progress(run)
    assert (progress.epoch, progress.leg_epoch) == (8, 3)
    assert (progress.best_epoch, progress.leg_best_epoch) == (1, 6)


def test_a_state_of_a_version_without_legs_has_one(finished):
    counters = read_state(finished).counters
    legless = {k: v for k, v in counters.items() if "leg" not in k}
    assert Progress.from_counters(legless, "there") == Progress.from_counters(counters, "there")


def test_a_training_that_has_not_begun_is_not_extended(tmp_path):
    run = make(tmp_path / "run", teachers=1)
    with pytest.raises(RunError, match="has not begun: resume it with"):
        train(run, more=2)
    assert not run.teacher(0).exists()


def test_a_disk_that_is_full_leaves_the_run_unextended(finished, tmp_path, monkeypatch):
    run = copy(finished, tmp_path / "run")
    before = files(run)

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(RunError):
        patch.setattr("os.fsync", full)
        train(run, more=2)
    assert files(run) == before
    assert run.has(METRICS)
