"""In a notebook a model shows what it is, and runs in a frame that reaches nothing around it."""

import copy
import html
import json
import pickle
import re
from html.parser import HTMLParser

import pytest
import torch

from lexbits import WordModel
from lexbits.errors import LexbitsWarning
from lexbits.word_model import showing
from tests.word_model.conftest import WORDS, fit

HINT = 'model.report("model.html")'


class Shown(HTMLParser):
    """The tags of what is shown, the frames among them, and the text."""

    def __init__(self, content):
        super().__init__()
        self.tags, self.frames, self.text = set(), [], ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "iframe":
            self.frames.append(dict(attributes))

    def handle_data(self, data):
        self.text += data


def shown(model):
    """Return what a notebook shows: its protocol is methods that it looks for on the object."""
    for other in ("_ipython_display_", "_repr_mimebundle_", "_repr_markdown_", "_repr_svg_"):
        assert not hasattr(model, other)
    return Shown(model._repr_html_())


def data_of(frame):
    found = re.search('<script type="application/json" id="data">(.*?)</script>', frame["srcdoc"])
    return json.loads(found[1])


def mapped(frame):
    """Return the words on the map of the page."""
    return {html.unescape(word) for word in re.findall('data-word="([^"]*)"', frame["srcdoc"])}


@pytest.fixture
def altered(model):
    """Return a copy of a model, of which other tests see nothing."""
    return copy.deepcopy(model)


def test_a_model_shows_what_it_is_and_below_that_runs_in_a_frame(model):
    found = shown(model)
    for line in repr(model).splitlines():
        assert line.strip() in found.text
    assert HINT in found.text
    (frame,) = found.frames
    assert frame["sandbox"] == "allow-scripts"
    assert frame["title"]
    assert frame["srcdoc"].startswith("<!doctype html>")
    (live,) = data_of(frame)["models"]
    assert live["characters"] == list(model.alphabet.characters)
    assert mapped(frame) == set(model._held_out())


def test_the_page_in_the_frame_holds_nothing_that_takes_long_to_measure(model, tmp_path):
    (frame,) = shown(model).frames
    assert "What it knows" in model.report(tmp_path / "model.html").read_text("utf-8")
    assert "What it knows" not in frame["srcdoc"]


def test_in_a_console_a_model_is_three_lines(model):
    assert len(repr(model).splitlines()) == 3
    assert "<" not in repr(model)


def test_a_plain_model_runs_too(plain):
    (frame,) = shown(plain).frames
    assert data_of(frame)["models"][0]["settings"]["bits"] == 0


def test_the_page_is_made_once_and_not_kept_with_the_model(altered, monkeypatch):
    first = altered._repr_html_()
    monkeypatch.setattr(showing, "page", None)
    assert altered._repr_html_() == first
    monkeypatch.undo()
    for other in (pickle.loads(pickle.dumps(altered)), copy.copy(altered)):
        assert "_explorer" not in vars(other)
        assert other._repr_html_() == first


def test_weights_are_rounded_to_half_precision_or_where_there_are_many_to_int8(
    altered, monkeypatch
):
    assert data_of(shown(altered).frames[0])["models"][0]["weights"]["precision"] == "half"
    monkeypatch.setattr(showing, "MOST_HALF", 0)
    rounded = data_of(shown(copy.copy(altered)).frames[0])["models"][0]["weights"]
    assert rounded["precision"] == "int8"


def test_a_large_model_shows_how_to_have_a_page_of_it(altered, monkeypatch):
    monkeypatch.setattr(showing, "MOST_INT8", 0)
    found = shown(altered)
    assert found.frames == []
    assert repr(altered).splitlines()[0] in found.text
    assert f"too large to run in a notebook: {HINT} writes a page" in found.text


def test_a_model_that_no_page_can_hold_says_why(altered):
    with torch.no_grad():
        next(altered.network.parameters()).fill_(float("inf"))
    found = shown(altered)
    assert found.frames == []
    assert "It cannot be run here: the weights " in found.text


def test_a_model_whose_words_are_gone_runs_without_them(model, tmp_path):
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    for file in (tmp_path / "run" / "splits").iterdir():
        file.unlink()
    with pytest.warns(LexbitsWarning, match="tells nothing of the model's words"):
        (frame,) = shown(loaded).frames
    assert mapped(frame) == set()


def test_where_bits_depend_on_one_another_what_takes_long_is_left_out(monkeypatch):
    model = fit(WORDS, posterior="gru")
    for name in ("encode", "bit_usage"):
        monkeypatch.setattr(WordModel, name, None)
    (frame,) = shown(model).frames
    assert mapped(frame) == set()
    assert data_of(frame)["models"][0]["settings"]["posterior"] == "gru"


def test_nothing_of_words_and_names_is_taken_for_html():
    hostile = [
        f"{n}{word}"
        for n in range(3)
        for word in ('"></iframe><b>', "'><i>", "</script><u>", "&quot;><s>")
    ]
    model = fit(WORDS, dev=hostile)
    model.facts["name"] = "<h1>&amp;"
    found = shown(model)
    assert found.tags == {"p", "br", "code", "iframe"}
    assert "WordModel of <h1>&amp;: " in found.text
    (frame,) = found.frames
    assert mapped(frame) == set(hostile)
    for tag in ("</iframe>", "<u>", "<s>"):
        assert tag not in frame["srcdoc"]


@pytest.mark.browser
def test_the_model_runs_in_the_frame_of_a_notebook(model, visit, tmp_path):
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{model._repr_html_()}", encoding="utf-8")
    frame = visit(file).frames[1]
    frame.wait_for_selector("html[data-ready]", state="attached")
    frame.fill("#word", "cantas")
    (code,) = model.encode(["cantas"])
    switches = frame.locator("#bits button:visible")
    assert [s.get_attribute("aria-checked") for s in switches.all()] == [
        {"1": "true", "0": "false"}[bit] for bit in code.code
    ]
    switches.first.click()
    flipped = "01"[code.code[0] == "0"] + code.code[1:]
    (spelled,) = model.decode([flipped])
    assert frame.inner_text("#spelled").rstrip("…") == spelled.word
