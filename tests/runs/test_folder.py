"""The run folder: every file whole or not at all."""

import errno
import os
from pathlib import Path

import pytest

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.data import Entry
from lexbits.errors import RunError
from lexbits.runs.folder import RunFolder, StudyFolder, write_whole

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


def test_overwriting_leaves_nothing_of_the_old_run(tmp_path):
    run = make(tmp_path / "run")
    run.write("figures/old.png", b"old")
    make(tmp_path / "run", overwrite=True)
    assert not (tmp_path / "run" / "figures").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_overwriting_that_fails_at_the_end_keeps_the_old_run(tmp_path, monkeypatch):
    make(tmp_path / "run").write("figures/old.png", b"old")
    rename = Path.rename

    def full(path: Path, target: Path) -> Path:
        if target == tmp_path / "run" and (path / "config.toml").exists() and not old_is(path):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(path, target)

    def old_is(path: Path) -> bool:
        return (path / "figures" / "old.png").exists()

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(RunError, match="disk is full"):
        make(tmp_path / "run", overwrite=True)
    assert (tmp_path / "run" / "figures" / "old.png").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("operation", ["fsync", "replace"])
def test_a_full_disk_keeps_the_earlier_version(operation, tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, "earlier")

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(*((os, "fsync") if operation == "fsync" else (Path, "replace")), full)
    with pytest.raises(RunError, match="disk is full"):
        write_whole(path, "later")
    assert path.read_text() == "earlier"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


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


def test_dev_forms_of_train_are_left_out_and_counted(tmp_path):
    words = WORDS | {"dev": [Entry("uno"), Entry("dos")]}
    run = RunFolder.create(tmp_path / "run", Settings(), Alphabet.from_words(["uno"]), words)
    assert run.unseen_dev() == ([Entry("dos")], 1)


def test_a_study_takes_an_empty_place_or_its_own_and_no_other(tmp_path):
    for path in (tmp_path / "new", tmp_path):
        StudyFolder.open(path, "tune.json")
    assert list(tmp_path.iterdir()) == []
    folder = StudyFolder.open(tmp_path / "new", "tune.json")
    with folder.locked():
        folder.write_json("tune.json", {"words": 3})
    assert StudyFolder.open(folder.path, "tune.json").read_json("tune.json") == {"words": 3}
    run = make(tmp_path / "run")
    (tmp_path / "file").touch()
    for path, marker in (
        (folder.path, "sweep.json"),
        (run.path, "tune.json"),
        (tmp_path / "file", "tune.json"),
    ):
        with pytest.raises(RunError, match=f"holds no {marker}"):
            StudyFolder.open(path, marker)


def test_drawn_words_are_read_as_they_were_written(tmp_path):
    run = make(tmp_path / "run")
    run.write_drawn(["un\u2028o", "dós"])
    assert run.drawn() == ["un\u2028o", "dós"]


def test_the_teachers_of_another_run_are_taken(tmp_path):
    taught, other = make(tmp_path / "taught"), make(tmp_path / "other")
    RunFolder.create(taught.teacher(0), Settings(bits=0), taught.alphabet(), WORDS)
    other.take_teachers(taught)
    assert RunFolder.open(other.teacher(0)).settings().bits == 0
    assert not list(other.path.glob(".partial-*"))
