"""Estimators by name, from other packages, and from files."""

import warnings

import pytest

from lexbits.config import resolve
from lexbits.errors import LexbitsWarning, UsageError
from lexbits.estimators import ESTIMATORS, Estimator, registry
from lexbits.estimators.base import DECLARED
from lexbits.estimators.own import take
from lexbits.estimators.registry import available, estimator_class, find
from lexbits.objective import make_estimator

SOURCE = """
from lexbits.estimators import Estimate, Estimator

class Mine(Estimator):
    summary = "mine"
    reference = "me"
    bound, unbiased, cost = "elbo", True, "S"
    needs_factorised_q, needs_differentiable_f = False, False

    def _estimate(self, q, f, samples):
        z = q.sample(samples)
        values = f(z)
        return Estimate(values.detach().mean(0), (values + values.detach() * q.log_prob(z)).mean(0))

nothing = 3
"""


class Point:
    """An entry point as importlib gives it."""

    def __init__(self, name, found):
        self.name, self.value, self._found = name, f"package:{name}", found

    def load(self):
        return self._found


def test_names_are_found_and_near_misses_helped():
    assert find("rloo") is ESTIMATORS["rloo"]
    with pytest.raises(UsageError, match="unknown estimator 'disarn'; did you mean 'disarm'"):
        find("disarn")


def test_estimators_of_other_packages_come_after_ours_and_never_in_their_place(monkeypatch):
    mine = ESTIMATORS["leg"]
    points = [Point("theirs", mine), Point("rloo", mine)]
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    assert find("theirs") is mine
    assert find("rloo") is ESTIMATORS["rloo"]
    assert [*available()] == [*ESTIMATORS, "theirs"]


class BrokenPoint(Point):
    def load(self):
        raise ImportError("no module of that name")


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (Point("odd", int), "entry point package:odd: expected a subclass"),
        (BrokenPoint("odd", None), "ImportError: no module of that name"),
    ],
)
def test_a_broken_estimator_of_another_package_is_named_and_breaks_no_other(
    monkeypatch, point, reason
):
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    with pytest.warns(LexbitsWarning, match=f"the estimator odd .* is skipped: {reason}"):
        assert [*available()] == [*ESTIMATORS]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nobody is asked who is not needed
        assert find("rloo") is ESTIMATORS["rloo"]


def test_an_estimator_that_forgets_a_declaration_is_told_which():
    declared = {name: getattr(ESTIMATORS["rloo"], name) for name in DECLARED}
    for name in DECLARED:
        left = {key: value for key, value in declared.items() if key != name}
        with pytest.raises(TypeError, match=f"Mine: expected .* found no {name};"):
            type("Mine", (Estimator,), {**left, "_estimate": lambda *_: None})


def test_a_file_that_forgets_a_declaration_is_refused_in_a_line(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE.replace("bound, unbiased, cost", "bound, bias, cost"), encoding="utf-8")
    with pytest.raises(UsageError, match="found no unbiased") as refused:
        estimator_class(f"{path}:Mine")
    assert f"{path}, line 4" in str(refused.value)


def test_a_file_is_an_estimator_s_name_wherever_one_is_taken(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = resolve({"estimator": "mine.py:Mine", "samples": 3})
    take(settings.estimator)
    monkeypatch.chdir("/")
    estimator, samples = make_estimator(settings, features=1)
    assert (type(estimator).__name__, samples) == ("Mine", 3)


def test_an_estimator_in_a_file_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, encoding="utf-8")
    assert estimator_class(f"{path}:Mine").__name__ == "Mine"
    monkeypatch.chdir(tmp_path)
    assert estimator_class("mine:Mine").summary == "mine"
    assert find("rloo") is ESTIMATORS["rloo"]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (SOURCE, "Yours", "has no 'Yours'"),
        (SOURCE, "Mne", "has no 'Mne'; did you mean 'Mine'?"),
        (SOURCE, "nothing", "expected a subclass"),
        (
            "import nonsense_of_ours",
            "Mine",
            "cannot be imported: ModuleNotFoundError.*mine.py, line 1",
        ),
        ("def broken(:", "Mine", "cannot be imported: SyntaxError.*line 1"),
        (None, "Mine", "expected a file with an estimator"),
    ],
)
def test_a_file_that_does_not_hold_one_is_refused_in_a_line(tmp_path, text, name, message):
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        estimator_class(f"{path}:{name}")


@pytest.mark.parametrize("name", ["mine.py", "mine.py:", ":Mine"])
def test_a_file_without_a_name_is_told_to_take_one(name):
    with pytest.raises(UsageError, match=":NAME"):
        estimator_class(name)
