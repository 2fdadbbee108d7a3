"""`lexbits train --resume RUN --epochs +N`."""

import json
import os
import shutil
import sys
import tomllib

import pytest

from lexbits.config import resolve
from lexbits.runs.folder import RunFolder

from .test_old_runs import OLD


def digest(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_finished_run_is_trained_on_in_its_folder(run_folder, lexbits_here, tmp_path):
    path = shutil.copytree(run_folder, tmp_path / "run")
    done = lexbits_here("train", "--resume", path, "--epochs", "+2")
    assert done.returncode == 0, done.stderr
    assert "epoch  4/4" in done.stderr
    assert [record["epoch"] for record in RunFolder.open(path).metrics()] == [1, 2, 3, 4]
    assert len(RunFolder.open(run_folder).metrics()) == 2
    again = lexbits_here("train", "--resume", path)
    assert "the training is finished" in again.stderr


def test_resumed_without_epochs_it_stays_what_it_was(run_folder, lexbits_here, tmp_path):
    path = shutil.copytree(run_folder, tmp_path / "run")
    lexbits_here("train", "--resume", path)  # the summary names its folder
    before = digest(path)
    assert "the training is finished" in lexbits_here("train", "--resume", path).stderr
    assert digest(path) == before


@pytest.mark.parametrize(
    ("epochs", "said"),
    [
        ("30", "--epochs with --resume: expected +N, for N epochs more than it has, found 30"),
        ("auto", "--epochs with --resume: expected +N, for N epochs more than it has, found auto"),
        ("+0", "--epochs: expected +N with a whole number N from 1 to 2,147,483,647, found '+0'"),
        ("+x", "--epochs: expected +N with a whole number N from 1 to 2,147,483,647, found '+x'"),
        ("+1.5", "--epochs: expected +N with a whole number"),
        ("+" + "9" * 5000, "--epochs: expected +N with a whole number"),
        ("-5", "epochs: expected more than 0 or 'auto' or +N, found '-5'"),
    ],
    ids=lambda value: value[:8],
)
def test_anything_but_plus_n_is_refused_in_one_line(epochs, said, run_folder, lexbits_here):
    before = digest(run_folder)
    done = lexbits_here("train", "--resume", run_folder, "--epochs", epochs)
    assert done.returncode == 2
    assert done.stderr.startswith(f"lexbits: {said}")
    assert done.stderr.count("\n") == 1
    assert digest(run_folder) == before


def test_epochs_are_added_to_a_run_only(words_file, lexbits_here, tmp_path):
    done = lexbits_here("train", words_file, "--out", tmp_path / "run", "--epochs", "+3")
    assert done.returncode == 2
    assert "--epochs +3: there are epochs to add to only with --resume RUN" in done.stderr
    assert not (tmp_path / "run").exists()


def test_a_saved_model_has_no_training_to_extend(run_folder, lexbits_here, tmp_path):
    path = shutil.copytree(run_folder, tmp_path / "run")
    shutil.rmtree(path / "state")
    done = lexbits_here("train", "--resume", path, "--epochs", "+3")
    assert done.returncode == 1
    assert "found a model without one" in done.stderr


def test_a_run_of_an_earlier_version_is_extended(lexbits_here, tmp_path):
    path = shutil.copytree(OLD, tmp_path / "run")
    done = lexbits_here("train", "--resume", path, "--epochs", "+2")
    assert done.returncode == 0, done.stderr
    assert len(RunFolder.open(path).metrics()) == 6


def test_a_new_run_starts_from_the_best_weights_of_another(
    run_folder, words_file, lexbits_here, tmp_path
):
    given = ("--start-from", run_folder, "--out", tmp_path / "new", "--epochs", "1")
    done = lexbits_here("train", words_file, *given)
    assert done.returncode == 0, done.stderr
    assert f"Starting from the best weights of {run_folder}" in done.stderr
    new = RunFolder.open(tmp_path / "new")
    assert new.settings().hidden_size == RunFolder.open(run_folder).settings().hidden_size
    assert new.settings().epochs == 1
    first = RunFolder.open(run_folder).metrics()[0]
    assert new.metrics()[0]["dev_nll"] < first["dev_nll"]


def test_settings_are_those_of_the_run_that_it_starts_from_but_for_those_given(
    run_folder, words_file, lexbits_here
):
    given = ("train", words_file, "--start-from", run_folder, "--print-config")

    def settings(*flags):
        return resolve(tomllib.loads(lexbits_here(*given, *flags).stdout))

    before, after = RunFolder.open(run_folder).settings(), settings()
    assert after.free_nats == before.free_nats
    assert after.learning_rate < before.learning_rate
    assert (after.epochs, after.data, after.seed) == ("auto", str(words_file), 0)
    assert (settings("--epochs", "3").epochs, settings("--steps", "9").steps) == (3, 9)
    assert settings("--learning-rate", "0.5").learning_rate == 0.5
    assert settings("--preset", "quick").learning_rate == resolve(preset="quick").learning_rate
    assert settings("--preset", "quick").hidden_size == before.hidden_size


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")
def test_settings_may_come_through_a_pipe(run_folder, words_file, lexbits_here):
    """As by --config <(...): it can be read but once."""
    there, here = os.pipe()
    os.write(here, f'steps = 9\ndata = "{words_file}"\n'.encode())
    os.close(here)
    given = ("--start-from", run_folder, "--config", f"/dev/fd/{there}", "--print-config")
    settings = resolve(tomllib.loads(lexbits_here("train", *given).stdout))
    os.close(there)
    assert (settings.steps, settings.data) == (9, str(words_file))


def test_without_data_it_learns_from_the_words_of_the_run(run_folder, lexbits_here):
    done = lexbits_here("train", "--start-from", run_folder, "--print-config")
    assert resolve(tomllib.loads(done.stdout)).data == RunFolder.open(run_folder).settings().data


def test_other_sizes_than_those_of_the_weights_are_refused(
    run_folder, words_file, lexbits_here, tmp_path
):
    given = ("--start-from", run_folder, "--out", tmp_path / "new")
    done = lexbits_here("train", words_file, *given, "--hidden-size", "99")
    assert done.returncode == 2
    assert f"lexbits: hidden_size: expected that of {run_folder}, " in done.stderr
    assert "found 99; leave it out, or train anew" in done.stderr
    assert not (tmp_path / "new").exists()
    done = lexbits_here("train", words_file, "--resume", run_folder, "--start-from", run_folder)
    assert done.returncode == 2


def test_info_says_what_was_extended_and_where_a_run_started_from(
    run_folder, words_file, lexbits_here, tmp_path
):
    path = shutil.copytree(run_folder, tmp_path / "run")
    assert lexbits_here("train", "--resume", path, "--epochs", "+1").returncode == 0
    given = ("--start-from", path, "--out", tmp_path / "new", "--epochs", "1")
    assert lexbits_here("train", words_file, *given).returncode == 0
    assert json.loads(lexbits_here("info", path, "--json").stdout)["extended_after_epoch"] == 2
    rows = map(str.split, lexbits_here("info", tmp_path / "new").stdout.splitlines())
    assert ["started", "from", str(path)] in list(rows)
