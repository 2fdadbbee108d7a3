"""Runs that earlier versions have made load, resume and evaluate to the same metrics.

`tests/old_runs/0.1.0` was interrupted in epoch 3 of 4: with a teacher and the words that it drew,
NVIL, averaged weights and a learned prior. Beside it lies what 0.1.0 made of it: metrics of its
test words, and what came out when it was trained to its end.
"""

import json
import shutil
from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.training.checkpoint import unpack

OLD = Path(__file__).parents[1] / "old_runs" / "0.1.0"
EXPECTED = json.loads(OLD.with_name("0.1.0-expected.json").read_text(encoding="utf-8"))
STATE = "state/last.safetensors"


@pytest.fixture(scope="module")
def old_run(tmp_path_factory):
    """A copy, since commands write into it."""
    return shutil.copytree(OLD, tmp_path_factory.mktemp("old") / "run")


@pytest.fixture(scope="module")
def resumed(tmp_path_factory, lexbits_here):
    path = shutil.copytree(OLD, tmp_path_factory.mktemp("resumed") / "run")
    done = lexbits_here("train", "--resume", path)
    assert done.returncode == 0, done.stderr
    return path


def test_the_model_gives_the_same_metrics_codes_and_words(old_run):
    model = WordModel.load(old_run)
    found = model.exact(EXPECTED["words"])
    assert found.exact_nll == pytest.approx(EXPECTED["exact_nll"], abs=1e-4)
    assert found.exact_elbo == pytest.approx(EXPECTED["exact_elbo"], abs=1e-4)
    assert [e.code for e in model.encode(EXPECTED["words"][:8])] == EXPECTED["codes"]
    codes = [format(number, "06b") for number in range(0, 64, 9)]
    # 0.1.0 gave a character more of a word that does not end.
    greedy = [word[: model.settings.max_length] for word in EXPECTED["greedy"]]
    assert [sample.word for sample in model.decode(codes)] == greedy


def test_the_words_of_the_run_are_those_that_were_measured(old_run, lexbits_here):
    done = lexbits_here("evaluate", old_run, "--exact", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["exact_nll"] == pytest.approx(EXPECTED["exact_nll"], abs=1e-4)


def test_resumed_it_ends_where_it_would_have_ended(resumed):
    content = (resumed / STATE).read_bytes()
    tensors, counters = unpack("state", content, STATE)
    norms = {name: float(tensors[name].double().norm()) for name in EXPECTED["after_resuming"]}
    assert norms == pytest.approx(EXPECTED["after_resuming"], rel=1e-3, abs=1e-9)
    assert (counters["step"], counters["finished"]) == (EXPECTED["steps"], True)


def test_resumed_it_has_the_same_likelihood_and_epochs(resumed):
    model = WordModel.load(resumed)
    found = model.exact(EXPECTED["words"]).exact_nll
    assert found == pytest.approx(EXPECTED["resumed_exact_nll"], abs=1e-4)
    assert [record["epoch"] for record in model.history] == EXPECTED["resumed_epochs"]


@pytest.mark.parametrize(
    "command",
    [
        ["info"],
        ["sample", "-n", "3", "--seed", "1"],
        ["score", "canto"],
        ["plot"],
        ["estimators", "compare", "--repeats", "2", "--words", "4", "--estimators", "nvil"],
    ],
    ids=lambda command: command[0],
)
def test_commands_work_on_it(command, old_run, lexbits_here):
    place = 1 + (command[0] == "estimators")
    done = lexbits_here(*command[:place], old_run, *command[place:])
    assert done.returncode == 0, done.stderr


def test_a_baseline_is_compared_with_it(old_run, lexbits_here):
    done = lexbits_here("baseline", "ngram", "--with", old_run, "--orders", "2")
    assert done.returncode == 0, done.stderr
