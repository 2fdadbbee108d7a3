"""Estimators of the user's own: what is taken, what is refused, what source is found."""

import linecache

import pytest

from lexbits.checking import check_estimator
from lexbits.errors import UsageError
from lexbits.estimators import Estimator, own
from lexbits.estimators.own import source_of, take, taken
from lexbits.estimators.registry import find
from lexbits.estimators.rloo import Rloo

from .test_registry import SOURCE


@pytest.fixture(autouse=True)
def nothing_taken(monkeypatch):
    monkeypatch.setattr(own, "_TAKEN", {})


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, encoding="utf-8")
    return path


class Given(Rloo):
    """A class of a module."""

    class Inside(Rloo):
        """A class of a class."""


def test_code_of_the_user_s_own_is_run_only_where_it_is_named(mine):
    ran = mine.with_name("ran")
    mine.write_text(f"{SOURCE}\nopen({str(ran)!r}, 'w')", encoding="utf-8")
    with pytest.raises(UsageError, match=r"run only where you name it: give it again, --estimator"):
        find(f"{mine}:Mine")
    assert not ran.exists()
    take(f"{mine}:Mine")
    assert ran.exists()
    assert find(f"{mine}:Mine").__name__ == "Mine"


def test_a_file_is_kept_as_it_was_run_and_read_again_when_it_is_named_again(mine):
    name = take(f"{mine}:Mine")
    assert taken(name).source == SOURCE
    changed = SOURCE.replace('"mine"', '"new!"')  # as long, and perhaps in the same second
    mine.write_text(changed, encoding="utf-8")
    assert take(name) == name
    assert taken(name).source == changed
    assert find(name).summary == "new!"


def test_a_class_is_named_by_its_module_and_one_that_has_a_name_keeps_it(mine):
    assert take(Given) == f"{__name__}:Given"
    assert take(Given.Inside) == f"{__name__}:Given.Inside"
    assert find(f"{__name__}:Given") is Given
    assert take(f"{__name__}:Given.Inside") == f"{__name__}:Given.Inside"
    assert take(Rloo) == "rloo"
    name = take(f"{mine}:Mine")
    assert take(find(name)) == name


def test_the_source_of_a_class_is_that_of_its_file_or_cell():
    assert "def test_the_source_of_a_class" in source_of(Given)
    cell = SOURCE.replace("Mine", "OfACell")
    linecache.cache["<cell 7>"] = len(cell), None, cell.splitlines(True), "<cell 7>"
    names = {"__name__": "__main__"}
    exec(compile(cell, "<cell 7>", "exec"), names)
    assert source_of(names["OfACell"]) == cell
    del linecache.cache["<cell 7>"]
    assert source_of(names["OfACell"]) is None
    assert take(names["OfACell"]) == "__main__:OfACell"
    assert take("__main__:OfACell") == "__main__:OfACell"  # as settings name it afterwards


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (Rloo(4, 4), "expected a class of estimators, found an instance of Rloo; give Rloo itself"),
        (int, "expected a subclass of lexbits.estimators.Estimator, found the class int"),
        (None, "expected a subclass of lexbits.estimators.Estimator, found None"),
        (Estimator, "found Estimator without _estimate"),
        ("__main__:Mine", "give its file, FILE.py:NAME"),
    ],
)
def test_what_is_no_class_of_estimators_is_refused_in_a_line(given, message):
    with pytest.raises(UsageError, match=message):
        take(given)


def test_a_file_in_other_bytes_than_utf_8_is_refused(mine):
    mine.write_bytes(b"# -*- coding: latin-1 -*-\nname = '\xe9'\n")
    with pytest.raises(UsageError, match=r"mine.py: expected Python in UTF-8"):
        take(f"{mine}:Mine")


def test_the_checks_take_a_file_as_well_as_a_class(mine):
    (first, *_) = check_estimator(f"{mine}:Mine")
    assert (first.name, first.passed) == ("number of samples", True)


class Scalar(Rloo):
    """Returns one number for all words."""

    def _estimate(self, q, f, samples):
        found = super()._estimate(q, f, samples)
        return type(found)(found.value.mean(), found.surrogate)


def test_an_estimate_of_another_shape_is_refused_and_not_broadcast():
    checks = check_estimator(Scalar)
    assert "expected a value with one number for each of the words" in checks[-1].detail
