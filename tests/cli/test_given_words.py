"""Words and codes on the command line: what is no word is named, or left out on request."""

import json

import pytest

from .conftest import TINY
from .test_bad_input import refused


def test_decode_without_codes_says_that_codes_are_missing(run_folder, lexbits_here):
    refused(lexbits_here("decode", run_folder, text=""), 2, "expected codes as arguments or on")


@pytest.mark.parametrize("command", ["encode", "reconstruct", "score"])
def test_a_bad_word_is_named_by_its_place_with_a_flag_that_there_is(
    command, run_folder, lexbits_here
):
    last = refused(lexbits_here(command, run_folder, "canto", "a\tb"), 1, "word 2", "U+0009")
    assert "--skip-bad" in last
    assert "--layout" not in last
    given = lexbits_here(command, run_folder, text="canto\n\na\tb\n")
    refused(given, 1, "standard input, line 3", "--skip-bad")
    refused(lexbits_here(command, run_folder, "canto", ""), 2, "word 2", "expected a word")


@pytest.mark.parametrize("command", ["encode", "reconstruct", "score"])
def test_bad_words_are_left_out_on_request_and_counted(command, run_folder, lexbits_here):
    done = lexbits_here(
        command, run_folder, "--skip-bad", "--json", text="canto\na\tb\nhablo\nc\x01\n"
    )
    assert done.returncode == 0, done.stderr
    assert [row["word"] for row in json.loads(done.stdout)] == ["canto", "hablo"]
    assert "2 bad words left out; the first: standard input, line 2" in done.stderr


def test_characters_that_the_model_has_never_seen_are_said_of_every_word(run_folder, lexbits_here):
    for arguments in (
        ("interpolate", run_folder, "canto", "Ω"),
        ("sample", run_folder, "--like=Ω"),
    ):
        done = lexbits_here(*arguments)
        assert "'Ω' has characters that the model has never seen" in done.stderr


def test_what_the_object_warns_of_is_said_without_a_line_of_code(run_folder, lexbits_here):
    done = lexbits_here(
        "sample", run_folder, "-n", "3", "--new-only", "--decode", "greedy", "--code", "0000"
    )
    assert done.returncode == 0
    assert "Note: only" in done.stderr
    assert "LexbitsWarning" not in done.stderr


def test_few_words_are_said_before_a_training_and_fewer_refused(lexbits_here, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("\n".join(a + b for a in "bdfgklmnpr" for b in ("ano", "eso", "ito", "u")))
    done = lexbits_here("train", path, "--out", tmp_path / "run", "--epochs", "1", *TINY)
    assert done.returncode == 0, done.stderr
    assert "dev: 10 different words that are not in train are few" in done.stderr
    dev = tmp_path / "run" / "splits" / "dev.tsv"
    again = lexbits_here("train", dev, "--out", tmp_path / "again", "--epochs", "1", *TINY)
    refused(again, 1, "train: expected at least 10", "another seed")
