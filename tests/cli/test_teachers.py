"""A training with teachers: they come first, in folders inside, and survive a stop."""

import pytest

from lexbits.runs.folder import RunFolder

from .conftest import TINY, interrupted
from .test_survival import assert_equal_runs

TAUGHT = (
    *TINY, "--teachers", "2", "--teacher-epochs", "2", "--synthetic-words", "1.5", "--epochs", "2",
)  # fmt: skip


@pytest.fixture(scope="module")
def taught(tmp_path_factory, lexbits_here, words_file):
    path = tmp_path_factory.mktemp("taught") / "run"
    done = lexbits_here("train", words_file, "--out", path, *TAUGHT)
    assert done.returncode == 0, done.stderr
    return path, done.stderr


def test_teachers_are_plain_models_in_folders_of_their_own(taught, lexbits_here):
    path, messages = taught
    assert "Teacher 2 of 2" in messages
    for number in range(2):
        teacher = RunFolder.open(RunFolder.open(path).teacher(number))
        assert teacher.settings().bits == 0
        assert teacher.settings().hidden_size == 16
        assert len(teacher.metrics()) == 2
    assert lexbits_here("score", path / "teachers" / "1", "cantar").returncode == 0


def test_the_time_of_teachers_counts(taught):
    run = RunFolder.open(taught[0])
    own = sum(record["seconds"] for record in run.metrics())
    assert run.read_json("summary.json")["seconds"] > own


def test_the_model_learns_from_words_that_they_drew(taught):
    path, messages = taught
    run = RunFolder.open(path)
    real, drawn = len(run.split("train")), run.synthetic()
    assert len(drawn) == 2 * round(1.5 * real)
    assert f"{len(drawn)} synthetic words" in messages
    assert run.metrics()[0]["step"] == -(-(real + len(drawn) // 2) // 16)


def test_without_teachers_the_ngram_alone_draws(tmp_path, lexbits_here, words_file):
    path = tmp_path / "run"
    done = lexbits_here(
        "train", words_file, "--out", path, *TINY, "--synthetic-words", "1", "--epochs", "2"
    )
    assert done.returncode == 0, done.stderr
    run = RunFolder.open(path)
    assert len(run.synthetic()) == 2 * len(run.split("train"))
    assert not (path / "teachers").exists()


@pytest.mark.parametrize(
    "ready",
    [
        pytest.param(lambda said: "Teacher 2" in said, id="at the second teacher"),
        pytest.param(lambda said: "synthetic words" in said, id="after the synthetic words"),
    ],
)
def test_interrupted_and_resumed_it_ends_as_if_nothing_had_been(
    ready, tmp_path, taught, lexbits_here, environment, words_file
):
    path = tmp_path / "run"
    arguments = ["train", words_file, "--out", path, *TAUGHT]
    status, rest = interrupted(environment, arguments, ready)
    assert status == 130
    assert f"lexbits train --resume {path}" in rest
    done = lexbits_here("train", "--resume", path)
    assert done.returncode == 0, done.stderr
    assert "Teacher 1" not in done.stderr
    assert_equal_runs(path, taught[0])
    assert RunFolder.open(path).synthetic() == RunFolder.open(taught[0]).synthetic()
