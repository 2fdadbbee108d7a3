"""Pages of several models, and of one with many bits."""

from types import SimpleNamespace

import pytest

from tests.report.pages import as_in_page, described, tiny, write_page
from tests.report.shown import Shown, numbers
from tests.word_model.conftest import WORDS

pytestmark = pytest.mark.browser

WORD = "hablas"
FIGURE = """<svg viewBox="0 0 10 10" role="img"><title>Rates</title>
<circle id="rates-point-1-1" r="1"/><circle id="rates-point-2-1" r="1"/></svg>"""


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """A page of three models, and these with the weights of the page."""
    models = {"plain": tiny(bits=0), "rate-2": tiny(bits=8, seed=1), "rate-4": tiny(bits=8, seed=2)}
    points = [
        described(model, WORDS[::9], name=name, label=name.replace("-", " "), point=number)
        for number, (name, model) in enumerate(models.items())
    ]
    file = tmp_path_factory.mktemp("sweep") / "sweep.html"
    write_page(file, *points, word=WORD, sweep=FIGURE)
    return SimpleNamespace(
        file=file,
        labels=[point["label"] for point in points],
        models=[as_in_page(model) for model in models.values()],
    )


def test_a_table_has_the_word_in_every_model(visit, sweep):
    shown = Shown(visit(sweep.file))
    back = shown.words("#rates td:last-child")
    for n, (row, model) in enumerate(zip(shown.rows("#rates"), sweep.models, strict=True)):
        assert row[0] == sweep.labels[n]
        rate, distortion, nll = map(float, row[1:4])
        if not model.settings.bits:
            assert (rate, distortion) == (0, nll)
            continue
        found = model.encode([WORD])[0]
        spelled = model.decode([found.code])[0]
        assert rate == pytest.approx(found.rate, abs=0.006)
        assert nll == pytest.approx(model.exact([WORD]).exact_nll, abs=0.4)
        assert back[n] == spelled.word + "…" * (not spelled.ended)


def test_a_slider_goes_through_the_models(visit, sweep):
    shown = Shown(visit(sweep.file))
    shown.click("#another")
    shown.type("word", WORD)
    for number in (0, 1, 2, 1):
        shown.choose("rate", number)
        bits = sweep.models[number].settings.bits
        assert shown.page.inner_text("#rate-shown") == sweep.labels[number]
        assert shown.rows("#rates")[number][0] == sweep.labels[number]
        assert "chosen" in shown.page.locator("#rates tr").nth(number).get_attribute("class")
        assert shown.page.locator("#rates tr.chosen").count() == 1
        assert shown.page.input_value("#word") == WORD
        assert shown.code == (sweep.models[number].encode([WORD])[0].code if bits else "")
        assert shown.page.is_visible("#flips") == bool(bits)
        shown.assert_sensible()
    on = shown.page.locator("svg [id*='-point-'].on").evaluate_all("all => all.map(e => e.id)")
    assert on == ["rates-point-1-1"]


def test_the_address_names_the_model(visit, sweep):
    shown = Shown(visit(sweep.file))
    shown.page.click("#rates tr:nth-child(3) button")
    shown.wait()
    shown.flip(2)
    assert "model=rate-4" in shown.address
    before = shown.text, shown.code
    shown.reload()
    assert (shown.text, shown.code) == before
    shown.at("model=nobody&word=hablas")
    assert len(numbers(shown.page.inner_text("#rates"))) == 9


def test_many_bits_stand_in_groups(visit, tmp_path):
    model = tiny(bits=256, epochs=4)
    file = write_page(tmp_path / "many.html", described(model, unused=list(range(0, 256, 3))))
    shown, told = Shown(visit(file)), as_in_page(model)
    assert shown.code == told.encode(["cantas"])[0].code
    sizes = "all => all.map(each => each.children.length)"
    assert shown.page.locator("#bits .byte").evaluate_all(sizes) == [8] * 32
    shown.flip(255)
    spelled = told.decode([shown.code])[0]
    assert shown.word("#spelled") == spelled.word + "…" * (not spelled.ended)
    assert len(shown.words("#flips button")) == 256
    before = shown.code
    shown.reload()
    assert shown.code == before
    shown.page.set_viewport_size({"width": 390, "height": 844})
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 390
    shown.assert_sensible()
