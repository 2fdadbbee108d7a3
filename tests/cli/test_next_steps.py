"""What is proposed next is what the files of a run show has not been done."""

import json
import shlex
import shutil
from types import SimpleNamespace
from unittest.mock import patch

import pytest

from lexbits.cli.next_steps import lines_of_steps, next_steps
from lexbits.runs.folder import RunFolder


@pytest.fixture
def copy(run_folder, tmp_path):
    return RunFolder(shutil.copytree(run_folder, tmp_path / "a run"))


def proposed(run):
    return [" ".join(shlex.split(command)[1:3]) for command, _ in next_steps(run)]


def test_a_finished_run_is_measured_asked_and_compared(copy):
    assert proposed(copy) == [
        f"evaluate {copy.path}", f"explore {copy.path}", f"sample {copy.path}", "baseline ngram",
        "estimators compare",
    ]  # fmt: skip
    assert "--exact" in next_steps(copy)[0][0]


def test_what_is_done_is_not_proposed(copy):
    (copy.path / "estimators.json").write_text("{}", encoding="utf-8")
    assert "estimators compare" not in proposed(copy)


def test_a_stopped_run_is_resumed(copy):
    with patch("lexbits.cli.next_steps.read_progress", lambda run: SimpleNamespace(finished=False)):
        assert proposed(copy)[0] == "train --resume"
    assert "train --resume" not in proposed(copy)


def test_an_ngram_is_proposed_where_the_words_allow_one(copy):
    (copy.path / "summary.json").write_text('{"ngram": null}', encoding="utf-8")
    assert "baseline ngram" not in proposed(copy)


def test_a_plain_run_has_no_gradients_to_compare(plain_folder):
    assert proposed(RunFolder(plain_folder))[-1] == "baseline ngram"


def test_the_commands_are_in_line_and_can_be_copied(copy, lexbits_here):
    lines = lines_of_steps(next_steps(copy))
    assert lines[0] == "Next:"
    assert lines_of_steps([]) == []
    shown = lexbits_here("info", copy.path)
    assert "\n".join(lines) in shown.stderr
    _, *words = shlex.split(lines[3].split("   ")[0])
    assert lexbits_here(*words, "-n", "1").returncode == 0


def test_the_summary_ends_with_them_and_holds_the_advice(copy, lexbits_here):
    done = lexbits_here("train", "--resume", copy.path)
    assert done.stdout.rstrip().endswith("\n".join(lines_of_steps(next_steps(copy))))
    summary = json.loads((copy.path / "summary.json").read_text(encoding="utf-8"))
    assert summary["advice"] == summary["findings"][0]
    assert summary["advice"] in done.stdout
    assert summary["ngram"]["nll"] > 0


def test_an_evaluation_proposes_what_it_did_not_measure(copy, lexbits_here):
    evaluate = ("evaluate", copy.path, "--samples", "2", "--words", "20")
    done = lexbits_here(*evaluate)
    for flag in ("--exact", "--search-codes", "--sample-quality"):
        assert flag in done.stderr.partition("Next:")[2]
    assert done.stdout.count("Next:") == 0
    more = lexbits_here(*evaluate, "--exact", "--search-codes").stderr.partition("Next:")[2]
    assert "--exact" not in more
    assert "--search-codes" not in more
    assert "Next:" not in lexbits_here(*evaluate, "--json").stderr


def test_of_other_words_nothing_is_proposed(copy, words_file, lexbits_here):
    assert "Next:" not in lexbits_here("evaluate", copy.path, words_file, "--samples", "2").stderr
