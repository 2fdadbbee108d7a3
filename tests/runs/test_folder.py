"""The run folder: every file whole or not at all."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data import Entry
from lexbits.errors import RunError
from lexbits.files import READY
from lexbits.runs.folder import RunFolder
from lexbits.runs.study import StudyFolder

WORDS = {"train": [Entry("uno", "uno", "N")], "dev": [Entry("dos")], "test": [Entry("tres")]}


def make(path: Path, overwrite: bool = False) -> RunFolder:
    return RunFolder.create(
        path, Settings(), Alphabet.from_words(["uno"]), WORDS, overwrite=overwrite
    )


def test_what_is_written_is_read_back(tmp_path):
    make(tmp_path / "run")
    run = RunFolder.open(tmp_path / "run")
    assert run.settings() == Settings()
    assert run.alphabet() == Alphabet.from_words(["uno"])
    assert {name: run.split(name) for name in WORDS} == WORDS
    assert run.metrics() == []
    run.write_metrics([{"epoch": 1}, {"epoch": 2}])
    assert run.metrics() == [{"epoch": 1}, {"epoch": 2}]


def test_an_existing_folder_is_refused_and_an_empty_one_taken(tmp_path):
    (tmp_path / "run").mkdir()
    make(tmp_path / "run")
    with pytest.raises(RunError, match="--overwrite"):
        make(tmp_path / "run")


def test_overwriting_leaves_nothing_of_the_old_run_and_all_that_is_no_file_of_a_run(tmp_path):
    run = make(tmp_path / "run")
    run.write("figures/training.png", b"old")
    RunFolder.create(run.teacher(0), Settings(bits=0), run.alphabet(), WORDS)
    mine = [run.path / name for name in ("thesis.tex", "figures/mine.png", "teachers/1/notes.txt")]
    for path in mine[:2]:
        path.write_text("mine")
    make(tmp_path / "run", overwrite=True)
    assert [path.read_text() for path in mine[:2]] == ["mine", "mine"]
    assert not (run.path / "figures" / "training.png").exists()
    assert not run.teacher(0).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(
    "files",
    [
        {"config.toml": "[tool]\n", "thesis.tex": "mine"},
        {"config.toml": "bits = 4\n", "alphabet.json": "{}", "environment.json": '{"mine": 1}'},
        {"environment.json": '{"lexbits": "0.1.0"}'},
        {"data.json": "{}"},
    ],
)
def test_what_is_no_run_of_lexbits_is_refused_and_left_alone(files, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    for overwrite in (False, True):
        with pytest.raises(RunError, match="not a run folder of lexbits"):
            make(folder, overwrite)
    assert {path.name: path.read_text() for path in folder.iterdir()} == files


def test_a_run_of_the_first_version_is_lexbits_own_and_can_be_replaced(tmp_path):
    old = Path(__file__).parents[1] / "old_runs" / "0.1.0"
    run = shutil.copytree(old, tmp_path / "run")
    assert RunFolder.is_at(run)
    make(run, overwrite=True)
    assert not (run / "state").exists()
    assert not (run / "teachers").exists()


def test_overwriting_that_fails_keeps_the_old_run(tmp_path, monkeypatch):
    make(tmp_path / "run").write("figures/training.png", b"old")

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full"):
        make(tmp_path / "run", overwrite=True)
    monkeypatch.undo()
    assert (tmp_path / "run" / "figures" / "training.png").read_bytes() == b"old"
    assert RunFolder.open(tmp_path / "run").splits() == WORDS


def test_a_folder_in_use_is_not_overwritten(tmp_path):
    run = make(tmp_path / "run")
    run.write("model.safetensors", b"old")
    for job in (make, RunFolder.refuse_existing):
        with run.locked(), pytest.raises(RunError, match="another process"):
            job(run.path, overwrite=True)
    with (
        RunFolder.creating(run.path, Settings(), run.alphabet(), WORDS, overwrite=True),
        pytest.raises(RunError, match="another process"),
    ):
        make(run.path, overwrite=True)
    assert not run.has("model.safetensors")


def test_a_replacement_that_was_cut_short_is_finished_by_whoever_opens_the_run(tmp_path):
    run = make(tmp_path / "run")
    run.write("model.safetensors", b"old")
    new = RunFolder.create(tmp_path / "new", Settings(bits=3), run.alphabet(), WORDS)
    new.path.rename(run.path / READY)
    (run.path / "config.toml").unlink()
    found = RunFolder.open(run.path)
    assert found.settings().bits == 3
    assert not found.has("model.safetensors")
    with pytest.raises(RunError, match="exists already"):
        make(run.path)


def test_no_file_is_written_that_overwriting_would_not_know(tmp_path):
    with pytest.raises(ValueError, match=r"mine\.txt"):
        make(tmp_path / "run").write("mine.txt", "")


def test_a_run_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="disk is full"):
        make(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_second_holder_of_the_lock_is_refused_and_the_next_one_not(tmp_path):
    run = make(tmp_path / "run")
    with run.locked(), pytest.raises(RunError, match="another process"), run.locked():
        pass
    with run.locked():
        pass


def test_a_study_takes_an_empty_place_or_its_own_and_no_other(tmp_path):
    for path in (tmp_path / "new", tmp_path):
        StudyFolder.open(path, "tune.json")
    assert list(tmp_path.iterdir()) == []
    folder = StudyFolder.open(tmp_path / "new", "tune.json")
    with folder.locked():
        folder.write_json("tune.json", {"settings": {}, "space": {}, "words": 3})
    assert StudyFolder.open(folder.path, "tune.json").read_json("tune.json")["words"] == 3
    run = make(tmp_path / "run")
    (tmp_path / "file").touch()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "sweep.json").write_text('{"points": 1}')
    for path, marker in (
        (tmp_path / "mine", "sweep.json"),
        (folder.path, "sweep.json"),
        (run.path, "tune.json"),
        (tmp_path / "file", "tune.json"),
    ):
        with pytest.raises(RunError, match=f"holds no {marker}"):
            StudyFolder.open(path, marker)


def test_drawn_words_are_read_as_they_were_written(tmp_path):
    run = make(tmp_path / "run")
    run.write_synthetic(["un\u2028o", "dós"])
    assert run.synthetic() == ["un\u2028o", "dós"]


def test_the_teachers_of_another_run_are_taken(tmp_path):
    taught, other = make(tmp_path / "taught"), make(tmp_path / "other")
    RunFolder.create(taught.teacher(0), Settings(bits=0), taught.alphabet(), WORDS)
    other.take_teachers(taught)
    assert RunFolder.open(other.teacher(0)).settings().bits == 0
    assert not [path for path in other.path.rglob(".*") if path.is_dir()]
