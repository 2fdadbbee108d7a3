"""Files and folders are whole or absent, whatever happens to the process that writes them."""

import errno
import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lexbits.errors import RunError
from lexbits.files import (
    READY,
    Contents,
    draft_in,
    filling,
    is_empty,
    is_unfinished,
    locked,
    write_whole,
)

KIND = Contents("key", re.compile(r"key|a|b|sub/\w+"))


def full(*_args: object, **_more: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def fill(folder: Path, **files: str) -> None:
    """Fill a folder with files; a double underscore stands for a slash."""
    with locked(folder, KIND), filling(folder, KIND) as draft:
        for name, content in files.items():
            write_whole(draft / name.replace("__", "/"), content)


def visible(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.parametrize("operation", ["fsync", "replace"])
def test_a_full_disk_keeps_the_earlier_version(operation, tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_whole(path, "earlier")
    monkeypatch.setattr(*((os, "fsync") if operation == "fsync" else (Path, "replace")), full)
    with pytest.raises(RunError, match="disk is full"):
        write_whole(path, "later")
    assert visible(tmp_path) == {"file": "earlier"}


def test_files_and_drafts_have_the_permissions_of_any_new_ones(tmp_path):
    earlier = os.umask(0o027)
    try:
        write_whole(tmp_path / "file", "text")
        assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
        with draft_in(tmp_path) as draft:
            assert stat.S_IMODE(draft.stat().st_mode) == 0o750
    finally:
        os.umask(earlier)


def test_two_processes_write_one_file_at_once_and_it_is_always_whole(tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom lexbits.files import write_whole\n"
        "for _ in range(150): write_whole(Path(sys.argv[1]), sys.argv[2] * 20000)"
    )
    path = tmp_path / "file"
    writers = [
        subprocess.Popen([sys.executable, "-c", program, str(path), letter]) for letter in "ab"
    ]
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            assert path.read_text() in ("a" * 20000, "b" * 20000)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_renamed_stays_and_what_fails_leaves_nothing(tmp_path):
    with draft_in(tmp_path) as draft:
        (draft / "file").write_text("whole")
        draft.rename(tmp_path / "kept")
    with pytest.raises(KeyboardInterrupt), draft_in(tmp_path) as draft:
        (draft / "file").write_text("half")
        raise KeyboardInterrupt
    assert visible(tmp_path) == {"kept/file": "whole"}


def test_a_lock_is_held_by_one_and_leaves_no_folder_that_stays_empty(tmp_path):
    folder = tmp_path / "folder"
    with locked(folder), pytest.raises(RunError, match="another process"), locked(folder):
        pass
    assert not folder.exists()
    folder.mkdir()
    with locked(folder):
        pass
    assert list(folder.iterdir()) == []
    with locked(folder):
        write_whole(folder / "file", "text")
    assert visible(folder) == {"file": "text"}


def test_of_many_processes_one_at_a_time_holds_the_lock_though_the_folder_comes_and_goes(tmp_path):
    program = (
        "import sys\nfrom pathlib import Path\nfrom lexbits.errors import RunError\n"
        "from lexbits.files import locked\n"
        "folder, flag, held = Path(sys.argv[1]), Path(sys.argv[2]), 0\n"
        "while held < 100:\n"
        "    try:\n"
        "        with locked(folder):\n"
        "            flag.open('xb').close()\n"
        "            flag.unlink()\n"
        "            held += 1\n"
        "    except RunError as error:\n"
        "        assert 'another process' in str(error), error\n"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "folder"), str(tmp_path / "flag")]
    holders = [subprocess.Popen(arguments) for _ in range(3)]
    assert [holder.wait() for holder in holders] == [0, 0, 0]
    assert visible(tmp_path) == {}


def test_new_files_take_the_place_of_the_earlier_ones_and_others_stay(tmp_path):
    folder = tmp_path / "folder"
    fill(folder, key="1", a="1", sub__x="1", sub__y="1")
    write_whole(folder / "thesis.tex", "mine")
    write_whole(folder / "sub" / "notes.txt", "mine")
    fill(folder, key="2", b="2", sub__y="2")
    assert visible(folder) == {
        "key": "2", "b": "2", "sub/y": "2", "sub/notes.txt": "mine", "thesis.tex": "mine",
    }  # fmt: skip


def test_a_link_is_followed_and_the_folder_stays_the_one_it_is(tmp_path):
    there, link = tmp_path / "there", tmp_path / "link"
    there.mkdir(mode=0o711)
    before = there.stat()
    link.symlink_to(there)
    fill(link, key="1")
    assert link.is_symlink()
    assert visible(there) == {"key": "1"}
    after = there.stat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    nowhere = tmp_path / "to-nowhere"
    nowhere.symlink_to(tmp_path / "made")
    fill(nowhere, key="1")
    assert visible(tmp_path / "made") == {"key": "1"}


def test_nothing_outside_the_folder_is_removed_through_a_link_in_it(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    write_whole(outside / "x", "mine")
    fill(folder, key="1")
    (folder / "sub").symlink_to(outside)
    fill(folder, key="2")
    assert visible(outside) == {"x": "mine"}


def points_of_writing(monkeypatch, fail_at: int) -> list[str]:
    """Let the call of this number that changes the disk fail; return what is called."""
    called: list[str] = []

    def counted(name, original):
        def call(*arguments: object, **more: object) -> object:
            called.append(name)
            if len(called) == fail_at:
                full()
            return original(*arguments, **more)

        return call

    for owner, name in ((os, "fsync"), (Path, "mkdir"), (Path, "rename"), (Path, "replace"),
                        (Path, "unlink")):  # fmt: skip
        monkeypatch.setattr(owner, name, counted(name, getattr(owner, name)))
    return called


EARLIER = {"key": "1", "a": "1", "sub/x": "1"}
LATER = {"key": "2", "b": "2", "sub/y": "2"}


@pytest.mark.parametrize("number", range(1, 40))
def test_a_disk_that_is_full_at_any_point_leaves_the_earlier_or_the_later_whole(
    number, tmp_path, monkeypatch
):
    folder = tmp_path / "folder"
    fill(folder, **{name.replace("/", "__"): text for name, text in EARLIER.items()})
    failed = False
    with monkeypatch.context() as patch:
        called = points_of_writing(patch, number)
        try:
            fill(folder, **{name.replace("/", "__"): text for name, text in LATER.items()})
        except (OSError, RunError):
            failed = True
    assert failed <= (len(called) >= number)
    assert (folder / "key").exists() <= (visible(folder).items() >= EARLIER.items()
                                         or visible(folder).items() >= LATER.items())  # fmt: skip
    with locked(folder, KIND):  # finishes
        pass
    assert visible(folder) in (EARLIER, LATER)
    if not failed:
        assert visible(folder) == LATER


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.parametrize("number", range(1, 46))
def test_a_process_that_is_killed_at_any_point_leaves_the_earlier_or_the_later_whole(
    number, tmp_path
):
    folder = tmp_path / "folder"
    fill(folder, **{name.replace("/", "__"): text for name, text in EARLIER.items()})
    process = os.fork()
    if process == 0:
        points = 0

        def watched(event: str, _arguments: object) -> None:
            nonlocal points
            points += event in ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir")
            if points == number:
                os._exit(9)

        sys.addaudithook(watched)
        fill(folder, **{name.replace("/", "__"): text for name, text in LATER.items()})
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    if is_unfinished(folder):
        assert status == 9
    with locked(folder, KIND):
        pass
    assert visible(folder) in (EARLIER, LATER)
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == [".lock"]
    if status == 0:
        assert visible(folder) == LATER


def test_leftovers_are_removed_by_who_holds_the_lock_and_only_those_that_nobody_writes(tmp_path):
    mine = {".partial-notes", ".partial-model.safetensors"}
    for name in mine:
        write_whole(tmp_path / name, "mine")
    old, young = (tmp_path / f".partial-{digit * 16}" for digit in "ab")
    draft = tmp_path / f".partial-{'c' * 16}"
    for path in (old, young, draft / "file"):
        write_whole(path, "half")
    os.utime(old, (time.time() - 7200,) * 2)
    with locked(tmp_path):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {*mine, young.name, ".lock"}


def test_a_folder_with_hidden_files_only_is_empty(tmp_path):
    assert is_empty(tmp_path / "missing")
    (tmp_path / ".git").mkdir()
    assert is_empty(tmp_path)
    (tmp_path / "file").touch()
    assert not is_empty(tmp_path)
    assert not is_empty(tmp_path / "file")
    (tmp_path / READY).mkdir()
    assert is_unfinished(tmp_path)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere"
)
def test_a_place_that_cannot_be_written_to_is_said_in_a_line(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(RunError, match="cannot be written"), locked(tmp_path / "closed" / "new"):
        pass


def test_a_place_where_no_folder_can_be_is_not_said_to_be_in_use(tmp_path):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "run"
    with pytest.raises(RunError, match="cannot be written"):
        is_empty(place)
    with pytest.raises(RunError, match="cannot be written"), locked(place):
        pass
    if Path("/proc/self").exists():
        with pytest.raises(RunError, match="cannot be written"), locked(Path("/proc/run")):
            pass


def test_a_folder_that_its_holder_removes_while_it_is_asked_for_is_in_use(tmp_path, monkeypatch):
    def gone(*_args: object, **_more: object) -> None:
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))

    monkeypatch.setattr(os, "mkdir", gone)
    with pytest.raises(RunError, match="another process"), locked(tmp_path / "folder"):
        pass
