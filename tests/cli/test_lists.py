"""Lists as they are, at the command line: from reading to a run, and the page of what is odd."""

import json

from tests.cli.test_bad_input import refused

from .conftest import TINY, make_words


def frequency_list(path, encoding="cp1252"):
    rows = [f"{word}\t{10_000 // (i + 1) + 1}\n" for i, word in enumerate(make_words())]
    path.write_bytes(("Word\tFREQcount\n" + "".join(rows)).encode(encoding))
    return path


def test_a_frequency_list_in_latin_1_becomes_a_run_that_says_so(lexbits_here, tmp_path):
    words = frequency_list(tmp_path / "freq.txt")
    refused(lexbits_here("data", "show", words), 1, "line ", "column ", "--encoding cp1252")
    flags = ("--encoding", "cp1252", "--weights", "freqcount", "--weighting", "log")
    run = tmp_path / "run"
    done = lexbits_here("train", words, *flags, *TINY, "--epochs", "1", "--out", run)
    assert "drawn in proportion to log(1 + weight)" in done.stderr
    header, first, *_ = (run / "splits" / "train.tsv").read_text("utf-8").splitlines()
    assert header == "#form\tweight"
    assert first.count("\t") == 1
    assert (run / "splits" / "dev.tsv").read_text("utf-8").startswith("#form\n")
    assert "freqcount, as log" in lexbits_here("info", run).stdout
    other = tmp_path / "other.txt"
    other.write_text("canto\nhablo\n")
    assert lexbits_here("evaluate", run, other, "--samples", "2").returncode == 0
    more = lexbits_here("evaluate", run, other, other, "--samples", "2", "--json")
    assert json.loads(more.stdout)["words"] == 4
    again = lexbits_here("data", "show", run / "splits" / "train.tsv", "--weights", "weight")
    assert "weights from" in again.stdout


def test_several_files_and_comments_train_as_one_list(lexbits_here, tmp_path):
    half = make_words()[:100], make_words()[80:]
    for name, words in zip("ab", half, strict=True):
        (tmp_path / f"{name}.txt").write_text("# a list\n" + "".join(f"{w}\n" for w in words))
    files = (tmp_path / "a.txt", tmp_path / "b.txt")
    done = lexbits_here("data", "show", *files, "--comment", "#", "--json")
    document = json.loads(done.stdout)
    assert document["name"] == f"{files[0]} + {files[1]}"
    assert any("20 of" in note and "files before it" in note for note in document["notes"])
    assert document["list"]["rows"] == len(make_words()) + 20
    settings = lexbits_here("train", *files, "--comment", "#", "--print-config").stdout
    config = tmp_path / "run.toml"
    config.write_text(settings)
    shown = lexbits_here("train", "--config", config, "--print-config").stdout
    assert shown == settings
    assert "more_data" in settings


def test_a_folder_is_refused_with_the_command_that_takes_its_lists(lexbits_here, tmp_path):
    folder = tmp_path / "lists"
    folder.mkdir()
    frequency_list(folder / "es.txt")
    refused(
        lexbits_here("train", folder, "--out", tmp_path / "r"), 1, "lexbits data show", "es.txt"
    )


def test_a_run_given_as_data_is_recognised(lexbits_here, run_folder):
    refused(lexbits_here("data", "show", run_folder), 1, "a run folder", "--resume")


def test_the_page_is_complete_in_every_format(lexbits_here, tmp_path):
    path = tmp_path / "odd.txt"
    odd = ["Madrid", "b52", "aÃ±o", "c\u0430sa", "canto"]
    path.write_text("".join(f"{word}\n" for word in [*make_words(), *odd]), encoding="utf-8")
    table = lexbits_here("data", "show", path).stdout
    for part in ("What is odd", "meant is 'año'", "Lengths of the forms", "least word-like"):
        assert part in table
    page = json.loads(lexbits_here("data", "show", path, "--json").stdout)["list"]
    assert {"mojibake", "mixed_scripts", "digits", "duplicates"} <= {
        found["kind"] for found in page["oddities"]
    }
    assert len(page["least_word_like"]) == 20
    rows = dict(
        line.split("\t") for line in lexbits_here("data", "show", path, "--tsv").stdout.splitlines()
    )
    assert rows["odd_digits"] == "1"
    assert rows["odd_digits_examples"] == "b52"
    assert (
        sum(int(n) for name, n in rows.items() if name.startswith("forms_of_length"))
        == page["forms"]
    )


def test_impossible_ways_to_read_are_one_line(lexbits_here, words_file, tmp_path):
    for flags, said in (
        (("--encoding", "utf-9"), "an encoding of text that Python knows"),
        (("--column", "0"), "a number from 1, or a name"),
        (("--comment", ""), "a mark such as"),
        (("--weighting", "log"), "there are no weights"),
    ):
        refused(lexbits_here("data", "show", words_file, *flags), 2, said)
    refused(lexbits_here("data", "show", "-", "-", text="a\n"), 2, "give - once")
    refused(lexbits_here("data", "show", words_file, "--column", "wrd"), 1, "a column named 'wrd'")


def test_words_for_a_run_are_read_by_the_same_flags(lexbits_here, run_folder, tmp_path):
    table = tmp_path / "table.tsv"
    table.write_text("casa\t7\tcasas\nrey\t2\treyes\n")
    measure = ("evaluate", run_folder, table, "--samples", "2", "--json")
    assert json.loads(lexbits_here(*measure, "--column", "3").stdout)["words"] == 2
    refused(lexbits_here(*measure, "--column", "0"), 2, "a number from 1, or a name")
    for command in (measure, ("score", run_folder), ("sample", run_folder, "--exclude", table)):
        done = lexbits_here(*command, "--encoding", "utf-9", text="casa\n")
        refused(done, 2, "an encoding of text that Python knows")
