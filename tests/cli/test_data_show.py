"""`lexbits data show` shows the training that the same flags give `lexbits train`."""

import json

import pytest

from .conftest import TINY


def shown(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_training_is_the_one_that_is_made(run_folder, words_file, lexbits_here):
    flags = ("--epochs", "2", *TINY)
    found = shown(lexbits_here("data", "show", words_file, *flags, "--json"))
    last = json.loads((run_folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert found["training"]["steps"] == last["step"]
    assert found["training"]["epochs"] == 2
    assert found["training"]["real_words_in_epoch"] == found["train"]
    assert found["training_refused"] is None


def test_presets_and_files_of_settings_count(words_file, lexbits_here, tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("batch_size = 5\n", encoding="utf-8")
    arguments = ("data", "show", words_file, "--preset", "best", "--config", file, "--json")
    training = shown(lexbits_here(*arguments))["training"]
    assert (training["batch_size"], training["teachers"]) == (5, 2)
    assert training["teacher_steps"] > 0


@pytest.mark.parametrize("given", [(), ("--json",), ("--tsv",)])
def test_a_training_that_would_be_refused_is_shown_with_the_reason(given, lexbits_here, tmp_path):
    few = tmp_path / "few.txt"
    few.write_text("".join(f"{word}\n" for word in "abcdefghijk"), encoding="utf-8")
    done = lexbits_here("data", "show", few, *given)
    assert done.returncode == 0, done.stderr
    assert "expected at least 10 different words" in done.stdout


def test_people_see_the_training_in_a_table_of_its_own(words_file, lexbits_here):
    lines = lexbits_here("data", "show", words_file).stdout.splitlines()
    assert lines[0].split() == ["data", "set", "value"]
    at = next(i for i, line in enumerate(lines) if line.startswith("training"))
    assert lines[at - 1] == ""
    assert {"epochs", "steps", "batch size", "memory"} <= {
        line.split("  ")[0] for line in lines[at:]
    }
    rows = lexbits_here("data", "show", words_file, "--tsv").stdout.splitlines()
    assert any(row.startswith("training_steps\t") for row in rows)
