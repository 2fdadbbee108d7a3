"""Codes that are searched for, from the command line."""

import json


def test_a_search_never_loses_words_and_says_what_it_found(lexbits_here, run_folder):
    words = ("canto", "hablas", "mira", "tomaba", "parló")
    done = lexbits_here("reconstruct", run_folder, *words, "--search", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["word"] for row in found] == list(words)
    assert all(len(row["searched_code"]) == 4 and row["searched"] is not None for row in found)
    assert "from the code that was searched for" in done.stderr
    encoded = json.loads(lexbits_here("encode", run_folder, *words, "--search", "--json").stdout)
    assert [row["code"] for row in encoded] == [row["searched_code"] for row in found]


def test_without_it_nothing_is_searched(lexbits_here, run_folder):
    found = json.loads(lexbits_here("reconstruct", run_folder, "canto", "--json").stdout)
    assert found[0]["searched"] is None


def test_evaluation_measures_both_codes(lexbits_here, run_folder):
    common = ("evaluate", run_folder, "--samples", "2", "--gain-words", "10")
    done = lexbits_here(*common, "--search-codes")
    assert done.returncode == 0, done.stderr
    assert "the code that a search finds" in done.stdout
    assert "search" not in lexbits_here(*common).stdout
