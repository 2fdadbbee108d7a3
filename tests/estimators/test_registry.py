"""Estimators by name, from other packages, and from files."""

import pytest

from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS, registry
from lexbits.estimators.registry import available, find, load

SOURCE = """
from lexbits.estimators import Estimate, Estimator

class Mine(Estimator):
    summary = "mine"
    reference = "me"

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


def test_an_entry_point_that_is_no_estimator_is_named(monkeypatch):
    monkeypatch.setattr(registry, "entry_points", lambda group: [Point("odd", int)])
    with pytest.raises(UsageError, match="entry point package:odd: expected a subclass"):
        available()


def test_an_estimator_in_a_file_is_loaded(tmp_path, monkeypatch):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, encoding="utf-8")
    assert load(f"{path}:Mine").__name__ == "Mine"
    monkeypatch.chdir(tmp_path)
    assert load("mine:Mine").summary == "mine"
    assert load("rloo") is ESTIMATORS["rloo"]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        (SOURCE, "Yours", "has no 'Yours'"),
        (SOURCE, "nothing", "expected a subclass"),
        ("import nonsense_of_ours", "Mine", "cannot be imported .ModuleNotFoundError"),
        ("def broken(:", "Mine", "cannot be imported .SyntaxError"),
        (None, "Mine", "no such file"),
    ],
)
def test_a_file_that_does_not_hold_one_is_refused_in_a_line(tmp_path, text, name, message):
    path = tmp_path / "mine.py"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        load(f"{path}:{name}")
