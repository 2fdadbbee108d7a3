"""A training survives being killed, stopped and interrupted, and goes on bit for bit."""

import json
import os
import random
import signal
import subprocess
import time

import pytest

from lexbits.runs.folder import RunFolder
from lexbits.training.checkpoint import unpack

from .conftest import TINY, command
from .programs import program, started

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

SAVING = (*TINY, "--save-seconds", "0.02", "--patience", "0")
LONG = (*SAVING, "--epochs", "6")
ENDLESS = (*SAVING, "--epochs", "500", "--synthetic-words", "0")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, lexbits_here, words_file):
    path = tmp_path_factory.mktemp("whole") / "run"
    done = lexbits_here("train", words_file, "--out", path, *LONG)
    assert done.returncode == 0, done.stderr
    return path


def steps_done(path):
    state = path / "state" / "last.safetensors"
    if not state.is_file():
        return 0
    return unpack("state", state.read_bytes(), "state")[1]["step"]


def wait_for_step(is_alive, path, step):
    while steps_done(path) < step and is_alive():
        time.sleep(0.02)


def assert_equal_runs(one, other):
    for name in ("model.safetensors", "state/last.safetensors"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name

    def records(path):
        lines = (path / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
        return [{k: v for k, v in json.loads(s).items() if k != "seconds"} for s in lines]

    assert records(one) == records(other)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_killed_anywhere_and_resumed_gives_bit_identical_weights(
    seed, tmp_path, words_file, uninterrupted
):
    path, chance = tmp_path / "run", random.Random(seed)
    arguments = ["train", words_file, "--out", path, *LONG]
    for _ in range(3):
        process = started(*arguments)
        wait_for_step(process.is_alive, path, steps_done(path) + chance.randint(1, 15))
        time.sleep(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.ended()
        RunFolder.open(path).metrics()  # readable at any moment
        arguments = ["train", "--resume", path]
    ended = program(*arguments)
    assert ended.status == 0, ended.err
    assert_equal_runs(path, uninterrupted)


def test_ctrl_c_finishes_the_step_saves_and_says_how_to_go_on(
    tmp_path, environment, lexbits_here, words_file, uninterrupted
):
    path = tmp_path / "run"
    process = subprocess.Popen(
        command("train", words_file, "--out", path, *LONG),
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for_step(lambda: process.poll() is None, path, 7)
    process.send_signal(signal.SIGINT)
    _, messages = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"lexbits train --resume {path}" in messages
    assert "Traceback" not in messages
    stopped_at = steps_done(path)
    assert stopped_at >= 7
    done = lexbits_here("train", "--resume", path)
    assert done.returncode == 0, done.stderr
    assert f"after step {stopped_at}" in done.stderr
    assert_equal_runs(path, uninterrupted)


def test_a_second_ctrl_c_quits_at_once_and_the_run_stays_good(tmp_path, lexbits_here, words_file):
    path = tmp_path / "run"
    process = started("train", words_file, "--out", path, *ENDLESS)
    wait_for_step(process.is_alive, path, 3)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    assert process.ended().status == 130
    assert lexbits_here("info", path).returncode == 0


def test_two_trainings_cannot_share_a_run_folder(tmp_path, words_file):
    path = tmp_path / "run"
    process = started("train", words_file, "--out", path, *ENDLESS)
    wait_for_step(process.is_alive, path, 3)
    second = program("train", "--resume", path)
    process.send_signal(signal.SIGKILL)
    process.ended()
    assert second.status == 1
    assert "another process" in second.err
