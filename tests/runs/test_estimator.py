"""The estimator of a run where it is code of the user's own."""

import shutil
from pathlib import Path

import pytest

from lexbits.errors import RunError, UsageError
from lexbits.estimators import own
from lexbits.runs.estimator import refuse_other_estimator, take_again, to_resume
from lexbits.runs.folder import RunFolder
from tests.estimators.test_registry import SOURCE

OLD = Path(__file__).parents[1] / "old_runs" / "0.1.0"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A run of 0.1.0, which kept no source, of an estimator in a file."""
    monkeypatch.setattr(own, "_TAKEN", {})
    mine = tmp_path / "mine.py"
    mine.write_text(SOURCE, encoding="utf-8")
    config = shutil.copytree(OLD, tmp_path / "run") / "config.toml"
    lines = config.read_text(encoding="utf-8").splitlines()
    changed = [f'estimator = "{mine}:Mine"' if li.startswith("estimator") else li for li in lines]
    config.write_text("\n".join(changed), encoding="utf-8")
    return RunFolder.open(tmp_path / "run")


def test_a_run_without_a_copy_is_resumed_with_what_is_named_and_says_so(run):
    named = run.settings().estimator
    assert to_resume(run) == f"lexbits train --resume {run.path} --estimator {named}"
    with pytest.raises(RunError, match=r"run only where you name it: give .*no copy is kept"):
        refuse_other_estimator(run)
    with pytest.raises(UsageError, match=r"found other\.py:Yours: give"):
        take_again(run, "other.py:Yours")
    take_again(run, named)
    refuse_other_estimator(run)


def test_a_run_with_an_estimator_of_lexbits_needs_nothing_named():
    old = RunFolder.open(OLD)
    refuse_other_estimator(old)
    take_again(old, old.settings().estimator)
    assert to_resume(old) == f"lexbits train --resume {OLD}"
