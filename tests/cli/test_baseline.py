import json

import pytest


def test_the_floor_is_measured_on_the_splits_of_a_training(lexbits_here, words_file):
    done = lexbits_here("baseline", "ngram", words_file, "--orders", "1", "2", "3", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found["dev_nll"]) == {"1", "2", "3"}
    assert found["dev_nll"][str(found["order"])] == min(found["dev_nll"].values())
    assert 0 < found["nll"] < 30


def test_the_order_is_said_in_words(lexbits_here, words_file):
    done = lexbits_here("baseline", "ngram", words_file)
    assert done.returncode == 0
    assert "chosen" in done.stdout
    assert "test words: NLL" in done.stderr


@pytest.mark.parametrize("orders", ["0", "-2"])
def test_an_order_below_one_is_refused(lexbits_here, words_file, orders):
    done = lexbits_here("baseline", "ngram", words_file, f"--orders={orders}")
    assert done.returncode == 2
    assert "expected numbers from 1" in done.stderr


def last_line(done, status=2):
    assert done.returncode == status, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_a_range_of_orders_stands_for_its_numbers(lexbits_here, words_file):
    arguments = ("baseline", "ngram", words_file, "--json", "--orders")
    ranged = lexbits_here(*arguments, "2..4", "6")
    assert ranged.stdout == lexbits_here(*arguments, "6", "2", "3", "4").stdout
    assert set(json.loads(ranged.stdout)["dev_nll"]) == {"2", "3", "4", "6"}


@pytest.mark.parametrize("kind", ["run_folder", "plain_folder"])
def test_a_run_is_compared_and_mixed_on_its_own_words(kind, lexbits_here, words_file, request):
    run = request.getfixturevalue(kind)
    arguments = ("baseline", "ngram", "--with", run, "--samples", "3")
    done = lexbits_here(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    # The words of the run are those that its DATA gives.
    given = lexbits_here("baseline", "ngram", words_file, *arguments[2:], "--json")
    assert json.loads(given.stdout) == found
    evaluated = lexbits_here("evaluate", run, "--samples", "3", "--json")
    expected = json.loads(evaluated.stdout)
    assert found["comparison"]["model"]["nll"] == pytest.approx(expected["nll"], abs=1e-6)
    assert found["words"] == expected["words"]
    printed = lexbits_here(*arguments)
    for word in ("mixture - model", "standard error", "perplexity per symbol"):
        assert word in printed.stdout
    assert "n-gram +" in printed.stderr


def test_a_run_of_other_words_is_refused(lexbits_here, words_file, run_folder, tmp_path):
    done = lexbits_here("baseline", "ngram", words_file, "--with", run_folder, "--seed", "1")
    assert "only one of the two has" in last_line(done)
    other = tmp_path / "other.txt"
    text = words_file.read_text(encoding="utf-8")
    other.write_text(text.replace("z", "s").replace("c", "k"), encoding="utf-8")
    line = last_line(lexbits_here("baseline", "ngram", other, "--with", run_folder))
    assert str(run_folder) in line
    assert "'ck'" in line


@pytest.mark.parametrize(
    ("arguments", "status", "expected"),
    [
        (["--orders", "two"], 2, "found 'two'"),
        (["--orders", "3..x"], 2, "found '3..x'"),
        (["--orders", "5..3"], 2, "found '5..3'"),
        (["--orders", "51"], 2, "from 1 to 50"),
        (["--samples", "5"], 2, "--with RUN"),
        (["--with", "RUN", "--samples", "0"], 2, "at least 1, found 0"),
        (["--with", "nowhere"], 1, "nowhere: no such run"),
        (["--max-length", "0"], 2, "max_length"),
        (["--bits", "4"], 2, "--bits"),
        (["--limit", "5"], 1, "found 5"),
    ],
)
def test_bad_requests_are_refused(
    arguments, status, expected, lexbits_here, words_file, run_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    given = [run_folder if argument == "RUN" else argument for argument in arguments]
    assert expected in last_line(lexbits_here("baseline", "ngram", words_file, *given), status)


def test_words_are_not_chosen_anew_for_the_words_of_a_run(lexbits_here, run_folder):
    done = lexbits_here("baseline", "ngram", "--with", run_folder, "--limit", "50")
    assert "--limit: without DATA" in last_line(done)
