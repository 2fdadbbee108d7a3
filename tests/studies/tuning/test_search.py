"""A search on a tiny word list: what is kept of it, and how it goes on."""

import math

import optuna
import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings, read_toml, resolve
from lexbits.data import Entry
from lexbits.errors import DivergenceError, RunError
from lexbits.runs.study import StudyFolder
from lexbits.runs.words import Words
from lexbits.studies import tuning
from lexbits.studies.tuning import trials
from lexbits.training.memory import train_in_memory
from tests.cli.conftest import make_words

FORMS = make_words()
TINY = Settings(
    bits=0, hidden_size=8, embedding_size=8, batch_size=32, epochs=2, dev_samples=1,
    average_decay=0.0, input_dropout=0.0, recurrent_dropout=0.0, free_nats=0.0, patience=0,
)  # fmt: skip
FIXED = ("hidden_size", "embedding_size", "batch_size", "average_decay", "recurrent_dropout")
SPACE = tuning.searched(TINY, FIXED)


def make(train):
    splits = {"train": [Entry(form) for form in train], "dev": [Entry("canto"), Entry("parla")]}
    return Words(splits, splits["dev"], Alphabet.from_words(train), {})


WORDS = make(FORMS[::3])


class Log:
    """Shows nothing and remembers what happened."""

    def __init__(self):
        self.values, self.outcomes, self.epochs = [], [], 0

    def begin(self, number, values, session):
        self.values.append(values)

    def step(self, session):
        pass

    def epoch(self, session, record):
        self.epochs += 1

    def end(self, number, outcome):
        self.outcomes.append(outcome)


@pytest.fixture
def folder(tmp_path):
    return StudyFolder.open(tmp_path / "search", tuning.TUNE)


def search(folder, number, settings=TINY, stop=lambda: False, minutes=None):
    log = Log()
    study = tuning.open_study(folder, settings, SPACE, WORDS)
    tuning.search(study, settings, SPACE, WORDS, number, minutes, log, stop)
    return study, log


def test_trials_added_later_are_those_of_one_long_search(folder, tmp_path):
    _, first = search(folder, 2)
    study, second = search(folder, 2)
    whole, log = search(StudyFolder.open(tmp_path / "whole", tuning.TUNE), 4)
    assert log.values == first.values + second.values
    assert [t.value for t in study.trials] == [t.value for t in whole.trials]
    assert set(log.values[0]) == {dimension.name for dimension in SPACE}


def test_the_best_settings_are_complete_and_those_of_the_best_trial(folder):
    study, _ = search(folder, 3)
    found = tuning.conclude(study, TINY, SPACE, folder)
    assert found["trials"] == {"finished": 3, "pruned": 0, "failed": 0, "stopped": 0}
    assert found["best_dev_nll"] == min(trial.value for trial in study.trials)
    assert [t["dev_nll"] for t in found["best_trials"]] == sorted(t.value for t in study.trials)
    assert found["importance"] is None
    best = resolve(config=read_toml(folder.path / "best.toml"))
    assert best == TINY.model_copy(update=found["best_settings"])
    assert folder.read_json("summary.json") == found


def test_a_diverged_trial_fails_alone(folder, monkeypatch):
    real, calls = trials.train, []

    def train(session, hooks):
        calls.append(1)
        if len(calls) == 1:
            raise DivergenceError("step 3: the loss is nan")
        return real(session, hooks)

    monkeypatch.setattr(trials, "train", train)
    study, log = search(folder, 2)
    assert "failed: step 3" in log.outcomes[0]
    found = tuning.conclude(study, TINY, SPACE, folder)
    assert (found["trials"]["finished"], found["trials"]["failed"]) == (1, 1)


def test_a_stopped_trial_does_not_count(folder):
    steps = iter(range(100))
    study, log = search(folder, 5, stop=lambda: next(steps) > 3)
    assert log.outcomes == ["stopped before its end; it does not count"]
    assert tuning.conclude(study, TINY, SPACE, folder) is None
    assert not folder.has("best.toml")


def test_the_time_bounds_the_search_within_a_trial(folder):
    endless = TINY.model_copy(update={"epochs": 10_000, "synthetic_words": 0.0})
    study, log = search(folder, None, endless, minutes=0.01)
    assert len(study.trials) == 1
    assert log.outcomes == ["stopped before its end; it does not count"]


def test_a_trial_behind_the_median_is_given_up_after_a_warm_up(folder, monkeypatch):
    settings = TINY.model_copy(update={"epochs": 6})

    def train(session, hooks):
        trial = hooks._trial.number
        assert session.epochs == 6
        for epoch in range(1, 7):
            record = {"epoch": epoch, "dev_score": float(trial), "dev_nll": 9.0, "dev_rate": 0.0}
            hooks.epoch_done(session, record | {"dev_mutual_information": 0.0}, is_best=epoch == 1)
        return True

    monkeypatch.setattr(trials, "train", train)
    study, log = search(folder, 7, settings)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 5 + ["PRUNED"] * 2
    assert max(study.trials[-1].intermediate_values) == trials.GRID // 2  # a third is warm-up
    assert "given up after epoch 3" in log.outcomes[-1]
    assert tuning.conclude(study, settings, SPACE, folder)["trials"]["pruned"] == 2


def test_trials_of_unlike_numbers_of_epochs_are_compared_by_the_share_that_is_done(
    folder, monkeypatch
):
    """Long trials begin badly and end best: half-done, they stand beside the others' halves."""
    lengths = iter([3, 3, 3, 3, 3, 12])

    def train(session, hooks):
        epochs = next(lengths)
        monkeypatch.setattr(type(session), "epochs", epochs)
        for epoch in range(1, epochs + 1):
            record = {"epoch": epoch, "dev_score": 9 - 3 * epoch / epochs, "dev_nll": 9.0}
            more = {"dev_rate": 0.0, "dev_mutual_information": 0.0}
            hooks.epoch_done(session, record | more, is_best=True)
        return True

    monkeypatch.setattr(trials, "train", train)
    study, _ = search(folder, 6)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 6


def test_a_training_with_the_best_settings_is_the_best_trial_again(folder):
    base = TINY.model_copy(
        update={"epochs": "auto", "steps": 60, "synthetic_words": "auto", "dev_samples": 1}
    )
    space = tuning.searched(base, [name for name in FIXED if name != "batch_size"])
    study = tuning.open_study(folder, base, space, WORDS)
    tuning.search(study, base, space, WORDS, 4, None, Log(), lambda: False)
    assert len({trial.params["batch_size"] for trial in study.trials}) > 1
    found = tuning.conclude(study, base, space, folder)
    settings = resolve(config=read_toml(folder.path / "best.toml"))
    _, records = train_in_memory(settings, WORDS.alphabet, *WORDS.forms())
    assert min(record["dev_nll"] for record in records) == found["best_dev_nll"]


def test_a_trial_whose_process_was_killed_is_no_longer_under_way(folder):
    study = tuning.open_study(folder, TINY, SPACE, WORDS)
    study.ask()
    study = tuning.open_study(folder, TINY, SPACE, WORDS)
    assert [trial.state.name for trial in study.trials] == ["FAIL"]


@pytest.mark.parametrize(
    ("settings", "space", "words", "expected"),
    [
        (TINY.model_copy(update={"epochs": 3}), SPACE, WORDS, "its epochs is 2, 3 is asked"),
        (TINY, SPACE[1:], WORDS, f"its {SPACE[0].name} is searched"),
        (TINY, SPACE, make(FORMS[::2]), "its words"),
    ],
)
def test_another_study_is_refused(folder, settings, space, words, expected):
    tuning.open_study(folder, TINY, SPACE, WORDS)
    with pytest.raises(RunError, match=expected):
        tuning.open_study(folder, settings, space, words)


def test_a_study_of_a_version_with_fewer_settings_goes_on_on_any_device(folder):
    tuning.open_study(folder, TINY, SPACE, WORDS)
    kept = folder.read_json(tuning.TUNE)
    del kept["settings"]["skip_bad"]
    folder.write_json(tuning.TUNE, kept | {"settings": kept["settings"] | {"device": "cuda"}})
    tuning.open_study(folder, TINY, SPACE, WORDS)
    with pytest.raises(RunError, match="skip_bad is False, True"):
        tuning.open_study(folder, TINY.model_copy(update={"skip_bad": True}), SPACE, WORDS)


def test_a_damaged_study_is_refused(folder):
    folder.write("study.db", "nonsense")
    with pytest.raises(RunError, match=r"study\.db"):
        tuning.open_study(folder, TINY, SPACE, WORDS)


def test_enough_trials_tell_what_matters(folder):
    study = tuning.open_study(folder, TINY, SPACE, WORDS)
    study.sampler = optuna.samplers.RandomSampler(seed=0)  # `open_study` leaves it without a seed
    for number in range(25):
        trial = study.ask()
        values = {dimension.name: dimension.suggest(trial) for dimension in SPACE}
        study.tell(trial, abs(math.log(values["learning_rate"] / 5e-3)) + number * 1e-6)
    importance = tuning.conclude(study, TINY, SPACE, folder)["importance"]
    assert max(importance, key=importance.get) == "learning_rate"
    assert sum(importance.values()) == pytest.approx(1)
