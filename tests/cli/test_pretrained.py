"""`pretrained:LANG` stands wherever a command takes a run."""

import json

import pytest

from lexbits import WordModel
from lexbits.errors import UsageError
from lexbits.pretrained.places import MODELS

NAME = "pretrained:xx"
TAKES_RUN = [
    ("sample", NAME),
    ("score", NAME, "casa"),
    ("encode", NAME, "casa"),
    ("decode", NAME, "0"),
    ("reconstruct", NAME, "casa"),
    ("interpolate", NAME, "casa", "perro"),
    ("explore", NAME),
    ("info", NAME),
    ("plot", NAME),
    ("plot", "pretrained:es", NAME),
    ("report", NAME),
    ("evaluate", NAME),
    ("model-card", NAME),
    ("estimators", "compare", NAME),
    ("baseline", "ngram", "--with", NAME),
    ("train", "WORDS", "--out", "NEW", "--start-from", NAME),
    ("train", "--resume", NAME),
]


@pytest.mark.parametrize("arguments", TAKES_RUN, ids=" ".join)
def test_an_unknown_name_is_known_to_be_one(arguments, lexbits_here):
    done = lexbits_here(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(f"lexbits: {NAME}: no such model comes with lexbits; there are")
    assert done.stderr.count("\n") == 1


def test_python_says_the_same():
    for load in (WordModel.load, lambda name: WordModel.pretrained(name[-2:])):
        with pytest.raises(UsageError, match=f"^{NAME}: no such model"):
            load(NAME)


def test_words_are_made_up(lexbits_here):
    found = json.loads(lexbits_here("sample", "pretrained:es", "-n", "3", "--json").stdout)
    assert len(found) == 3
    assert {"status", "percentile"} <= found[0].keys()


def test_what_would_change_it_says_what_to_do_instead(lexbits_here):
    done = lexbits_here("train", "--resume", "pretrained:es")
    assert done.returncode == 1
    assert "--start-from pretrained:es" in done.stderr
    assert str(MODELS) not in done.stderr


def test_its_figures_are_written_here(lexbits_here, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert lexbits_here("plot", "pretrained:es").stdout == "training.png\n"
    assert [path.name for path in tmp_path.iterdir()] == ["training.png"]


def test_estimators_are_compared_without_a_trace(lexbits_here, tmp_path, monkeypatch):
    monkeypatch.setattr("lexbits.studies.estimators.compared", lambda *_: ([], {}))
    monkeypatch.setattr("lexbits.studies.estimators.comparison_figure", lambda _: None)
    before = sorted(MODELS.rglob("*"))
    done = lexbits_here("estimators", "compare", "pretrained:es")
    assert "Nothing is written to pretrained:es: --out FOLDER keeps it" in done.stderr
    assert "see bias_noise in the columns of --tsv" in done.stderr
    assert sorted(MODELS.rglob("*")) == before
    kept = lexbits_here("estimators", "compare", "pretrained:es", "--out", tmp_path / "here")
    assert kept.returncode == 0, kept.stderr
    assert (tmp_path / "here" / "estimators.json").is_file()


@pytest.mark.parametrize("written", ["es", "ES", "Spanish", "simplemma:es", "Pretrained:es"])
def test_a_language_in_place_of_a_run_is_told_the_name_of_its_model(written, lexbits_here):
    done = lexbits_here("sample", written)
    assert done.returncode == 1
    assert done.stderr.endswith("the model that comes with lexbits is pretrained:es\n")


def test_the_name_of_a_language_in_place_of_its_code_is_known(lexbits_here):
    done = lexbits_here("sample", "pretrained:Spanish")
    assert done.returncode == 2
    assert "did you mean pretrained:es? There are" in done.stderr
    assert "pretrained:es (Spanish)" in done.stderr


def test_python_takes_the_name_of_a_model_for_its_language():
    assert WordModel.pretrained("pretrained:es").source == "pretrained:es"
