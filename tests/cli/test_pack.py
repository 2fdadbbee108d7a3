"""`lexbits data pack`, and what can be done with what it makes."""

import json

from tests.cli.conftest import SMALL, make_words


def test_packed_words_serve_every_command(lexbits_here, words_file, tmp_path):
    packed, run = tmp_path / "packed", tmp_path / "run"
    done = lexbits_here("data", "pack", words_file, words_file, "--out", packed, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["forms_read"] == 2 * len(make_words())
    assert told["words"] + told["dev"] + told["test"] == len({*make_words()})
    done = lexbits_here("train", packed, "--out", run, "--epochs", "1", "--bits", "4", *SMALL,
                        "--synthetic-words", "0")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not (run / "splits" / "train.tsv").exists()
    for command in (
        ["sample", run, "-n", "3", "--new-only"],
        ["evaluate", run, "--unseen-only", "--samples", "3"],
        ["evaluate", run, "--split", "train", "--words", "20", "--samples", "3"],
        ["info", run],
        ["data", "show", packed],
        ["train", "--resume", run],
    ):
        done = lexbits_here(*command)
        assert done.returncode == 0, (command, done.stderr)


def test_a_sweep_on_packed_words_is_continued(lexbits_here, words_file, tmp_path):
    packed, out = tmp_path / "packed", tmp_path / "sweep"
    assert lexbits_here("data", "pack", words_file, "--out", packed).returncode == 0
    small = SMALL[: SMALL.index("--free-nats")]  # a sweep of rates has none
    sweep = ("sweep", "rate", packed, "--out", out, "--epochs", "1", "--bits", "4", *small,
             "--synthetic-words", "0", "--no-plain", "--json", "--rates")  # fmt: skip
    first = lexbits_here(*sweep, "1")
    assert first.returncode == 0, first.stderr
    again = lexbits_here(*sweep, "1", "2")
    assert again.returncode == 0, again.stderr
    assert [point["rate_target"] for point in json.loads(again.stdout)["points"]] == [1, 2]


def test_packed_words_are_shown_as_a_list_is(lexbits_here, words_file, tmp_path):
    packed = tmp_path / "packed"
    assert lexbits_here("data", "pack", words_file, "--out", packed).returncode == 0
    shown = json.loads(lexbits_here("data", "show", packed, "--max-length", "6", "--json").stdout)
    assert shown["longest"] <= 6
    assert len(shown["examples"]) == 8
    assert set(shown["rarest_characters"]) <= set(shown["characters"])


def test_an_n_gram_is_not_fitted_to_packed_words(lexbits_here, words_file, tmp_path):
    packed = tmp_path / "packed"
    assert lexbits_here("data", "pack", words_file, "--out", packed).returncode == 0
    done = lexbits_here("train", packed, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "--synthetic-words 0" in done.stderr
    assert not (tmp_path / "run").exists()


def test_bad_use_is_said_in_a_line(lexbits_here, words_file, tmp_path):
    done = lexbits_here("data", "pack", "--out", tmp_path / "packed")
    assert done.returncode == 2
    assert "expected DATA, found none" in done.stderr
    done = lexbits_here("train", tmp_path, "--out", tmp_path / "run")
    assert done.returncode == 1
    assert "expected a file, found an empty folder" in done.stderr
