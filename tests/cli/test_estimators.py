"""`lexbits estimators` and `lexbits evaluate --exact`, as a user runs them."""

import json
import math
import shutil
import sys
from importlib import import_module

import pytest

from lexbits.estimators import ESTIMATORS
from tests.checking.test_toys import NUMBERS

from .conftest import SMALL, TINY
from .test_bad_input import refused
from .test_commands import document

MINE = """
from lexbits.estimators import Estimate, Estimator

class Mine(Estimator):
    summary = "leave-one-out"
    reference = "me"
    bound, unbiased, cost = "elbo", True, "S"
    needs_factorised_q, needs_differentiable_f = False, False
    least_samples = 2

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        advantage = (values - values.mean(0)).detach()
        return Estimate(
            values.detach().mean(0),
            values.mean(0) + (advantage * q.log_prob(z)).sum(0) / (samples - 1),
        )

class Wrong(Mine):
    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        advantage = (values - values.mean(0)).detach()
        return Estimate(
            values.detach().mean(0), values.mean(0) + (advantage * q.log_prob(z)).mean(0)
        )
"""


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    return path


@pytest.fixture
def toy_file(tmp_path):
    path = tmp_path / "toys.json"
    toys = {"single_sample_objective": NUMBERS, "multi_sample_objective": NUMBERS}
    path.write_text(json.dumps(toys), encoding="utf-8")
    return path


def test_the_list_tells_needs_cost_bias_bound_and_source_of_each(lexbits_here):
    rows = document(lexbits_here("estimators", "list", "--json"))
    assert [row["name"] for row in rows] == list(ESTIMATORS)
    for row in rows:
        assert row.keys() >= {"summary", "bound", "unbiased", "bias", "evaluations", "reference",
                              "needs_factorised_posterior"}  # fmt: skip
        assert row["summary"]
        assert row["reference"]
        assert row["bound"] in ("elbo", "iwae", "wake")
    shown = lexbits_here("estimators", "list").stdout
    assert all(name in shown for name in ESTIMATORS)


@pytest.fixture(scope="module")
def compared(run_folder, lexbits_here, tmp_path_factory, drawing):
    path = tmp_path_factory.mktemp("compared") / "run"
    shutil.copytree(run_folder, path)
    given = (path, "--words", "8", "--repeats", "5", "--json")
    with drawing():
        done = lexbits_here("estimators", "compare", *given)
    return path, document(done)


def test_a_comparison_gives_table_json_and_figure(compared):
    path, found = compared
    assert {row["estimator"] for row in found["estimators"]} | set(found["left_out"]) == set(
        ESTIMATORS
    )
    assert set(found["left_out"]) == {"enumeration", "leg"}
    for row in found["estimators"]:
        assert row["evaluations"] <= 4
        assert row["variance"] >= 0
        assert -1 <= row["cosine"] <= 1
        assert row["milliseconds"] > 0
    kept = json.loads((path / "estimators.json").read_text(encoding="utf-8"))
    assert kept["estimators"] == found["estimators"]
    for ending in ("png", "svg"):
        assert (path / "figures" / f"estimators.{ending}").stat().st_size > 0


def test_a_comparison_is_repeatable_but_for_its_times(compared, lexbits_here):
    path, _ = compared
    few = ("--words", "8", "--repeats", "5", "--estimators", "rloo", "arms", "nvil", "relax")
    first, second = (
        document(lexbits_here("estimators", "compare", path, *few, "--json"))["estimators"]
        for _ in range(2)
    )
    for before, after in zip(first, second, strict=True):
        assert before["variance"] == after["variance"]
        assert before["cosine"] == after["cosine"]


def test_own_words_own_estimators_and_a_larger_budget(compared, lexbits_here, words_file, mine):
    path, _ = compared
    done = lexbits_here(
        "estimators", "compare", path, words_file, "--budget", "16", "--words", "6",
        "--repeats", "4", "--estimators", "enumeration", f"{mine}:Mine",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "enumeration" in done.stdout
    assert "Mine" in done.stdout
    assert "exact" in done.stderr


def test_an_estimator_of_ones_own_is_checked_and_its_faults_end_the_command(lexbits_here, mine):
    good = lexbits_here("estimators", "check", f"{mine}:Mine")
    assert good.returncode == 0, good.stderr
    assert "unbiased, S = 2" in good.stdout
    bad = lexbits_here("estimators", "check", f"{mine}:Wrong")
    refused(bad, 1, "checks failed", "unbiased, S = 2")
    found = document(lexbits_here("estimators", "check", f"{mine}:Mine", "--json"))
    assert {check["name"] for check in found} >= {"contract", "saturated bits", "state"}


def test_all_are_measured_on_a_toy_file(lexbits_here, toy_file, monkeypatch):
    monkeypatch.setattr(import_module("lexbits.checking.measure"), "DRAWS", 10_000)
    rows = document(lexbits_here("estimators", "check", "--toy", toy_file, "--json"))
    assert {row["estimator"] for row in rows} == set(ESTIMATORS)
    for row in rows:
        assert row.keys() >= {"estimator", "samples", "unbiased", "method", "evaluations",
                              "max_abs_bias", "total_variance"}  # fmt: skip
        assert ("z_score" in row) == (row["method"] == "sampling")
        assert row["unbiased"] == ESTIMATORS[row["estimator"]].unbiased
        if row["method"] == "enumeration" and row["unbiased"]:
            assert row["max_abs_bias"] < 1e-10


def test_one_can_be_measured_on_a_toy_file(lexbits_here, toy_file):
    rows = document(lexbits_here("estimators", "check", "leg", "--toy", toy_file, "--json"))
    assert {row["estimator"] for row in rows} == {"leg"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["check", "rlo"], ["rlo", "rloo"]),
        (["check", "missing.py:Mine"], ["missing.py", "expected a file with an estimator"]),
        (["check", "no_such_module:Mine"], ["no_such_module", "cannot be imported"]),
        (["check", "--toy", "missing.json"], ["missing.json"]),
        (["compare", "missing"], ["missing"]),
    ],
)
def test_bad_requests_are_refused(lexbits_here, tmp_path, monkeypatch, arguments, expected):
    monkeypatch.chdir(tmp_path)
    done = lexbits_here("estimators", *arguments)
    refused(done, 1 if arguments[0] == "compare" else 2, *expected)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--budget", "0"], ["--budget", "0"]),
        (["--words", "0"], ["--words", "0"]),
        (["--repeats", "1"], ["--repeats", "1"]),
        (["--estimators", "nonsense"], ["nonsense"]),
        (["--estimators", "leg", "--budget", "2"], ["leg", "needs 5 evaluations"]),
    ],
)
def test_a_bad_comparison_is_refused_and_writes_nothing(
    lexbits_here, run_folder, arguments, expected
):
    refused(lexbits_here("estimators", "compare", run_folder, *arguments), 2, *expected)
    assert not (run_folder / "estimators.json").exists()


def test_a_model_without_bits_has_nothing_to_compare(lexbits_here, plain_folder):
    refused(lexbits_here("estimators", "compare", plain_folder), 2, "no bits")


def test_exact_evaluation_says_its_cost_first_and_splits_the_gap(run_folder, lexbits_here):
    done = lexbits_here("evaluate", run_folder, "--exact", "--samples", "200", "--json")
    figures = document(done)
    assert "16 codes" in done.stderr
    assert figures["exact_nll"] == pytest.approx(figures["nll"], abs=0.2)
    assert figures["nll"] >= figures["exact_nll"] - 0.05
    gap = -figures["exact_nll"] - figures["exact_elbo"]
    assert figures["gap"] == pytest.approx(gap)
    assert figures["gap"] == pytest.approx(figures["mean_field_gap"] + figures["amortisation_gap"])
    assert figures["elbo"] == pytest.approx(figures["exact_elbo"], abs=0.2)
    by_samples = figures["nll_by_samples"]
    assert list(by_samples) == ["1", "10", "100", "200"]
    assert by_samples["1"] > by_samples["100"]
    assert "amortisation gap" in lexbits_here("evaluate", run_folder, "--exact").stdout


def test_a_model_without_bits_is_exact_with_one_code(plain_folder, lexbits_here):
    figures = document(lexbits_here("evaluate", plain_folder, "--exact", "--json"))
    assert figures["exact_nll"] == pytest.approx(figures["nll"], abs=1e-4)
    assert figures["gap"] == pytest.approx(0, abs=1e-4)


def test_above_the_limit_the_best_codes_bound_the_likelihood(run_folder, lexbits_here):
    exact = document(lexbits_here("evaluate", run_folder, "--exact", "--json"))["exact_nll"]
    bounds = []
    for codes in ("1", "4", "16"):
        limits = ("--exact-limit", "3", "--codes", codes)
        done = lexbits_here("evaluate", run_folder, "--exact", *limits, "--json")
        assert "more than --exact-limit 3" in done.stderr
        bounds.append(document(done)["nll_upper_bound"])
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[1] > exact
    assert bounds[2] == pytest.approx(exact, abs=1e-4)


def test_a_sample_of_words_is_measured(run_folder, lexbits_here):
    figures = document(lexbits_here("evaluate", run_folder, "--words", "7", "--json"))
    assert figures["words"] == 7
    refused(lexbits_here("evaluate", run_folder, "--words", "0"), 2, "--words", "0")


@pytest.mark.parametrize(
    "flags",
    [
        ("--estimator", "vimco", "--free-nats", "0"),
        ("--estimator", "auto", "--bits", "3"),
        ("--estimator", "nvil"),
        ("--posterior", "made", "--prior", "made"),
        ("--posterior", "gru", "--prior", "boltzmann"),
        ("--prior", "learned", "--kl", "sampled", "--estimator", "relax", "--samples", "1"),
    ],
)
def test_a_training_with_other_choices_leaves_a_run_that_every_command_can_use(
    lexbits_here, tmp_path, words_file, flags
):
    path = tmp_path / "run"
    bits = () if "--bits" in flags else ("--bits", "4")
    settings = dict(zip(SMALL[::2], SMALL[1::2], strict=True))
    settings |= dict(zip(flags[::2], flags[1::2], strict=True))
    given = [part for pair in settings.items() for part in pair]
    done = lexbits_here("train", words_file, "--out", path, "--epochs", "1", *bits, *given)
    assert done.returncode == 0, done.stderr
    figures = document(lexbits_here("evaluate", path, "--exact", "--samples", "5", "--json"))
    assert math.isfinite(figures["nll"])
    assert figures["rate"] == pytest.approx(figures["exact_rate"], abs=1.0)
    assert figures["mutual_information"] <= math.log(figures["words"]) + 1e-6
    codes = document(lexbits_here("encode", path, "canto", "--json"))
    assert set(codes[0]["code"]) <= {"0", "1"}
    for command in (("sample", "-n", "3"), ("reconstruct", "canto"), ("score", "canto")):
        name, *rest = command
        assert lexbits_here(name, path, *rest).returncode == 0
    shown = lexbits_here(
        "estimators", "compare", path, "--words", "4", "--repeats", "2", "--estimators", "rloo"
    )
    assert shown.returncode == 0, shown.stderr


def test_a_structured_run_goes_on_after_it_was_stopped(lexbits_here, tmp_path, words_file):
    path = tmp_path / "run"
    flags = ("--posterior", "gru", "--prior", "made", "--estimator", "nvil")
    done = lexbits_here("train", words_file, "--out", path, "--epochs", "1", *TINY, *flags)
    assert done.returncode == 0, done.stderr
    assert document(lexbits_here("train", "--resume", path, "--json"))["epochs"] == 1


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--estimator", "vimco"), ("vimco", "--free-nats 0")),
        (("--estimator", "leg", "--posterior", "made"), ("leg", "factorised", "rloo")),
        (("--estimator", "disarm", "--samples", "3"), ("disarm", "multiples of 2")),
        (("--estimator", "nonsense"), ("nonsense", "rloo")),
        (("--prior", "boltzmann", "--bits", "17"), ("boltzmann", "16 bits")),
        (("--kl", "analytic", "--prior", "made"), ("analytic", "independent")),
    ],
)
def test_choices_that_do_not_fit_are_refused_before_anything_is_read(
    lexbits_here, tmp_path, words_file, flags, expected
):
    done = lexbits_here("train", words_file, "--out", tmp_path / "run", *flags)
    refused(done, 2, *expected)
    assert "Reading" not in done.stderr
    assert not (tmp_path / "run").exists()


def test_an_estimator_of_an_installed_package_is_listed_and_trained_with(
    lexbits, lexbits_here, tmp_path, words_file, monkeypatch
):
    (tmp_path / "theirs.py").write_text(MINE, encoding="utf-8")
    information = tmp_path / "theirs-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: theirs\nVersion: 1.0\n", encoding="utf-8")
    (information / "entry_points.txt").write_text(
        "[lexbits.estimators]\nmine = theirs:Mine\n", encoding="utf-8"
    )
    rows = document(lexbits("estimators", "list", "--json", PYTHONPATH=str(tmp_path)))
    assert rows[-1]["name"] == "mine"
    run = tmp_path / "run"
    train = ("train", words_file, "--epochs", "1", *TINY, "--estimator", "mine", "--out")
    with monkeypatch.context() as installed:
        installed.syspath_prepend(tmp_path)
        done = lexbits_here(*train, run)
        assert done.returncode == 0, done.stderr
    sys.modules.pop("theirs")
    # Without the package the model is still of use; only the training could not go on.
    assert lexbits_here("sample", run, "-n", "1").returncode == 0
    refused(lexbits_here(*train, tmp_path / "other"), 2, "mine", "unknown estimator")
