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
                        "--drawn-words", "0")  # fmt: skip
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


def test_an_n_gram_is_not_fitted_to_packed_words(lexbits_here, words_file, tmp_path):
    packed = tmp_path / "packed"
    assert lexbits_here("data", "pack", words_file, "--out", packed).returncode == 0
    done = lexbits_here("train", packed, "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "--drawn-words 0" in done.stderr
    assert not (tmp_path / "run").exists()


def test_bad_use_is_said_in_a_line(lexbits_here, words_file, tmp_path):
    done = lexbits_here("data", "pack", "--out", tmp_path / "packed")
    assert done.returncode == 2
    assert "expected DATA to pack" in done.stderr
    done = lexbits_here("train", tmp_path, "--out", tmp_path / "run")
    assert done.returncode == 1
    assert "expected a file or a folder of packed words" in done.stderr
