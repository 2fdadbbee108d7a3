"""`lexbits evaluate`: figures, tables, and what is refused."""

import json

import pytest

from lexbits import WordModel
from lexbits.data.known import KnownWords
from lexbits.training.devices import cpu_has_bf16
from tests.cli.test_bad_input import refused


def document(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def figures(run_folder, lexbits_here):
    return document(
        lexbits_here(
            "evaluate", run_folder, "--samples", "1000", "--sample-quality", "--quality-samples",
            "40", "--json",
        )
    )  # fmt: skip


def test_the_nll_is_shown_for_each_power_of_ten(figures):
    assert list(figures["nll_by_samples"]) == ["1", "10", "100", "1000"]
    assert figures["nll_by_samples"]["1000"] == pytest.approx(figures["nll"])


def test_total_correlation_and_information_are_there(figures):
    assert figures["total_correlation"] >= -0.05
    assert figures["mutual_information"] + figures["marginal_kl"] == pytest.approx(figures["rate"])


def test_reconstruction_is_of_the_mode_and_of_a_sample(figures):
    rebuilt = figures["reconstruction"]
    assert rebuilt["words"] == figures["words"]
    assert 0 <= rebuilt["exact"] <= 1
    assert rebuilt["edit_distance"] > 0
    assert {"sample_exact", "sample_edit_distance"} <= rebuilt.keys()


def test_gains_of_both_sides_sum_to_what_the_bits_save(figures):
    for side in ("gain_from_start", "gain_from_end"):
        gains = figures[side]
        assert [gain["position"] for gain in gains] == list(range(1, len(gains) + 1))
        assert gains[0]["words"] == figures["words"] == figures["gain_words"]
        total = sum(gain["gain"] * gain["words"] for gain in gains) / figures["words"]
        assert total == pytest.approx(figures["gain_total"])
    assert figures["gain_total"] == pytest.approx(figures["nll"] - figures["distortion"], abs=0.1)


def test_gains_are_rows_of_the_tsv_one_for_each_position(run_folder, lexbits_here):
    arguments = ("evaluate", run_folder, "--samples", "2", "--words", "9", "--gain-words", "9")
    figures = document(lexbits_here(*arguments, "--json"))
    printed = lexbits_here(*arguments, "--tsv").stdout
    rows = dict(line.split("\t") for line in printed.splitlines())
    assert "{" not in printed
    for gain in figures["gain_from_end"]:
        assert float(rows[f"gain_from_end_{gain['position']}"]) == pytest.approx(gain["gain"])


def test_samples_stand_beside_those_of_an_ngram_and_held_out_words(figures):
    quality = figures["sample_quality"]
    assert [quality[name]["words"] for name in ("model", "ngram")] == [40, 40]
    assert quality["held_out"]["copies"] is None
    assert quality["model"]["held_out_nll"] > 0


def test_everything_is_printed(run_folder, lexbits_here):
    done = lexbits_here(
        "evaluate", run_folder, "--samples", "2", "--gain-words", "5", "--sample-quality",
        "--quality-samples", "40",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for part in (
        "total correlation", "the most probable code", "a sampled code", "on 5 words",
        "from the start", "from the end", "held-out words", "nearest training word",
    ):  # fmt: skip
        assert part in done.stdout, part
    assert "(S=2)" in done.stderr


@pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")
def test_words_are_read_in_the_precision_asked_for(run_folder, lexbits_here):
    def nll(*how):
        done = lexbits_here("evaluate", run_folder, "--samples", "9", "--json", *how)
        return document(done)["nll"]

    assert nll("--precision", "fp32") == nll()
    assert nll("--precision", "bf16") == pytest.approx(nll(), abs=0.05)
    assert nll("--precision", "bf16") != nll()
    code = lexbits_here("encode", run_folder, "canto", "--plain").stdout.strip()
    for asked in (("score", "canto"), ("sample",), ("reconstruct", "canto"), ("decode", code)):
        name, *words = asked
        done = lexbits_here(name, run_folder, *words, "--precision", "bf16")
        assert done.returncode == 0, done.stderr


def test_an_unknown_precision_is_refused(run_folder, lexbits_here):
    done = lexbits_here("score", run_folder, "canto", "--precision", "half")
    refused(done, 2, "precision", "fp32", "bf16")


def test_a_single_word_has_no_standard_error(run_folder, lexbits_here):
    done = lexbits_here("evaluate", run_folder, "--samples", "2", "--words", "1")
    assert done.returncode == 0, done.stderr
    assert "nan" not in done.stdout.split()
    assert "importance-sampled" in done.stdout


def test_gains_can_be_measured_on_all_words_or_few(run_folder, lexbits_here):
    for asked, found in (("all", None), ("3", 3)):
        figures = document(
            lexbits_here("evaluate", run_folder, "--samples", "1", "--gain-words", asked, "--json")
        )
        assert figures["gain_words"] == (found or figures["words"])


def test_a_plain_model_has_samples_and_nothing_of_bits(plain_folder, lexbits_here):
    arguments = ("evaluate", plain_folder, "--sample-quality", "--quality-samples", "20")
    figures = document(lexbits_here(*arguments, "--json"))
    assert figures["reconstruction"] is figures["gain_words"] is figures["gain_total"] is None
    assert figures["gain_from_start"] == figures["gain_from_end"] == []
    assert figures["information"] == ""
    assert figures["sample_quality"]["model"]["words"] == 20
    printed = lexbits_here(*arguments)
    assert printed.returncode == 0, printed.stderr
    assert "from the start" not in printed.stdout


def test_sample_quality_without_training_words_is_refused(
    run_folder, lexbits_here, words_file, tmp_path
):
    model = WordModel.load(run_folder)
    model.words = KnownWords(dict)
    model.save(tmp_path / "saved")
    done = lexbits_here("evaluate", tmp_path / "saved", words_file, "--sample-quality")
    refused(done, 2, "--sample-quality", "no training words")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--gain-words", "0"], ["--gain-words", "at least 1"]),
        (["--gain-words", "many"], ["gain-words"]),
        (["--quality-samples", "0"], ["--quality-samples", "at least 1"]),
    ],
)
def test_impossible_numbers_are_refused(arguments, expected, run_folder, lexbits_here):
    refused(lexbits_here("evaluate", run_folder, *arguments), 2, *expected)


def test_unseen_characters_are_said_and_the_other_words_measured_beside(
    run_folder, lexbits_here, tmp_path
):
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("жизнь\nслово\nmono\n", encoding="utf-8")
    arguments = ("evaluate", run_folder, foreign, "--samples", "5")
    found = document(lexbits_here(*arguments, "--json"))
    assert (found["unseen_words"], found["unseen_characters"]) == (2, 10)
    assert found["seen_nll"] != found["nll"]
    shown = lexbits_here(*arguments)
    assert "2 of 3 words have characters that the model has never seen" in shown.stderr
    assert "NLL without those" in shown.stdout
    scored = lexbits_here("score", run_folder, "жизнь")
    assert "does not compare" in scored.stderr
