"""Whatever the streams are: one line, the right status, no traceback, and nothing shortened."""

import json
import os

import pytest

from .conftest import TINY
from .programs import CLOSED, FULL, on_terminal, program

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

QUICK = {
    "help": ("--help",),
    "help of a command": ("evaluate", "--help"),
    "print-config": ("train", "--print-config"),
    "sample": ("sample", "RUN", "-n", "3"),
    "sample --json": ("sample", "RUN", "-n", "3", "--json"),
    "reconstruct": ("reconstruct", "RUN", "ñando", "cantábamos"),
    "interpolate": ("interpolate", "RUN", "ñando", "cantábamos"),
    "encode": ("encode", "RUN", "ñando"),
    "decode": ("decode", "RUN", "0000", "1111"),
    "score": ("score", "RUN", "ñando"),
    "score --json": ("score", "RUN", "ñando", "--json"),
    "score --tsv": ("score", "RUN", "ñando", "--tsv"),
    "evaluate": ("evaluate", "RUN", "--samples", "2", "--words", "5"),
    "info": ("info", "RUN"),
    "info --json": ("info", "RUN", "--json"),
    "plot": ("plot", "RUN"),
    "data list": ("data", "list"),
    "data show": ("data", "show", "WORDS"),
    "data show --json": ("data", "show", "WORDS", "--json"),
    "data pack": ("data", "pack", "WORDS", "--out", "OUT"),
    "estimators list": ("estimators", "list"),
    "estimators check": ("estimators", "check", "rloo"),
    "baseline ngram": ("baseline", "ngram", "WORDS", "--orders", "2"),
}
SHORT = (*TINY, "--epochs", "1", "--synthetic-words", "0")
LONG = {
    "train": ("train", "WORDS", "--out", "OUT", *SHORT),
    "sweep": (
        "sweep", "rate", "WORDS", "--out", "OUT", "--rates", "1", "--no-plain",
        "--test-samples", "1", *SHORT[:-6], "--epochs", "1", "--synthetic-words", "0",
    ),
    "estimators compare": (
        "estimators", "compare", "RUN", "--repeats", "2", "--words", "4", "--estimators", "rloo",
    ),
}  # fmt: skip
ALL = QUICK | LONG


@pytest.fixture
def arguments(run_folder, words_file, tmp_path):
    """Return the arguments of a command, given its name in ALL."""
    places = {"RUN": run_folder, "WORDS": words_file, "OUT": tmp_path / "out"}
    return lambda name: [places.get(argument, argument) for argument in ALL[name]]


def assert_quiet(ended):
    assert "Traceback" not in ended.out + ended.err
    assert "Exception ignored" not in ended.err


def assert_one_line_more(ended, *expected):
    assert_quiet(ended)
    *_, last = ended.err.strip().splitlines()
    assert last.startswith("lexbits: ")
    for part in expected:
        assert part in last


@pytest.mark.parametrize("name", ALL)
def test_a_full_output_is_one_line_and_a_failure(name, arguments):
    ended = program(*arguments(name), stdout=FULL)
    assert_one_line_more(ended, "standard output", "No space left")
    assert ended.status == 1


@pytest.mark.parametrize("name", ALL)
def test_a_closed_output_is_one_line_and_a_failure(name, arguments):
    ended = program(*arguments(name), stdout=CLOSED)
    assert_one_line_more(ended, "standard output is closed")
    assert ended.status == 1
    assert program(*arguments(name), stdout=CLOSED, stderr=CLOSED).status == 1


@pytest.mark.parametrize("name", ALL)
def test_a_reader_that_leaves_is_no_failure(name, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    ended = program(*arguments(name), stdout=writer)
    os.close(writer)
    assert_quiet(ended)
    assert ended.status == 0


@pytest.mark.parametrize("stderr", [CLOSED, FULL, "left"])
@pytest.mark.parametrize("name", ["score", "evaluate", "data show", "estimators compare"])
def test_messages_that_nobody_can_read_stop_nothing(name, stderr, arguments):
    reader, writer = os.pipe()
    os.close(reader)
    ended = program(*arguments(name), stderr=writer if stderr == "left" else stderr)
    os.close(writer)
    assert ended.status == 0
    assert ended.out


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("name", ALL)
def test_an_encoding_with_few_letters_is_enough(name, encoding, arguments):
    ended = program(*arguments(name), encoding=encoding)
    assert_quiet(ended)
    assert ended.status == 0, ended.err


def test_json_is_the_same_in_any_encoding(arguments):
    documents = [
        json.loads(program(*arguments("sample --json"), "--seed", "1", encoding=encoding).out)
        for encoding in ("utf-8", "ascii")
    ]
    assert documents[0] == documents[1]
    assert any(not sample["word"].isascii() for sample in documents[0])


@pytest.mark.parametrize("name", QUICK)
def test_a_closed_input_does_not_matter_to_whom_does_not_read_it(name, arguments):
    ended = program(*arguments(name), stdin=CLOSED)
    assert_quiet(ended)
    assert ended.status == 0, ended.err


@pytest.mark.parametrize("arguments_of", [
    ("score", "RUN"), ("encode", "RUN"), ("decode", "RUN"), ("reconstruct", "RUN"),
    ("data", "show", "-"), ("train", "-", "--out", "OUT"),
], ids=" ".join)  # fmt: skip
def test_a_closed_input_that_is_to_be_read_is_one_line(arguments_of, run_folder, tmp_path):
    given = [{"RUN": run_folder, "OUT": tmp_path / "out"}.get(a, a) for a in arguments_of]
    ended = program(*given, stdin=CLOSED)
    assert_one_line_more(ended, "standard input")
    assert ended.status in (1, 2)


@pytest.mark.parametrize("name", ALL)
def test_off_a_terminal_all_is_plain(name, arguments):
    ended = program(*arguments(name), FORCE_COLOR="1", TTY_COMPATIBLE="1", COLUMNS="20")
    assert ended.status == 0, ended.err
    assert "\x1b" not in ended.out + ended.err
    assert "…" not in ended.out


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("name", ["sample", "reconstruct", "decode", "encode", "interpolate"])
def test_words_and_codes_are_whole_at_any_width(name, columns, arguments):
    def cells(document):
        for value in document.values() if isinstance(document, dict) else document:
            if isinstance(value, dict | list):
                yield from cells(value)
            elif isinstance(value, str):
                yield value

    given = arguments(name)
    if name == "sample":
        given += ["--seed", "1"]
    known = json.loads(program(*given, "--json").out)
    ended = on_terminal(columns, *given)
    assert ended.status == 0
    results = ended.out.rpartition("\x1b[?25h")[2]  # a bar may be shortened: it goes away
    assert "…" not in results
    shown = results.replace(",", " ").split()
    assert {word for text in cells(known) for word in text.split()} <= {*shown}


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
@pytest.mark.parametrize("name", ["evaluate", "estimators check", "info", "data show", "train"])
def test_values_and_verdicts_are_whole_at_any_width(name, columns, arguments):
    given = arguments(name)
    ended = on_terminal(columns, *given)
    assert ended.status == 0, ended.out
    _, found, results = ended.out.rpartition("Best epoch")  # a bar may be shortened: it goes away
    assert "…" not in found + results
    if name == "estimators check":
        assert ended.out.split().count("ok") >= 10
    if name in ("evaluate", "train"):
        for measure in ("NLL", "perplexity per symbol", "marginal KL"):
            assert measure in ended.out


def test_words_are_taken_for_no_markup_and_no_pictures(run_folder):
    words = [":cat:", "[bold]x", "[/]"]
    for ended in (
        program("score", run_folder, *words),
        on_terminal(80, "score", run_folder, *words),
    ):
        assert ended.status == 0, ended.err
        for word in words:
            assert f"\n{word} " in ended.out


def test_what_is_not_utf8_is_named(run_folder):
    for given in (["sample", b"\xff"], ["score", run_folder, b"\xff"]):
        names = [os.fsdecode(argument) for argument in given]
        ended = program(*names)
        assert ended.status == 2
        assert_one_line_more(ended, r"\xff")


def test_a_training_whose_reader_leaves_is_finished_and_saved(arguments, tmp_path):
    reader, writer = os.pipe()
    os.close(reader)
    ended = program(*arguments("train"), stdout=writer, stderr=writer)
    os.close(writer)
    assert ended.status == 0
    assert (tmp_path / "out" / "summary.json").is_file()


def test_tabs_separate_the_exact_cells(arguments):
    given = arguments("score")
    header, line = program(*given, "--tsv").out.splitlines()
    found = json.loads(program(*given, "--json").out)[0]
    cells = dict(zip(header.split("\t"), line.split("\t"), strict=True))
    assert cells["word"] == found["word"]
    assert float(cells["log_prob"]) == found["log_prob"]
