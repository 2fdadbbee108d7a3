"""`lexbits plot`: figures of one run, of several, and of sweeps."""

import json
import shutil

import pytest

from lexbits import WordModel
from lexbits.errors import UsageError
from lexbits.runs.floors import FLOORS

from .test_bad_input import refused
from .test_commands import document

pytestmark = pytest.mark.usefixtures("drawn")


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


def test_what_a_model_knows_is_drawn_into_its_folder(copies, lexbits_here):
    for kind in ("accounting", "gain", "bits"):
        paths = document(lexbits_here("plot", "one", "--kind", kind, "--json"))["figures"]
        assert paths == [f"one/figures/{kind}.png", f"one/figures/{kind}.svg"]
        assert (copies / paths[0]).read_bytes().startswith(b"\x89PNG")
    done = lexbits_here("plot", "one", "--kind", "bits", "--format", "pdf")
    assert done.stdout == "one/figures/bits.pdf\n"
    assert done.stderr == "Measuring on held-out words: one\n"
    assert (copies / "one/figures/bits.pdf").read_bytes().startswith(b"%PDF")


def test_models_are_drawn_side_by_side(copies, plain_folder, lexbits_here):
    done = lexbits_here("plot", "one", "two", plain_folder, "--kind", "accounting")
    assert (done.returncode, done.stdout) == (0, "accounting.png\n"), done.stderr
    done = lexbits_here("plot", "one", "two", plain_folder, "--kind", "gain")
    assert (done.returncode, done.stdout) == (0, "gain.png\n"), done.stderr
    assert f"left out, as there are no bits: {plain_folder}" in done.stderr
    refused(lexbits_here("plot", "one", "two", "--kind", "bits"), 2, "bits", "one run, found 2")


def test_a_plain_model_has_an_accounting_and_no_figure_of_bits(copies, plain_folder, lexbits_here):
    done = lexbits_here("plot", plain_folder, "--kind", "accounting", "--out", "plain.svg")
    assert done.returncode == 0, done.stderr
    for kind in ("gain", "bits"):
        refused(lexbits_here("plot", plain_folder, "--kind", kind), 2, kind, "bits = 0")


def test_formats_are_as_many_as_asked_for_and_do_not_contradict_the_ending(copies, lexbits_here):
    done = lexbits_here("plot", "one", "--format", "pdf", "--format", "png")
    assert done.stdout == "one/figures/training.pdf\none/figures/training.png\n"
    done = lexbits_here("plot", "one", "two", "--format", "svg", "pdf")
    assert done.stdout == "training.svg\ntraining.pdf\n"
    done = lexbits_here("plot", "one", "--out", "paper/figure", "--format", "pdf", "svg")
    assert done.stdout == "paper/figure.pdf\npaper/figure.svg\n", done.stderr
    done = lexbits_here("plot", "one", "--out", "a.pdf", "--format", "pdf")
    assert done.stdout == "a.pdf\n"
    asked = ("plot", "one", "--kind", "gain", "--out", "a.pdf", "--format")
    last = refused(lexbits_here(*asked, "pdf", "svg"), 2, "--format svg", "a.pdf")
    assert "Measuring" not in last
    refused(lexbits_here("plot", "one", "--format", "gif"), 2, "--format", "png or svg or pdf")
    refused(lexbits_here("plot", "one", "--out", "one", "--format", "pdf"), 2, "one", ".png")
    refused(lexbits_here("plot", "one", "--kind", "code"), 2, "--kind", "accounting", "'code'")


def test_figures_of_a_run_go_with_it_and_others_stay(copies, lexbits_here):
    for kind in ("accounting", "bits"):
        assert lexbits_here("plot", "one", "--kind", kind, "--format", "pdf").returncode == 0
    (copies / "one/figures/mine.pdf").write_bytes(b"%PDF")
    WordModel.load("two").save("one", overwrite=True)
    assert [path.name for path in (copies / "one/figures").iterdir()] == ["mine.pdf"]


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
