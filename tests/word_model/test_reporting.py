"""A model makes a page of itself, whatever is known of it."""

import html
import json
import re
import unicodedata

import pytest

from lexbits import WordModel
from lexbits.data import Entry
from lexbits.errors import UsageError
from lexbits.word_model import reporting
from lexbits.word_model.reporting import start_words

from .conftest import WORDS, fit

HOSTILE = [
    "</script><b>", "<img/src=x/onerror=alert(1)>", "\"'&amp;", "كتاب", "שלום", "e\u0301\u0323a",
    "👩\u200d👩\u200d👧x", "<!--<script>", "${x}$y", "]]>",
]  # fmt: skip


@pytest.fixture(scope="module")
def page(model, tmp_path_factory):
    return model.report(tmp_path_factory.mktemp("page") / "page.html").read_text("utf-8")


def data(page):
    """Return what runs in the page."""
    (text,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(text)


def test_the_page_says_what_was_trained_and_holds_the_model(page, model):
    for said in ("Words in 4 bits", "What it knows", "What each bit does", "WordModel.fit(words, "):
        assert said in page
    (live,) = data(page)["models"]
    assert live["settings"]["bits"] == 4
    assert live["characters"] == list(model.alphabet.characters)
    assert len(live["usage"]) == 4
    assert data(page)["start"].keys() == {"word", "to"}


def test_the_figures_told_are_those_of_the_methods(page, model):
    words = model._held_out()
    found = model.evaluate(words, samples=10)
    for value in (found.nll, found.rate, found.distortion, found.mutual_information):
        assert f"{value:.2f}".replace("-", "−") in page
    for sample in model.sample(24, seed=0):
        assert f'<bdi class="word">{sample.word}</bdi>' in page


def test_a_plain_model_tells_nothing_of_bits(plain, tmp_path):
    page = plain.report(tmp_path / "plain.html").read_text("utf-8")
    assert "Words, without bits" in page
    assert "What each bit does" not in page
    assert "distortion" not in page[page.index('id="knows"') : page.index('id="again"')]
    assert data(page)["models"][0]["usage"] == []


def test_a_model_without_words_makes_a_page_of_what_there_is(model, tmp_path):
    folder = tmp_path / "saved"
    model.save(folder)
    for split in ("train", "dev", "test"):
        (folder / "splits" / f"{split}.tsv").unlink()
    with pytest.warns(match="missing"):
        page = WordModel.load(folder).report(tmp_path / "page.html").read_text("utf-8")
    assert "The words that this model was trained on are not known here" in page
    assert len(data(page)["start"]["word"]) > 0


def test_a_loaded_model_tells_what_its_folder_knows(model, tmp_path):
    model.save(tmp_path / "saved")
    page = WordModel.load(tmp_path / "saved").report(tmp_path / "page.html").read_text("utf-8")
    assert "splits/train.tsv" in page
    assert "torch" in page[page.index('id="again"') :]


def test_words_are_text_whatever_they_are(tmp_path):
    model = fit(WORDS, HOSTILE, epochs=1)
    page = model.report(tmp_path / "page.html").read_text("utf-8")
    static = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    assert "<img" not in page.replace("\\u003cimg", "")
    assert page.count("</script>") == 2
    for word in HOSTILE:
        assert html.escape(unicodedata.normalize("NFC", word)) in static
    runs = data(page)
    assert runs["start"]["word"]


@pytest.mark.parametrize("name", ["page.txt", "page"])
def test_a_page_ends_in_html(model, tmp_path, name):
    with pytest.raises(UsageError, match=r"ends in \.html"):
        model.report(tmp_path / name)


def test_a_page_is_replaced_and_nothing_else(plain, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<!doctype html>\n<p>mine</p>", encoding="utf-8")
    with pytest.raises(UsageError, match="no page of lexbits"):
        plain.report(file)
    assert "mine" in file.read_text("utf-8")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        plain.report(tmp_path / "folder.html")
    made = plain.report(tmp_path / "new" / "made.html")
    made.write_text(made.read_text("utf-8") + "<!-- before -->", encoding="utf-8")
    assert "<!-- before" not in plain.report(made).read_text("utf-8")


def test_a_page_begins_with_words_of_middling_length_that_are_frequent():
    entries = [
        Entry("a", weight=9), Entry("casa", weight=3), Entry("mesa", weight=7),
        Entry("pelo", weight=1), Entry("cañas", weight=99), Entry("extraordinario", weight=9),
    ]  # fmt: skip
    unseen = lambda word: word.replace("ñ", "") and "ñ" * word.count("ñ")  # noqa: E731
    assert start_words(entries, unseen) == ["mesa", "casa", "pelo"]
    assert start_words([], unseen) == []


def test_weights_are_rounded_to_int8_where_half_precision_is_too_much_and_that_is_cheap(
    model, monkeypatch
):
    assert reporting.fitting([model]) == "half"
    monkeypatch.setattr(reporting, "ROOM", 1000)
    cost = model._rounding_cost("int8")
    assert 0 < abs(cost) < 0.05
    monkeypatch.setattr(reporting, "MOST_COST", cost + 1e-9)
    assert reporting.fitting([model]) == "int8"
    monkeypatch.setattr(reporting, "MOST_COST", cost - 1e-9)
    assert reporting.fitting([model]) == "half"


def test_what_is_too_large_is_rounded_to_eight_bits(plain, tmp_path, monkeypatch):
    monkeypatch.setattr("lexbits.word_model.reporting.ROOM", 1000)
    page = plain.report(tmp_path / "page.html").read_text("utf-8")
    assert "rounded to 8-bit whole numbers" in page
    assert data(page)["models"][0]["weights"]["precision"] == "int8"


def test_what_turned_bits_do_is_told_of_several_words():
    model = fit(WORDS, epochs=15, free_nats=0.0, kl_weight=0.0, learning_rate=0.03)
    words = model._held_out_entries()
    bits, looked_at = model._bits_told(words, model._usage(words), model._codes(words))
    assert looked_at == len(words)
    assert any(bit.turned for bit in bits)
    for bit in bits:
        assert bit.active == (bit.changed is not None)
        assert all(turned.off != turned.on for turned in bit.turned)
        assert len({(turned.off, turned.on) for turned in bit.turned}) == len(bit.turned) <= 3
        assert bool(bit.turned) == bool(bit.changed)
