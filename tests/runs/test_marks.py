"""What is given for a run and is none is named, with the command that helps."""

import os
from pathlib import Path

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.errors import RunError
from lexbits.runs.folder import RunFolder
from lexbits.runs.marks import BEST, SWEEP, TUNE


def make(path):
    RunFolder.create(path, Settings(), Alphabet.from_words(["uno"]), {})


def said_of(path):
    with pytest.raises(RunError) as refused:
        RunFolder.open(path)
    return str(refused.value)


def test_a_place_where_nothing_is(tmp_path):
    assert (
        "no such run folder; check the path, or make one with `lexbits train DATA --out"
        in said_of(tmp_path / "run")
    )


def test_the_language_of_a_model_that_comes_with_lexbits(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said_of(Path("es")).endswith("with lexbits is pretrained:es")


def test_the_command_that_is_recommended_can_be_copied(tmp_path):
    assert said_of(tmp_path / "my  run").endswith(
        f"`lexbits train DATA --out '{tmp_path}/my  run'`"
    )


def test_a_file_and_one_that_lies_in_a_run(tmp_path):
    (tmp_path / "words.txt").write_text("uno\n", "utf-8")
    words = tmp_path / "words.txt"
    training = f"to train on its words: `lexbits train {words} --out RUN`"
    assert said_of(words).endswith(f"expected the folder of a run, found a file; {training}")
    make(tmp_path / "run")
    assert said_of(tmp_path / "run" / "config.toml").endswith(f"lies in, {tmp_path / 'run'}")
    (tmp_path / "run" / "state").mkdir()
    assert said_of(tmp_path / "run" / "state").endswith(f"lies in, {tmp_path / 'run'}")


def test_a_sweep_and_any_folder_of_runs(tmp_path):
    make(tmp_path / "rate-4")
    make(tmp_path / "rate-2")
    such = f"runs lie in it: give one of them, such as {tmp_path / 'rate-2'}"
    assert said_of(tmp_path) == f"{tmp_path}: not a run folder of lexbits, but {such}"
    (tmp_path / SWEEP).write_text("{}", "utf-8")
    assert said_of(tmp_path) == f"{tmp_path}: a sweep, but {such}"


def test_a_search_with_and_without_best_settings(tmp_path):
    (tmp_path / TUNE).write_text("{}", "utf-8")
    assert "give its `lexbits tune` again" in said_of(tmp_path)
    (tmp_path / BEST).write_text("", "utf-8")
    assert f"`lexbits train --config {tmp_path / BEST} --out RUN`" in said_of(tmp_path)


def test_packed_words(tmp_path):
    (tmp_path / "header.json").write_text("{}", "utf-8")
    assert f"train on them with `lexbits train {tmp_path} --out RUN`" in said_of(tmp_path)


def test_a_run_that_lacks_a_file_and_a_folder_that_is_none(tmp_path):
    make(tmp_path / "run")
    (tmp_path / "run" / "alphabet.json").unlink()
    assert "alphabet.json is missing; restore it" in said_of(tmp_path / "run")
    (tmp_path / "empty").mkdir()
    assert "not a run folder of lexbits (config.toml is missing)" in said_of(tmp_path / "empty")


def test_a_name_that_no_file_can_have(tmp_path):
    assert "cannot be read" in said_of(tmp_path / ("x" * 5000))
    assert os.listdir(tmp_path) == []  # noqa: PTH208
