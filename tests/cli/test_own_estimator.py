"""An estimator of one's own, from its first check to the run that outlives its file."""

import json
import re
import shutil

import pytest

from lexbits.estimators import own
from tests.test_documentation import OWN, RESUMED

from .conftest import TINY, interrupted
from .test_bad_input import refused
from .test_commands import document


@pytest.fixture(autouse=True)
def as_in_a_new_process(monkeypatch):
    monkeypatch.setattr(own, "_TAKEN", {})


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "my.py"
    path.write_text(OWN["my.py"], encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def started(tmp_path_factory, environment, words_file):
    """A run of the example of the documentation that was stopped after an epoch, with its file."""
    folder = tmp_path_factory.mktemp("started")
    (folder / "my.py").write_text(OWN["my.py"], encoding="utf-8")
    arguments = (
        "train", words_file, "--out", folder / "mine", *TINY,
        "--estimator", folder / "my.py:Mine", "--epochs", "40", "--synthetic-words", "0",
    )  # fmt: skip
    status, rest = interrupted(environment, arguments, lambda said: "1/40" in said)
    assert status == 130, rest
    assert f"--resume {folder / 'mine'} --estimator {folder / 'mine/estimator.py:Mine'}" in rest
    return folder


@pytest.fixture
def stopped(started, tmp_path, monkeypatch):
    shutil.copytree(started, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(own, "_TAKEN", {})
    return tmp_path / "mine"


def test_the_example_passes_the_check(mine, lexbits_here):
    done = lexbits_here("estimators", "check", f"{mine}:Mine")
    assert done.returncode == 0, done.stderr
    assert "unbiased, S = 1" in done.stdout


def test_the_run_keeps_the_source_and_its_model_needs_neither_file(stopped, lexbits_here):
    assert (stopped / "estimator.py").read_text(encoding="utf-8") == OWN["my.py"]
    assert "estimator.py" in json.loads((stopped / "identity.json").read_text())["sha256"]
    stopped.with_name("my.py").unlink()
    (stopped / "estimator.py").write_text("raise SystemExit('this was run')", encoding="utf-8")
    done = lexbits_here("sample", stopped)
    assert done.returncode == 0, done.stderr
    shown = document(lexbits_here("info", stopped, "--json"))
    assert shown["estimator_source"] == str(stopped / "estimator.py")


def test_to_resume_it_is_named_again_and_has_to_be_the_same(stopped, lexbits_here):
    ran = stopped.with_name("ran")
    (stopped.with_name("my.py")).write_text(
        f"{OWN['my.py']}\nopen({str(ran)!r}, 'w')", encoding="utf-8"
    )
    refused(
        lexbits_here("train", "--resume", stopped), 1, "run only where you name it",
        f"--estimator {stopped}/estimator.py:Mine",
    )  # fmt: skip
    assert not ran.exists()
    other = lexbits_here("train", "--resume", stopped, "--estimator", "my.py:Mine")
    refused(other, 1, "expected the source of SHA-256", "found", "or train another run")
    for name in ("my.py:Yours", "rloo"):
        refused(lexbits_here("train", "--resume", stopped, "--estimator", name), 2, "found", name)


@pytest.mark.parametrize("line", RESUMED)
def test_it_is_resumed_as_the_documentation_shows(stopped, lexbits_here, line):
    done = lexbits_here(*line.split()[1:], "--json")
    assert done.returncode == 0, done.stderr
    assert document(done)["epochs"] == 40


def test_the_settings_of_a_run_do_not_name_it_but_a_settings_file_does(
    started, stopped, words_file, lexbits_here
):
    stopped.with_name("my.py").write_text("raise SystemExit('this was run')", encoding="utf-8")
    again = ("train", words_file, "--out", "again", "--epochs", "1", "--config")
    refused(
        lexbits_here(*again, stopped / "config.toml"), 2, "config.toml", "the settings of a run",
        f"--estimator {stopped}/estimator.py:Mine",
    )  # fmt: skip
    own_file = stopped.with_name("settings.toml")
    shutil.copy(stopped / "config.toml", own_file)
    text = own_file.read_text(encoding="utf-8").replace(str(started), str(stopped.parent))
    own_file.write_text(text, encoding="utf-8")
    refused(lexbits_here(*again, own_file), 2, "my.py", "SystemExit: this was run")
    kept = f"{stopped}/estimator.py:Mine"
    done = lexbits_here(*again, stopped / "config.toml", "--estimator", kept)
    assert done.returncode == 0, done.stderr
    text = (stopped.with_name("again") / "estimator.py").read_text(encoding="utf-8")
    assert text == OWN["my.py"]


def test_what_it_raises_in_a_training_is_said_in_a_line_with_its_place(
    tmp_path, words_file, mine, lexbits_here
):
    mine.write_text(OWN["my.py"].replace("f(z)  #", "f(z).view(7)  #"), encoding="utf-8")
    done = lexbits_here(
        "train", words_file, "--out", tmp_path / "run", *TINY, "--epochs", "1",
        "--estimator", f"{mine}:Mine", "--synthetic-words", "0",
    )  # fmt: skip
    refused(done, 1, f"the estimator {mine}:Mine: RuntimeError", f"{mine}, line 16", "check")


def test_a_run_with_an_estimator_of_lexbits_takes_no_other(run_folder, lexbits_here):
    done = lexbits_here("train", "--resume", run_folder, "--estimator", "nvil")
    refused(done, 2, "trained with the estimator rloo, found nvil")


def test_it_is_taken_by_a_sweep_and_kept_in_each_run_with_bits(
    tmp_path, words_file, mine, lexbits_here
):
    done = lexbits_here(
        "sweep", "rate", words_file, "--out", tmp_path / "sweep", "--rates", "1", "2",
        "--test-samples", "1", *TINY[:-2], "--epochs", "1", "--estimator", f"{mine}:Mine",
        "--synthetic-words", "0",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kept = {path.parent.name for path in (tmp_path / "sweep").glob("*/estimator.py")}
    assert kept == {"rate-1", "rate-2"}


def test_a_search_does_not_go_on_with_another_source(tmp_path, words_file, mine, lexbits_here):
    pytest.importorskip("optuna")
    search = (
        "tune", words_file, "--out", tmp_path / "search", "--trials", "1", *TINY, "--epochs", "1",
        "--estimator", f"{mine}:Mine", "--synthetic-words", "0",
    )  # fmt: skip
    done = lexbits_here(*search)
    assert done.returncode == 0, done.stderr
    mine.write_text(OWN["my.py"].replace("0.9", "0.8"), encoding="utf-8")
    refused(lexbits_here(*search), 1, "another study", "my.py:Mine has changed")


def test_it_is_compared_by_its_file(run_folder, tmp_path, mine, lexbits_here):
    copy = shutil.copytree(run_folder, tmp_path / "run")
    done = lexbits_here(
        "estimators", "compare", copy, "--words", "4", "--repeats", "2",
        "--estimators", f"{mine}:Mine", "--json",
    )  # fmt: skip
    assert [row["estimator"] for row in document(done)["estimators"]] == [f"{mine}:Mine"]


@pytest.mark.multiprocess
@pytest.mark.slow
def test_several_processes_take_the_same_file(tmp_path, words_file, mine, lexbits):
    done = lexbits(
        "train", words_file, "--out", tmp_path / "run", *TINY, "--estimator", f"{mine}:Mine",
        "--epochs", "1", "--devices", "2", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert re.search(r'"epochs": 1', done.stdout)


EXERCISES = """
print("once")

def elbo(q, prior, log_likelihood, samples):
    return log_likelihood(q.sample(samples)).mean(0)

def reinforce(q, f, samples):
    z = q.sample(samples)
    values = f(z)
    return (values + values.detach() * q.log_prob(z)).mean(0)

def breaks(q, f, samples):
    return f(q.smaple(samples))
"""


def test_a_function_is_marked_as_an_exercise(tmp_path, lexbits_here):
    path = tmp_path / "exercises.py"
    path.write_text(EXERCISES, encoding="utf-8")
    done = lexbits_here("estimators", "check", f"{path}:elbo")
    assert done.returncode == 1
    assert done.stdout.count("once") == 1
    assert "the KL is forgotten" in done.stdout
    assert "checks failed: elbo, value, gradient in the prior" in done.stderr
    done = lexbits_here("estimators", "check", f"{path}:reinforce")
    assert done.returncode == 0
    assert "plain REINFORCE" in done.stdout


def test_an_exercise_that_raises_is_told_its_line(tmp_path, lexbits_here):
    path = tmp_path / "exercises.py"
    path.write_text(EXERCISES.replace('print("once")', ""), encoding="utf-8")
    done = lexbits_here("estimators", "check", f"{path}:breaks", "--json")
    assert done.returncode == 1
    _, mistake = json.loads(done.stdout)
    assert "In line 13 of exercises.py, `return f(q.smaple(samples))`" in mistake["detail"]
