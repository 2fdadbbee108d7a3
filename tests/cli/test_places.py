"""Where runs are written to: what is there already is kept, and what is in use is left alone."""

import json
import os
import shutil
import signal
import tomllib

import pytest

from lexbits import WordModel
from lexbits.config import resolve, to_toml

from .conftest import TINY
from .programs import started
from .test_bad_input import refused
from .test_survival import ENDLESS, steps_done, wait_for_step

ONE_EPOCH = (*TINY, "--epochs", "1", "--synthetic-words", "0")


def test_a_folder_of_somebody_is_never_replaced(lexbits_here, tmp_path, words_file):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "config.toml").write_text("[tool]\nname = 1\n")
    (folder / "thesis.tex").write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for command in (
        ("train", words_file, "--out", folder, "--overwrite", *ONE_EPOCH),
        ("train", words_file, "--out", folder, *ONE_EPOCH),
        ("sweep", "rate", words_file, "--out", folder, "--rates", "1", "--bits", "4"),
        ("tune", words_file, "--out", folder, "--trials", "1", *ONE_EPOCH),
        ("data", "pack", words_file, "--out", folder),
    ):
        done = lexbits_here(*command)
        refused(done, 2 if command[0] == "data" else 1, folder, "choose another --out")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_run_is_replaced_and_what_was_put_beside_its_files_stays(
    lexbits_here, tmp_path, run_folder, words_file
):
    run = shutil.copytree(run_folder, tmp_path / "run")
    (run / "notes.txt").write_text("mine")
    done = lexbits_here("train", words_file, "--out", run, "--overwrite", *ONE_EPOCH)
    assert done.returncode == 0, done.stderr
    assert (run / "notes.txt").read_text() == "mine"
    assert [path.name for path in (run / "samples").iterdir()] == ["epoch-001.txt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_run_that_is_being_trained_is_not_replaced(tmp_path, lexbits_here, words_file):
    path = tmp_path / "run"
    process = started("train", words_file, "--out", path, *ENDLESS)
    wait_for_step(process.is_alive, path, 3)
    config = (path / "config.toml").read_bytes()
    done = lexbits_here("train", "missing.txt", "--out", path, "--overwrite", *ONE_EPOCH)
    refused(done, 1, path, "another process")
    model = WordModel.fit(words_file.read_text("utf-8").split(), **tiny_settings())
    with pytest.raises(Exception, match="another process"):
        model.save(path, overwrite=True)
    before = steps_done(path)
    wait_for_step(process.is_alive, path, before + 3)
    assert process.is_alive()
    assert (path / "config.toml").read_bytes() == config
    process.send_signal(signal.SIGKILL)
    process.ended()


def tiny_settings():
    names = [flag.removeprefix("--").replace("-", "_") for flag in ONE_EPOCH[::2]]
    return {name: float(text) if "." in text else int(text)
            for name, text in zip(names, ONE_EPOCH[1::2], strict=True)}  # fmt: skip


@pytest.mark.parametrize("command", ["train", "pack"])
def test_a_link_to_an_empty_folder_is_followed(command, lexbits_here, tmp_path, words_file):
    there, link = tmp_path / "other-disk", tmp_path / "link"
    there.mkdir(mode=0o750)
    link.symlink_to(there)
    before = there.stat()
    given = ("train", *ONE_EPOCH) if command == "train" else ("data", "pack")
    done = lexbits_here(*given, words_file, "--out", link)
    assert done.returncode == 0, done.stderr
    assert link.is_symlink()
    assert (there / ("model.safetensors" if command == "train" else "words.bin")).is_file()
    assert (there.stat().st_ino, there.stat().st_mode) == (before.st_ino, before.st_mode)


def test_a_saved_model_is_not_resumed_and_says_where_its_words_came_from(
    lexbits_here, tmp_path, run_folder, words_file
):
    words = words_file.read_text(encoding="utf-8").split()
    model = WordModel.fit(words, **tiny_settings())
    model.save(tmp_path / "given")
    WordModel.load(run_folder).save(tmp_path / "again")
    for name, source in (("given", "words given from Python"), ("again", str(words_file))):
        path = tmp_path / name
        before = (path / "model.safetensors").read_bytes()
        refused(lexbits_here("train", "--resume", path), 1, path, "model without one", "state")
        assert (path / "model.safetensors").read_bytes() == before
        shown = json.loads(lexbits_here("info", path, "--json").stdout)
        assert shown["data"] == source


def test_a_finished_run_whose_state_was_deleted_is_not_trained_anew(
    lexbits_here, tmp_path, run_folder
):
    run = shutil.copytree(run_folder, tmp_path / "run")
    shutil.rmtree(run / "state")
    refused(lexbits_here("train", "--resume", run), 1, run, "state")
    assert (run / "model.safetensors").read_bytes() == (
        run_folder / "model.safetensors"
    ).read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_run_of_another_machine_is_resumed_on_a_device_of_this_one(
    tmp_path, lexbits_here, words_file
):
    path = tmp_path / "run"
    process = started("train", words_file, "--out", path, *TINY, "--epochs", "8",
                      "--save-seconds", "0.02", "--synthetic-words", "0")  # fmt: skip
    wait_for_step(process.is_alive, path, 3)
    process.send_signal(signal.SIGKILL)
    process.ended()
    config = path / "config.toml"
    settings = resolve(tomllib.loads(config.read_text())).model_copy(update={"device": "mps"})
    config.write_text(to_toml(settings))
    refused(lexbits_here("train", "--resume", path), 2, "'mps' is not available", "--device")
    refused(lexbits_here("train", "--resume", path, "--seed", "1"), 2, "--device")
    for _ in range(2):  # to its end, and when it is finished
        done = lexbits_here("train", "--resume", path, "--device", "cpu", "--precision", "fp32")
        assert done.returncode == 0, done.stderr
    assert (path / "summary.json").is_file()
    assert tomllib.loads(config.read_text())["device"] == "mps"


def test_only_the_command_line_of_this_program_is_recorded(
    lexbits, run_folder, tmp_path, words_file
):
    def recorded(run):
        return json.loads((run / "environment.json").read_text())["command"]

    assert recorded(run_folder) is None  # made by a test, as a notebook might
    out = tmp_path / "a run"
    assert lexbits("train", words_file, "--out", out, *ONE_EPOCH).returncode == 0
    assert recorded(out).startswith("lexbits train ")
    assert f"--out '{out}'" in recorded(out)


def test_advice_on_a_folder_with_spaces_can_be_copied(lexbits_here, tmp_path, words_file):
    path = tmp_path / "my  run"
    done = lexbits_here("train", words_file, "--out", path, *ONE_EPOCH)
    assert f"  lexbits evaluate '{path}' " in done.stdout
    refused(lexbits_here("train", words_file, "--out", path), 1, f"--resume '{path}'")
