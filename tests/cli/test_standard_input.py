"""Words on standard input: the same for every command that takes words."""

import json
import os

from tests.cli.test_bad_input import refused

TAKE_WORDS = ("score", "encode", "reconstruct")


def test_a_lone_hyphen_is_standard_input_for_whoever_takes_words(run_folder, lexbits_here):
    for name in TAKE_WORDS:
        piped = lexbits_here(name, run_folder, "-", "--json", text="casa\nperro\n")
        assert piped.returncode == 0, piped.stderr
        assert [found["word"] for found in json.loads(piped.stdout)] == ["casa", "perro"]
    assert lexbits_here("decode", run_folder, "-", text="0110\n").stdout.count("0110") == 1
    done = lexbits_here("evaluate", run_folder, "-", "--json", text="casa\nperro\n")
    assert json.loads(done.stdout)["data"] == "-"
    named = lexbits_here("score", run_folder, "/dev/stdin", "--json", text="casa\n")
    assert [found["word"] for found in json.loads(named.stdout)] == ["/dev/stdin"]
    beside = lexbits_here("score", run_folder, "-", "casa", "--json")
    assert [found["word"] for found in json.loads(beside.stdout)] == ["-", "casa"]


def test_a_hyphen_where_none_fits_is_named_as_it_was_given(run_folder, lexbits_here):
    refused(lexbits_here("score", run_folder, "casa", "--samples", "-"), 2, "found '-'")


def test_a_bad_line_is_named_by_its_number_in_the_input(run_folder, lexbits_here):
    text = "".join(f"casa{'a' * (i % 7)}\n" for i in range(600)) + "\n\nper\tro\n"
    for name in TAKE_WORDS:
        done = lexbits_here(name, run_folder, "--json", text=text)
        refused(done, 1, "standard input, line 603", "--skip-bad")
        assert done.stdout == ""  # no half of a JSON document


def test_bad_lines_of_standard_input_can_be_left_out(run_folder, lexbits_here):
    for name in TAKE_WORDS:
        done = lexbits_here(name, run_folder, "--skip-bad", "--json", text="casa\na\tb\nrey\n")
        assert [found["word"] for found in json.loads(done.stdout)] == ["casa", "rey"]
        assert "1 bad word left out; the first: standard input, line 2" in done.stderr


def test_words_of_a_table_can_be_piped(run_folder, lexbits_here):
    table = "casa\tpos=N\tcasas\nrey\tpos=N\treyes\n"
    for name in TAKE_WORDS:
        done = lexbits_here(name, run_folder, "--column", "3", "--json", text=table)
        assert [found["word"] for found in json.loads(done.stdout)] == ["casas", "reyes"]
    named = "Word;n\nCasa;7\nrey;2\n"
    flags = ("--column", "word", "--lowercase", "--json")
    done = lexbits_here("score", run_folder, *flags, text=named)
    assert [found["word"] for found in json.loads(done.stdout)] == ["casa", "rey"]
    assert "the first line names the columns" in done.stderr
    spaced = lexbits_here("encode", run_folder, "--comment", "#", "--json", text="# x\na b\n")
    assert [found["word"] for found in json.loads(spaced.stdout)] == ["a b"]


def test_how_standard_input_is_read_says_nothing_of_arguments(run_folder, lexbits_here):
    done = lexbits_here("score", run_folder, "casa", "--column", "3")
    refused(done, 2, "--column says how standard input is read", "- < FILE")


def test_a_split_of_a_run_can_be_piped(run_folder, lexbits_here):
    text = (run_folder / "splits" / "test.tsv").read_text("utf-8")
    assert text.startswith("#form\n")
    done = lexbits_here("encode", run_folder, "--json", text=text)
    assert [found["word"] for found in json.loads(done.stdout)] == text.split()[1:]


def test_an_argument_that_is_not_utf8_is_named(lexbits_here, run_folder):
    path = os.fsdecode(b"caf\xe9.txt")
    refused(lexbits_here("data", "show", path), 2, r"caf\xe9.txt", "UTF-8")
    refused(lexbits_here("score", run_folder, path), 2, r"caf\xe9.txt", "UTF-8")


def test_a_file_given_for_words_is_noticed(run_folder, lexbits_here, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("casa\n")
    done = lexbits_here("score", run_folder, path, "--json")
    assert f"give - < {path}" in done.stderr
    assert len(json.loads(done.stdout)) == 1
    plain = lexbits_here("score", run_folder, "casa", "./a" * 5000)
    assert plain.returncode == 0
    assert "taken for a word" not in plain.stderr
