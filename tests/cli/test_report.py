"""`lexbits report` writes a page, and `lexbits explore` opens one."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

import pytest

from lexbits.cli import report as command
from lexbits.config import Settings, to_toml
from lexbits.studies.report import name_of, temporary_page
from lexbits.word_model.provenance import in_shell

from .conftest import SMALL, TINY

OLD_RUN = Path(__file__).parents[1] / "old_runs" / "0.1.0"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_the_page_is_named_after_the_run(lexbits_here, run_folder, here):
    done = lexbits_here("report", run_folder)
    assert (done.returncode, done.stdout) == (0, "tiny.html\n")
    assert "MB. Open it in a browser" in done.stderr
    assert (here / "tiny.html").read_bytes().startswith(b"<!doctype html>")


def test_that_an_earlier_page_is_replaced_is_said(lexbits_here, run_folder, here):
    (here / "tiny.html").write_bytes(b"")
    assert "no page of lexbits" in lexbits_here("report", run_folder).stderr
    (here / "tiny.html").unlink()
    assert "earlier" not in lexbits_here("report", run_folder).stderr
    assert "MB, in place of an earlier page. Open" in lexbits_here("report", run_folder).stderr


def test_json_says_path_and_size(lexbits_here, run_folder, here):
    file = here / "new" / "a page.html"
    found = json.loads(lexbits_here("report", run_folder, "--out", file, "--json").stdout)
    assert found == {"path": str(file), "bytes": file.stat().st_size}


def test_the_page_is_opened_where_there_is_a_browser(lexbits_here, run_folder, here, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: bool(opened.append(address)) or True)
    without = lexbits_here("explore", run_folder)
    assert opened == []
    assert "There is no browser here" in without.stderr
    monkeypatch.setenv("DISPLAY", ":0")
    done = lexbits_here("explore", run_folder)
    assert done.stdout == without.stdout
    assert opened == [f"file://{done.stdout.strip()}"]
    assert "It should open in your browser" in done.stderr


def test_a_browser_that_hangs_or_fails_is_not_waited_for(here, monkeypatch):
    import threading

    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(command, "PATIENCE", 0.05)
    ready = threading.Event()
    monkeypatch.setattr(webbrowser, "open", lambda address: ready.wait(10))
    assert command.opens(here)
    ready.set()

    def fail(address):
        raise webbrowser.Error("no browser")

    monkeypatch.setattr(webbrowser, "open", fail)
    monkeypatch.setattr(command, "PATIENCE", 10)
    assert not command.opens(here)


@pytest.mark.parametrize(
    ("out", "said"),
    [
        ("page.txt", "ends in .html"),
        ("mine.html", "no page of lexbits"),
        ("folder.html", "is a folder"),
        ("mine.html/page.html", "mine.html is no folder"),
    ],
)
def test_what_is_no_place_for_a_page_is_said(lexbits_here, run_folder, here, out, said):
    (here / "mine.html").write_text("mine", encoding="utf-8")
    (here / "folder.html").mkdir()
    done = lexbits_here("report", run_folder, "--out", out)
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert (here / "mine.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(sys.platform == "win32", reason="modes of folders are those of POSIX")
def test_a_page_is_not_put_where_somebody_else_may_change_it(
    lexbits_here, run_folder, here, monkeypatch
):
    done = lexbits_here("explore", run_folder)
    folder = Path(done.stdout).parent
    assert folder.stat().st_mode & 0o077 == 0
    folder.rename(here / "moved")
    folder.symlink_to(here / "moved")
    refused = lexbits_here("explore", run_folder)
    assert refused.returncode == 1
    assert "belongs to somebody else; write the page by `lexbits report" in refused.stderr


def test_runs_of_one_name_have_pages_of_their_own(run_folder, here):
    others = [here / name / "same" for name in ("a", "b")]
    found = [temporary_page(path) for path in others]
    assert found[0] != found[1]
    assert {page.name[:5] for page in found} == {"same-"}
    assert found == [temporary_page(path) for path in others]


@pytest.mark.parametrize("name", ["x" * 250, "한" * 80])
def test_a_run_of_a_long_name_has_a_page_to_look_at(lexbits_here, run_folder, here, name):
    done = lexbits_here("explore", shutil.copytree(run_folder, here / name))
    assert done.returncode == 0
    assert Path(done.stdout.strip()).name.startswith(name[:20])


@pytest.mark.skipif(sys.platform != "linux", reason="the browser is a script for POSIX")
def test_what_a_browser_prints_is_not_among_the_data(run_folder, here):
    browser = here / "browser"
    browser.write_text("#!/bin/sh\necho opened $1\n", encoding="utf-8")
    browser.chmod(0o700)
    done = subprocess.run(
        [sys.executable, "-m", "lexbits", "explore", run_folder, "--json"],
        check=False,
        env={**os.environ, "BROWSER": f"{browser} %s", "TMPDIR": str(here)},
        capture_output=True,
        text=True,
    )
    page = json.loads(done.stdout)["path"]
    assert f"opened file://{page}\n" in done.stderr


def test_a_link_to_a_run_gives_the_page_its_name(run_folder, here):
    (here / "link").symlink_to(run_folder)
    assert name_of(here / "link") == name_of(Path("link")) == "link"
    assert name_of(run_folder / "samples" / "..") == run_folder.name


def test_a_full_disk_leaves_no_half_page(lexbits_here, run_folder, here, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = lexbits_here("report", run_folder)
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert list(here.iterdir()) == []


def test_without_a_model_there_is_no_page(lexbits_here, run_folder, here):
    assert "no such run folder" in lexbits_here("report", here / "nothing").stderr
    unfinished = shutil.copytree(run_folder, here / "unfinished")
    for name in ("model.safetensors", "metrics.jsonl", "state/last.safetensors"):
        (unfinished / name).unlink()
    done = lexbits_here("explore", unfinished)
    assert done.returncode == 1
    assert "no epoch" in done.stderr


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"bits": 3, "alpha": [0.2, 0.5, 0.7], "z_at_start": False, "encoder_bidirectional": False},
        {"data": "a b.txt", "more_data": ["x.txt"], "variational_dropout": True, "limit": 100},
        {"bits": 8, "free_nats": 0.0, "rate_target": 2.5, "learning_rate": 0.0003, "epochs": 3},
        {"column": "word", "delimiter": "tab", "comment": "#", "skip_bad": True},
    ],
)
def test_the_command_in_the_page_has_the_settings_of_the_model(lexbits_here, changes):
    settings = Settings(**changes)
    typed = shlex.split(in_shell(settings))[1:]
    done = lexbits_here(*typed, "--print-config")
    assert done.returncode == 0, done.stderr
    assert done.stdout == to_toml(settings)


def test_a_run_of_0_1_0_has_a_page(lexbits_here, here):
    old = shutil.copytree(OLD_RUN, here / "old")
    done = lexbits_here("report", old)
    assert done.returncode == 0, done.stderr
    page = (here / "old.html").read_text(encoding="utf-8")
    assert "Spanish words in 6 bits" in page
    assert "lexbits train simplemma:es --limit 400" in page


def test_packed_words_that_are_gone_leave_the_rest(lexbits_here, words_file, here):
    assert lexbits_here("data", "pack", words_file, "--out", "packed").returncode == 0
    trained = lexbits_here("train", "packed", "--out", "run", "--epochs", "1", *TINY)
    assert trained.returncode == 0, trained.stderr
    there = lexbits_here("report", "run", "--out", "there.html")
    assert there.stderr.count("\n") == 2
    (here / "packed").rename(here / "elsewhere")
    gone = lexbits_here("report", "run", "--out", "gone.html")
    assert "Note: the page tells nothing of the model's words" in gone.stderr
    sizes = {name: (here / f"{name}.html").stat().st_size for name in ("there", "gone")}
    assert 50_000 < sizes["gone"] < sizes["there"]
    assert re.search(r"It was trained .* on 1", (here / "gone.html").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "flags", [("--bits", "256"), ("--bits", "4", "--prior", "boltzmann", "--posterior", "made")]
)
def test_many_bits_and_dependent_ones_have_a_page(lexbits_here, words_file, here, flags):
    trained = lexbits_here("train", words_file, "--out", "run", "--epochs", "1", *SMALL, *flags)
    assert trained.returncode == 0, trained.stderr
    done = lexbits_here("report", "run")
    assert done.returncode == 0, done.stderr
    page = (here / "run.html").read_text(encoding="utf-8")
    assert page.count('role="switch"') == int(flags[1])
