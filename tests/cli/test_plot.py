"""`lexbits plot`: figures of one run, of several, and of sweeps."""

import json
import shutil

import pytest

from lexbits import WordModel
from lexbits.errors import UsageError
from lexbits.runs.floors import FLOORS

from .test_bad_input import refused
from .test_commands import document


@pytest.fixture
def copies(run_folder, tmp_path, monkeypatch):
    """Two copies of a run, where the command is given."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        shutil.copytree(run_folder, tmp_path / name)
    return tmp_path


def test_one_run_is_drawn_into_its_folder_and_its_floor_is_kept(copies, lexbits_here):
    figures = copies / "one" / "figures"
    shutil.rmtree(figures)
    floor = json.loads((copies / "one" / FLOORS).read_text())["ngram"]
    assert floor["name"].endswith("-gram")
    (copies / "one" / FLOORS).unlink()
    paths = document(lexbits_here("plot", "one", "--json"))["figures"]
    assert paths == ["one/figures/training.png", "one/figures/training.svg"]
    assert {path.name for path in figures.iterdir()} == {"training.png", "training.svg"}
    assert json.loads((copies / "one" / FLOORS).read_text())["ngram"] == floor


def test_several_runs_are_one_figure_where_one_stands(copies, lexbits_here):
    before = (copies / "one" / "figures" / "training.png").read_bytes()
    done = lexbits_here("plot", "one", "two")
    assert (done.returncode, done.stdout) == (0, "training.png\n"), done.stderr
    assert done.stderr == ""
    assert (copies / "training.png").read_bytes().startswith(b"\x89PNG")
    assert (copies / "one" / "figures" / "training.png").read_bytes() == before
    again = lexbits_here("plot", "one", "two")  # a figure of lexbits is drawn again
    assert again.returncode == 0, again.stderr
    for name, begins in (("a.svg", b"<?xml"), ("a.pdf", b"%PDF"), ("A.PNG", b"\x89PNG")):
        assert lexbits_here("plot", "one", "two", "--out", name).returncode == 0
        assert (copies / name).read_bytes().startswith(begins)
    assert lexbits_here("plot", "one", "--out", "alone.png").returncode == 0
    assert (copies / "alone.png").is_file()


def test_what_is_not_ours_is_not_replaced_and_other_kinds_are_refused(copies, lexbits_here):
    (copies / "training.png").write_bytes(b"\x89PNG of somebody")
    refused(lexbits_here("plot", "one", "two"), 2, "training.png", "no figure of lexbits", "--out")
    assert (copies / "training.png").read_bytes() == b"\x89PNG of somebody"
    refused(lexbits_here("plot", "one", "two", "--out", "x.gif"), 2, "x.gif", ".png, .svg, .pdf")
    refused(lexbits_here("plot", "one", "--out", "one"), 2, "one", ".png")
    refused(lexbits_here("plot", "one", "none"), 1, "none", "no such run folder")


def test_a_sweep_stands_for_its_runs_and_what_is_given_twice_is_drawn_once(
    copies, plain_folder, lexbits_here
):
    sweep = copies / "sweep"
    sweep.mkdir()
    (sweep / "sweep.json").write_text('{"plain": null, "points": []}')
    for name in ("one", "two"):
        (copies / name).rename(sweep / f"rate-{2 if name == 'one' else 10}")
    shutil.copytree(plain_folder, sweep / "plain")
    (sweep / "rate-10" / "metrics.jsonl").unlink()
    done = lexbits_here("plot", "sweep", "sweep/plain", "--out", "sweep.svg")
    assert done.returncode == 0, done.stderr
    assert "sweep/rate-10: no epoch is finished yet" in done.stderr
    assert "sweep/plain is given twice and drawn once" in done.stderr


def test_runs_on_other_words_are_drawn_with_a_note(copies, lexbits_here):
    words = [a + b + c for a in ("ba", "de", "ki") for b in ("mo", "su", "le") for c in "nrst"]
    WordModel.fit(words, bits=4, hidden_size=16, epochs=1).save("other")
    done = lexbits_here("plot", "one", "other")
    assert done.returncode == 0, done.stderr
    assert "different dev words" in done.stderr


def test_a_run_whose_words_are_gone_is_drawn_without_an_n_gram(copies, lexbits_here):
    (copies / "one" / FLOORS).unlink()
    (copies / "one" / "splits" / "train.tsv").unlink()
    done = lexbits_here("plot", "one")
    assert done.returncode == 0, done.stderr
    assert "one: no line for an n-gram" in done.stderr


def test_a_model_draws_itself_and_others_from_python(copies):
    model, other = WordModel.load("one"), WordModel.load("two")
    titles = [axis.get_title(loc="left") for axis in model.figure().axes]
    assert "NLL, nats per word" in titles
    labels = [text.get_text() for text in model.figure(other).legends[0].get_texts()]
    assert labels == ["one", "two"]
    with pytest.raises(UsageError, match=r"expected models to draw beside, found the text 'two'"):
        model.figure("two")
    shutil.rmtree("one")
    assert WordModel.load("two").figure(model).axes
