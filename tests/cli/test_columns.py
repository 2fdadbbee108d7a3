"""Columns say what they are: on a screen, in TSV, and in docs/columns.md."""

import json
import os

import pytest

from lexbits.cli.columns import METRICS, TABLES
from tests.cli.columns_page import PAGE, page

from .programs import on_terminal, program

WITH_WORDS = {
    "sample": ("sample", "RUN", "-n", "4", "--seed", "1"),
    "decode": ("decode", "RUN", "0000", "1111"),
    "encode": ("encode", "RUN", "canto", "hablas"),
    "score": ("score", "RUN", "canto", "hablas"),
    "reconstruct": ("reconstruct", "RUN", "canto", "hablas"),
    "interpolate": ("interpolate", "RUN", "canto", "hablas"),
}
OTHERS = {
    "models list": ("models", "list"),
    "models card": ("models", "card", "es"),
    "model-card": ("model-card", "RUN"),
    "data list": ("data", "list"),
    "data show": ("data", "show", "WORDS"),
    "info": ("info", "RUN"),
    "plot": ("plot", "RUN"),
    "report": ("report", "RUN", "--out", "PAGE"),
    "evaluate": ("evaluate", "RUN", "--samples", "2", "--words", "20"),
    "baseline ngram": ("baseline", "ngram", "WORDS", "--orders", "2"),
    "estimators list": ("estimators", "list"),
    "estimators check FILE.py:NAME": ("estimators", "check", "rloo"),
}


@pytest.fixture
def output_of(lexbits_here, run_folder, words_file, tmp_path):
    """Return what a command of WITH_WORDS or OTHERS prints."""
    places = {"RUN": run_folder, "WORDS": words_file, "PAGE": tmp_path / "page.html"}

    def run(name, *flags):
        given = (WITH_WORDS | OTHERS)[name]
        done = lexbits_here(*(places.get(argument, argument) for argument in given), *flags)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_page_is_made_from_the_table():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.cli.columns_page"


def test_names_are_identifiers_and_differ():
    for columns in (*TABLES.values(), METRICS.values()):
        names = [column.name for column in columns]
        assert all(name.isidentifier() for name in names)
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", WITH_WORDS | OTHERS)
def test_tsv_has_the_columns_of_the_table_and_a_row_for_each_record(name, output_of):
    header, *rows = output_of(name, "--tsv").splitlines()
    assert header.split("\t") == [column.name for column in TABLES[name]]
    assert rows
    assert {row.count("\t") for row in rows} == {header.count("\t")}


@pytest.mark.parametrize("name", WITH_WORDS)
def test_tsv_and_json_have_the_same_fields(name, output_of):
    header, *rows = output_of(name, "--tsv").splitlines()
    records = json.loads(output_of(name, "--json"))
    assert set(header.split("\t")) == set(records[0])
    assert [row.split("\t")[header.split("\t").index("word")] for row in rows] == [
        record["word"] for record in records
    ]


@pytest.mark.parametrize("name", WITH_WORDS)
def test_plain_is_bare_words(name, output_of):
    field = {"encode": "code", "reconstruct": "mode"}.get(name, "word")
    expected = [record[field] for record in json.loads(output_of(name, "--json"))]
    assert output_of(name, "--plain").splitlines() == expected


def test_codes_that_are_printed_plain_can_be_decoded(output_of, lexbits_here, run_folder):
    codes = output_of("encode", "--plain")
    words = lexbits_here("decode", run_folder, "--plain", text=codes).stdout
    assert words == output_of("reconstruct", "--plain")


def test_formats_exclude_each_other(lexbits_here, run_folder):
    for flags in (("--plain", "--tsv"), ("--plain", "--json"), ("--tsv", "--json")):
        done = lexbits_here("sample", run_folder, *flags)
        assert done.returncode == 2
        assert done.stderr.count("--") >= 2
    assert lexbits_here("evaluate", run_folder, "--plain").returncode == 2


def test_a_word_breaks_no_column(lexbits_here, run_folder):
    done = lexbits_here("score", run_folder, '"canto', "=1+1", "#no", "--tsv")
    assert [row.split("\t")[0] for row in done.stdout.splitlines()] == [
        "word", '"canto', "=1+1", "#no",
    ]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
@pytest.mark.parametrize("flags", [(), ("--tsv",), ("--json",), ("--plain",)])
def test_columns_are_explained_on_a_terminal_and_in_a_table_only(flags, run_folder):
    given = ("score", run_folder, "canto", *flags)
    said = "nats, the end of the word counted"
    assert (said in on_terminal(100, *given).out) == (not flags)
    assert said not in program(*given).out


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_titles_survive_narrow_encodings(run_folder):
    given = ("encode", run_folder, "canto")
    assert "KL(Q‖P)" in program(*given).out
    assert "KL(Q||P)" in program(*given, encoding="ascii").out


def test_scores_are_sorted_if_asked_for(lexbits_here, run_folder):
    words = ["zzzz", "canto", "hablas", "aaaa"]
    given = ("score", run_folder, *words)
    scores = json.loads(lexbits_here(*given, "--json").stdout)
    ranked = [s["word"] for s in sorted(scores, key=lambda score: -score["log_prob"])]
    assert lexbits_here(*given, "--sort", "probability", "--plain").stdout.split() == ranked
    assert lexbits_here(*given, "--sort", "word", "--plain").stdout.split() == sorted(words)
    by_word = json.loads(lexbits_here(*given, "--sort", "word", "--json").stdout)
    assert by_word == sorted(scores, key=lambda score: score["word"])
