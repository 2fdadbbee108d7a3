"""`lexbits sample`: words made to order, at the shell."""

import csv
import io
import json

import pytest

from lexbits.cli.ranges import range_of
from lexbits.errors import UsageError


@pytest.fixture
def sample(lexbits_here, run_folder):
    """Return what `lexbits sample` of a run prints."""

    def run(*arguments, status=0):
        done = lexbits_here("sample", run_folder, "--seed", "1", *arguments)
        assert done.returncode == status, done.stderr
        return done.stderr if status else done.stdout

    return run


def test_words_meet_all_that_is_wished_for(sample, tmp_path):
    forbidden = tmp_path / "forbidden.txt"
    forbidden.write_text("aa\n\nzz\n")
    printed = sample(
        "-n", "6", "--starts-with", "c", "--contains", "a", "--contains", "t", "--length", "4-9",
        "--forbid", str(forbidden), "--unique", "--sort", "word", "--plain",
    )  # fmt: skip
    words = printed.splitlines()
    assert len(words) == 6
    assert words == sorted(words)
    for word in words:
        assert word.startswith("c")
        assert {"a", "t"} <= set(word)
        assert 4 <= len(word) <= 9
        assert "aa" not in word


def test_tsv_has_every_measure(sample):
    rows = list(csv.DictReader(io.StringIO(sample("-n", "5", "--tsv")), delimiter="\t"))
    assert len(rows) == 5
    for row in rows:
        assert float(row["log_prob"]) < 0
        assert float(row["log_prob_given_code"]) < 0
        assert float(row["bits_per_character"]) > 0
        assert 0 <= float(row["percentile"]) <= 100
        assert set(row["code"]) <= {"0", "1"}


def test_percentiles_are_kept_to(sample):
    rows = json.loads(sample("-n", "5", "--percentile", "-60", "--json"))
    assert all(row["percentile"] <= 60 for row in rows)


def test_words_like_another_are_not_that_word(sample):
    assert "canto" not in sample("-n", "10", "--like", "canto", "--nearness=1", "--plain").split()


def test_a_sequence_is_forbidden_without_a_file(sample):
    words = sample("-n", "12", "--forbid", "a", "--forbid", "e", "--plain").split()
    assert len(words) == 12
    assert not {"a", "e"} & set("".join(words))


def test_files_of_words_to_leave_out_are_read_as_flags_say(sample, tmp_path):
    drawn = sample("-n", "4", "--plain", "--length", "5").split()
    table, forbidden = tmp_path / "lexicon.csv", tmp_path / "forbidden.txt"
    rows = ["Word;Count", *(f"{word};7" for word in drawn), "señor;7"]
    table.write_bytes("\n".join(rows).encode("latin-1"))
    forbidden.write_bytes("ñ\n".encode("latin-1"))
    given = ("--exclude", str(table), "--forbid", str(forbidden))
    how = ("--column", "word", "--encoding", "latin-1")
    others = sample("-n", "4", "--plain", "--length", "5", *given, *how).split()
    assert len(others) == 4
    assert not set(drawn) & set(others)
    assert "--encoding" in sample(*given, status=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--length", "five"), "--length: expected a number or a range"),
        (("--percentile", "20-8x"), "--percentile: expected"),
        (("--percentile", "80-20"), "in order"),
        (("--starts-with", "ca", "--letters", "xyz"), "no word"),
        (("--starts-with", "ß"), "never seen 'ß'"),
        (("--nearness", "0.5"), "like"),
        (("--forbid", "missing.txt"), "no such file, and the model has never seen '.'"),
        (("--exclude", "missing.txt"), "missing.txt"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(sample, arguments, message):
    status = 1 if "--exclude" in arguments else 2
    said = sample(*arguments, status=status)
    assert message in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [("6", (6, 6)), ("5-8", (5, 8)), ("5-", (5, 99)), ("-8", (1, 8)), (" 5 - 8 ", (5, 8))],
)
def test_ranges_of_whole_numbers(text, found):
    assert range_of(text, "--length", int, 1, 99) == found


@pytest.mark.parametrize("text", ["", "-", "a", "1-b", "2.5", "1-2-3", "--5"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(UsageError, match="--length: expected a number or a range"):
        range_of(text, "--length", int, 1, 99)


def test_ranges_of_numbers_may_have_fractions():
    assert range_of("2.5-97.5", "--percentile", float, 0, 100) == (2.5, 97.5)
    for text in ("nan-5", "80"):
        with pytest.raises(UsageError, match="--percentile: expected a range, such as 20-80"):
            range_of(text, "--percentile", float, 0, 100)
