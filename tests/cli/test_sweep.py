"""`lexbits sweep rate`, as a user runs it."""

import json

import pytest

from .conftest import SMALL, interrupted
from .test_bad_input import refused
from .test_commands import document

SETTINGS = (
    "--bits", "6", *SMALL[: SMALL.index("--free-nats")], "--rate-learning-rate", "0.05",
    "--epochs", "3", "--test-samples", "3",
)  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory, lexbits_here, words_file, drawing):
    path = tmp_path_factory.mktemp("sweeps") / "sweep"
    given = (words_file, "--out", path, "--rates", "2", "1", *SETTINGS)
    with drawing():
        done = lexbits_here("sweep", "rate", *given)
    assert done.returncode == 0, done.stderr
    return path, done


def test_a_sweep_leaves_runs_a_table_json_and_a_figure(swept):
    path, done = swept
    assert done.stderr.count("Reading") == 1
    rows = done.stdout.splitlines()
    assert "NLL − plain" in rows[0]
    assert [row.split()[0] for row in rows[1:]] == ["plain", "1", "2"]
    kept = json.loads((path / "sweep.json").read_text(encoding="utf-8"))
    assert [point["rate_target"] for point in kept["points"]] == [1.0, 2.0]
    assert kept["plain"]["rate"] == 0
    for point in kept["points"]:
        assert point["difference_low"] <= point["nll_difference"] <= point["difference_high"]
        assert point["nll_difference"] == pytest.approx(point["nll"] - kept["plain"]["nll"])
        assert point["rate"] == pytest.approx(point["mutual_information"] + point["marginal_kl"])
        assert 0 <= point["exact"] <= 1
    for ending in ("png", "svg"):
        assert (path / "figures" / f"sweep.{ending}").stat().st_size > 0


def test_the_figures_of_a_point_are_those_of_evaluate(swept, lexbits_here):
    path, _ = swept
    point = json.loads((path / "sweep.json").read_text(encoding="utf-8"))["points"][0]
    found = document(lexbits_here("evaluate", point["run"], "--samples", "3", "--json"))
    names = ("nll", "nll_se", "rate", "distortion", "mutual_information", "active_bits")
    assert {name: point[name] for name in names} == {name: found[name] for name in names}


def test_what_is_trained_is_kept_and_another_rate_added(swept, lexbits_here, words_file):
    path, _ = swept
    before = (path / "rate-1" / "state" / "last.safetensors").read_bytes()
    done = lexbits_here(
        "sweep", "rate", words_file, "--out", path, "--rates", "1", "3", "--no-plain", "--json",
        *SETTINGS,
    )  # fmt: skip
    found = document(done)
    assert "rate-1: the training is finished" in done.stderr
    assert (path / "rate-1" / "state" / "last.safetensors").read_bytes() == before
    assert [point["rate_target"] for point in found["points"]] == [1.0, 3.0]
    assert found["plain"] is found["points"][0]["nll_difference"] is None


def test_ctrl_c_saves_and_the_same_command_goes_on(
    tmp_path, environment, lexbits_here, words_file, swept
):
    arguments = (
        "sweep", "rate", words_file, "--out", tmp_path / "sweep", "--rates", "1", "2",
        *SETTINGS[: SETTINGS.index("--epochs")], "--epochs", "12", "--patience", "0",
    )  # fmt: skip
    status, rest = interrupted(
        environment, arguments, lambda said: "epoch  2" in said.partition("rate-1\n")[2]
    )
    assert status == 130
    assert "same command again" in rest
    assert "Traceback" not in rest
    done = lexbits_here(*arguments)
    assert done.returncode == 0, done.stderr
    assert "plain: the training is finished" in done.stderr
    assert "resuming after step" in done.stderr
    assert [row.split()[0] for row in done.stdout.splitlines()[1:]] == ["plain", "1", "2"]


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["--rates", "20"], 2, ["6 bits", "29 bits"]),
        (["--rates", "-1"], 2, ["--rates", "-1"]),
        (["--rates", "2", "--free-nats", "1"], 2, ["free_nats"]),
        (["--rates", "2", "--rate-target", "2"], 2, ["--rates"]),
        (["--rates", "2", "--test-samples", "0"], 2, ["--test-samples"]),
        (["--rates", "2", "--estimator", "rlo"], 2, ["rlo", "rloo"]),
        (["--rates", "2", "--samples", "1"], 2, ["rloo", "2 samples"]),
        (["--rates", "2", "--config", "missing.toml"], 2, ["missing.toml"]),
    ],
)
def test_bad_requests_are_refused(arguments, status, expected, lexbits_here, tmp_path, words_file):
    out = tmp_path / "sweep"
    done = lexbits_here("sweep", "rate", words_file, "--out", out, "--bits", "6", *arguments)
    refused(done, status, *expected)
    assert list(tmp_path.iterdir()) == []


def test_other_settings_and_foreign_folders_are_refused(
    swept, run_folder, lexbits_here, words_file
):
    path, _ = swept
    common = ("sweep", "rate", words_file, "--rates", "1", *SETTINGS)
    refused(lexbits_here(*common, "--out", path, "--dropout", "0.4"), 1, "dropout", "0.1", "0.4")
    refused(lexbits_here(*common, "--out", run_folder), 1, run_folder, "sweep.json")
    assert lexbits_here("sweep", "rate", words_file).returncode == 2
