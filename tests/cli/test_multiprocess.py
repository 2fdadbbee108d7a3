"""`lexbits train --devices 2`: two processes, one training, one voice."""

import json
import os
import shutil
import socket

import pytest

from tests.cli.conftest import TINY, interrupted
from tests.cli.programs import started

pytestmark = [pytest.mark.multiprocess, pytest.mark.slow]

TAUGHT = ("--epochs", "2", "--teachers", "1", "--teacher-epochs", "1", "--synthetic-words", "0.5")


def metrics(run):
    lines = (run / "metrics.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def assert_same_training(run, other, epochs=10):
    """Compare the first epochs: in more, a sampled bit falls to another side by rounding alone."""
    assert len(metrics(run)) == len(metrics(other))
    for one, two in zip(metrics(run)[:epochs], metrics(other)[:epochs], strict=True):
        for name in ("train_elbo", "dev_nll", "dev_rate", "dev_mutual_information"):
            assert two[name] == pytest.approx(one[name], rel=1e-3, abs=1e-4), name


def test_two_processes_make_the_run_of_one(lexbits, lexbits_here, words_file, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert lexbits_here("train", words_file, "--out", one, *TAUGHT, *TINY).returncode == 0
    done = lexbits("train", words_file, "--out", two, "--devices", "2", *TAUGHT, *TINY, "--json")
    assert done.returncode == 0, done.stderr
    assert_same_training(one, two)
    assert_same_training(one / "teachers" / "1", two / "teachers" / "1")
    assert (one / "synthetic.txt").read_text("utf-8") == (two / "synthetic.txt").read_text("utf-8")
    assert json.loads(done.stdout)["epochs"] == 2  # one document: one process speaks
    assert "deprecated" not in done.stderr
    assert done.stderr.count("from the start") == 2  # the teacher and the model, once each
    settings = (two / "config.toml").read_text("utf-8")
    assert settings == (one / "config.toml").read_text("utf-8")


def test_two_processes_extend_the_run_of_one(lexbits, lexbits_here, words_file, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert lexbits_here("train", words_file, "--out", one, *TAUGHT, *TINY).returncode == 0
    shutil.copytree(one, two)
    more = ("--epochs", "+2")
    assert lexbits_here("train", "--resume", one, *more).returncode == 0
    done = lexbits("train", "--resume", two, *more, "--devices", "2")
    assert done.returncode == 0, done.stderr
    assert [record["epoch"] for record in metrics(two)] == [1, 2, 3, 4]
    assert_same_training(one, two)


def a_free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return str(taken.getsockname()[1])


SLURM = {
    "SLURM_JOB_ID": "7",
    "SLURM_JOB_NAME": "train",
    "SLURM_NTASKS": "2",
    "SLURM_NTASKS_PER_NODE": "2",
    "SLURM_NNODES": "1",
    "SLURM_NODEID": "0",
}
LAUNCHERS = {
    "torchrun": ("--devices", {"WORLD_SIZE": "2"}, ("RANK", "LOCAL_RANK")),
    "machines": ("--nodes", {}, ("NODE_RANK",)),
    "slurm": ("--devices", SLURM, ("SLURM_PROCID", "SLURM_LOCALID")),
}
"""By launcher: the flag that asks for two, what it says to both processes, what numbers them."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.parametrize(("flag", "shared", "numbers"), LAUNCHERS.values(), ids=LAUNCHERS)
def test_a_launcher_starts_the_processes(
    lexbits_here, environment, words_file, tmp_path, flag, shared, numbers
):
    one, two = tmp_path / "one", tmp_path / "two"
    assert lexbits_here("train", words_file, "--out", one, "--epochs", "1", *TINY).returncode == 0
    meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": a_free_port()}
    arguments = ("train", words_file, "--out", two, flag, "2", "--epochs", "1", *TINY, "--json")
    processes = [
        started(
            *arguments, **environment, **meeting, **shared, **dict.fromkeys(numbers, str(number))
        )
        for number in (0, 1)
    ]
    ended = [process.ended() for process in processes]
    assert [process.status for process in ended] == [0, 0], ended[0].err
    said = [process.out for process in ended]
    assert json.loads(said[0])["epochs"] == 1
    assert said[1] == ""
    assert_same_training(one, two)


def test_stopped_in_two_processes_a_training_goes_on_in_one(
    lexbits_here, environment, words_file, tmp_path
):
    straight, moved = tmp_path / "straight", tmp_path / "moved"
    long = ("--epochs", "20", *TINY)
    assert lexbits_here("train", words_file, "--out", straight, *long).returncode == 0
    arguments = ("train", words_file, "--out", moved, "--devices", "2", *long)
    status, rest = interrupted(environment, arguments, lambda said: "epoch  1" in said)
    assert status == 130, rest
    assert "To resume: lexbits train --resume" in rest
    done = lexbits_here("train", "--resume", moved)
    assert done.returncode == 0, done.stderr
    assert_same_training(straight, moved)


def test_what_cannot_work_is_said_once_and_ends_all(lexbits, run_folder, words_file):
    done = lexbits("train", words_file, "--out", run_folder, "--devices", "2", *TINY)
    assert done.returncode == 1
    assert done.stderr.count("exists already") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("flag", ["--devices", "--nodes"])
def test_no_processes_at_all_are_refused(lexbits_here, words_file, tmp_path, flag):
    done = lexbits_here("train", words_file, "--out", tmp_path / "run", flag, "0")
    assert done.returncode == 2
    assert flag in done.stderr
