"""`lexbits tune`, as a user runs it."""

import json
import sys

import pytest

from .conftest import interrupted
from .test_bad_input import refused
from .test_commands import document

FIXED = (
    "--bits", "4", "--rate-target", "1", "--free-nats", "0", "--hidden-size", "16",
    "--encoder-hidden-size", "8", "--embedding-size", "8", "--dev-samples", "2",
)  # fmt: skip
SHORT = (*FIXED, "--epochs", "2")


@pytest.fixture(scope="module")
def tuned(tmp_path_factory, lexbits_here, words_file):
    path = tmp_path_factory.mktemp("searches") / "search"
    done = lexbits_here("tune", words_file, "--out", path, "--trials", "2", *SHORT)
    assert done.returncode == 0, done.stderr
    return path, done


def test_a_search_ends_with_its_best_trials_and_settings_to_train_with(
    tuned, lexbits_here, tmp_path
):
    path, done = tuned
    rows = done.stdout.splitlines()
    assert rows[0].split()[:2] == ["trial", "dev"]
    assert "learning rate" in rows[0]
    assert "hidden size" not in rows[0]
    assert len(rows) == 3
    assert "trial 1: dev NLL" in done.stderr
    assert "[I " not in done.stderr  # optuna's own log
    best = json.loads((path / "summary.json").read_text(encoding="utf-8"))["best_dev_nll"]
    trained = document(
        lexbits_here("train", "--config", path / "best.toml", "--out", tmp_path / "run", "--json")
    )
    assert trained["dev_nll"] == best


def test_the_same_command_adds_trials_and_another_is_refused(tuned, lexbits_here, words_file):
    path, _ = tuned
    again = ("tune", words_file, "--out", path, "--trials", "1")
    found = document(lexbits_here(*again, *SHORT, "--json"))
    assert found["trials"]["finished"] + found["trials"]["pruned"] == 3
    assert set(found["best_settings"]).isdisjoint({"hidden_size", "embedding_size"})
    refused(lexbits_here(*again, *SHORT, "--dropout", "0.2"), 1, path, "dropout", "0.2")


def test_ctrl_c_keeps_the_trials_done(tmp_path, environment, lexbits_here, words_file):
    path = tmp_path / "search"
    arguments = ("tune", words_file, "--out", path, *SHORT, "--trials")
    status, rest = interrupted(environment, (*arguments, "500"), lambda said: "trial 2:" in said)
    assert status == 130
    assert "same command again" in rest
    assert "Traceback" not in rest
    assert (path / "best.toml").is_file()
    found = document(lexbits_here(*arguments, "1", "--json"))
    assert found["trials"]["finished"] >= 2


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["--trials", "0"], 2, ["--trials", "0"]),
        (["--minutes", "-1"], 2, ["--minutes", "-1"]),
        (["--bits", "1", "--rate-target", "3"], 2, ["rate_target"]),
        (["--estimator", "rlo"], 2, ["rlo", "rloo"]),
        (["--preset", "quik"], 2, ["quik", "quick"]),
        (["--config", "missing.toml"], 2, ["missing.toml"]),
        (["--epochs", "1", "--minutes", "1e-9"], 2, ["no trial is finished", "--minutes"]),
    ],
)
def test_bad_requests_are_refused(arguments, status, expected, lexbits_here, tmp_path, words_file):
    done = lexbits_here("tune", words_file, "--out", tmp_path / "search", *arguments)
    refused(done, status, *expected)


def test_a_foreign_folder_is_refused(run_folder, lexbits_here, words_file):
    refused(lexbits_here("tune", words_file, "--out", run_folder), 1, run_folder, "tune.json")


def test_without_optuna_one_line_says_what_to_install(
    monkeypatch, lexbits_here, words_file, tmp_path
):
    monkeypatch.setitem(sys.modules, "optuna", None)
    done = lexbits_here("tune", words_file, "--out", tmp_path / "search")
    refused(done, 2, "pip install 'lexbits[tune]'")
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_may_ignore_its_bits_is_warned_of(lexbits_here, words_file, tmp_path):
    arguments = ("tune", words_file, "--out", tmp_path / "search", "--minutes", "1e-9")
    assert "--rate-target" in lexbits_here(*arguments).stderr
    assert "--rate-target" not in lexbits_here(*arguments, "--bits", "0").stderr
