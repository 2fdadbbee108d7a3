"""`lexbits report SWEEP`: the models of a sweep in one page, also before all are trained."""

import json
import re
import shutil

import pytest

from .conftest import SMALL

SETTINGS = (
    "--bits", "6", *SMALL[: SMALL.index("--free-nats")], "--epochs", "1", "--test-samples", "2",
)  # fmt: skip


@pytest.fixture(scope="module")
def swept(tmp_path_factory, lexbits_here, words_file):
    path = tmp_path_factory.mktemp("sweeps") / "rates"
    done = lexbits_here("sweep", "rate", words_file, "--out", path, "--rates", "1", "2", *SETTINGS)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def copy(swept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(swept, tmp_path / "rates")


def page_of(done):
    assert done.returncode == 0, done.stderr
    page = open(done.stdout.strip(), encoding="utf-8").read()  # noqa: PTH123, SIM115
    data = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
    return page, json.loads(data)["models"]


def test_the_models_stand_side_by_side(copy, lexbits_here):
    page, models = page_of(lexbits_here("report", copy))
    assert [model["name"] for model in models] == ["plain", "rate-1", "rate-2"]
    assert [model["label"] for model in models] == ["without bits", "1 nat", "2 nats"]
    assert [model.get("point") for model in models] == [None, 0, 1]
    assert {"figure-sweep-point-0-a", "figure-sweep-point-1-a"} <= set(
        re.findall(r'id="(figure-sweep-point-\S+)"', page)
    )
    for point in json.loads((copy / "sweep.json").read_text(encoding="utf-8"))["points"]:
        for name in ("rate", "distortion", "nll", "mutual_information"):
            assert f"{point[name]:z.2f}".replace("-", "−") in page
    assert "lexbits sweep rate" in page


def test_a_model_that_is_not_trained_to_its_end_is_left_out_and_named(copy, lexbits_here):
    for name in ("model.safetensors", "metrics.jsonl", "state/last.safetensors"):
        (copy / "rate-2" / name).unlink()
    (copy / "sweep.json").write_text('{"plain": null, "points": []}', encoding="utf-8")
    page, models = page_of(lexbits_here("report", copy))
    assert [model["name"] for model in models] == ["plain", "rate-1"]
    assert "rate-2 is not trained to its end" in page
    assert "rate-1 was measured by 20 importance samples only" in page


def test_a_model_that_was_measured_and_is_gone_is_named(copy, lexbits_here):
    shutil.rmtree(copy / "rate-1")
    page, models = page_of(lexbits_here("report", copy))
    assert [model["name"] for model in models] == ["plain", "rate-2"]
    assert "rate-1 is not in the folder of the sweep any more" in page


@pytest.mark.parametrize(
    "changed",
    [
        lambda _: {},
        lambda whole: {**whole, "points": 3},
        lambda whole: {**whole, "points": [{"run": "rate-1"}]},
        lambda whole: {**whole, "plain": {**whole["plain"], "nll": "low"}},
        lambda whole: {**whole, "plain": {**whole["plain"], "run": 7}},
    ],
)
def test_points_of_a_sweep_that_are_damaged_are_no_page(copy, lexbits_here, changed):
    file = copy / "sweep.json"
    whole = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(changed(whole)), encoding="utf-8")
    done = lexbits_here("report", copy)
    assert done.returncode == 1
    assert "sweep.json: expected the points of a sweep" in done.stderr
    assert not list(copy.parent.glob("*.html"))


def test_a_sweep_of_which_nothing_is_trained_has_no_page(copy, lexbits_here):
    for run in ("plain", "rate-1", "rate-2"):
        shutil.rmtree(copy / run)
    done = lexbits_here("report", copy)
    assert done.returncode == 1
    assert "no run of this sweep is finished yet" in done.stderr


def test_explore_shows_a_sweep_too(copy, lexbits_here, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(copy.parent))
    monkeypatch.setattr("lexbits.cli.report.opens", lambda file: False)
    shutil.rmtree(copy / "plain")
    _, models = page_of(lexbits_here("explore", copy))
    assert len(models) == 2
