"""A training that says how long it may take."""

import pytest

from lexbits.runs.folder import RunFolder
from lexbits.training import pace

from .conftest import SMALL, TINY

SIZES = (*TINY, "--teachers", "0", "--synthetic-words", "0")


@pytest.fixture(scope="module", autouse=True)
def known_speed():
    """A clock that stands still beside a known speed: what is chosen is the same anywhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "clock", lambda: 0.0)
        speed = pace.Speed(start=0.0, step=0.1, evaluation=0.5)
        patch.setattr(pace, "_measure", lambda *_: (speed, None))
        yield


@pytest.fixture(scope="module")
def timed(tmp_path_factory, lexbits_here, words_file):
    path = tmp_path_factory.mktemp("timed") / "run"
    done = lexbits_here("train", words_file, "--out", path, *SIZES, "--minutes", "0.15")
    assert done.returncode == 0, done.stderr
    return RunFolder.open(path), done.stderr


def test_what_was_chosen_is_said_and_flags_are_kept(timed):
    run, said = timed
    settings = run.settings()
    assert "minutes 0.15: " in said
    assert f"steps={settings.steps}" in said
    assert (settings.bits, settings.hidden_size, settings.teachers) == (4, 16, 0)


def test_the_settings_of_the_run_repeat_it(timed, tmp_path, lexbits_here, words_file):
    run, _ = timed
    again = tmp_path / "again"
    config = run.path / "config.toml"
    done = lexbits_here("train", words_file, "--config", config, "--out", again)
    assert done.returncode == 0, done.stderr
    assert RunFolder.open(again).settings() == run.settings()
    dev_nlls = [[r["dev_nll"] for r in each.metrics()] for each in (run, RunFolder.open(again))]
    assert dev_nlls[0] == dev_nlls[1]


def test_a_run_that_starts_from_another_keeps_its_networks(timed, tmp_path, lexbits_here):
    run, _ = timed
    out = tmp_path / "more"
    done = lexbits_here("train", "--start-from", run.path, "--out", out, "--minutes", "0.1")
    assert done.returncode == 0, done.stderr
    assert "minutes 0.1: " in done.stderr
    assert RunFolder.open(out).settings().hidden_size == 16


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--minutes", "0"), "--minutes"),
        (("--minutes", "soon"), "--minutes"),
        (("--minutes", "1", "--steps", "10"), "--minutes 1 and steps: each says how long"),
        (("--minutes", "1", "--epochs", "2"), "--minutes 1 and epochs: each says how long"),
        (("--minutes", "1", "--print-config"), "not known before"),
        (("--minutes", "1", "--devices", "2"), "one process, found 2: give --steps"),
        (("--minutes", "0.0001", *SMALL), "minutes 0.0001: expected more than"),
    ],
)
def test_minutes_are_a_time_and_the_only_length(given, said, tmp_path, lexbits_here, words_file):
    out = tmp_path / "run"
    done = lexbits_here("train", words_file, "--out", out, *given)
    assert done.returncode == 2
    assert said in done.stderr
    assert not out.exists()


def test_a_run_that_is_resumed_has_its_length(timed, lexbits_here):
    done = lexbits_here("train", "--resume", timed[0].path, "--minutes", "1")
    assert done.returncode == 2
    assert "--resume takes data and settings from the run" in done.stderr
