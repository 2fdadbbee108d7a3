"""Pages of several models, and of one with many bits."""

import pytest

from tests.report.pages import LABELS, spelled
from tests.report.shown import numbers

pytestmark = pytest.mark.browser


def test_a_table_has_the_word_in_every_model(look):
    shown, *models = look("sweep")
    shown.type("word", "hablas")
    back = shown.words("#rates td:last-child")
    for n, (row, model) in enumerate(zip(shown.rows("#rates"), models, strict=True)):
        assert row[0] == LABELS[n]
        rate, distortion, nll = map(float, row[1:4])
        if not model.settings.bits:
            assert (rate, distortion) == (0, nll)
            continue
        (found,) = model.encode(["hablas"])
        assert rate == pytest.approx(found.rate, abs=0.006)
        assert nll == pytest.approx(model.exact(["hablas"]).exact_nll, abs=0.4)
        assert back[n] == spelled(model, found.code)[0]


def test_a_slider_goes_through_the_models(look):
    shown, *models = look("sweep")
    shown.type("word", "hablas")
    for number in (0, 1, 2, 1):
        shown.choose("rate", number)
        bits = models[number].settings.bits
        assert shown.page.inner_text("#rate-shown") == LABELS[number]
        assert "chosen" in shown.page.locator("#rates tr").nth(number).get_attribute("class")
        assert shown.page.locator("#rates tr.chosen").count() == 1
        assert shown.page.input_value("#word") == "hablas"
        assert shown.code == (models[number].encode(["hablas"])[0].code if bits else "")
        assert shown.page.is_visible("#flips") == bool(bits)
        shown.assert_sensible()
    on = shown.page.locator("svg [id*='-point-'].on").evaluate_all("all => all.map(e => e.id)")
    assert on == ["rates-point-1-1"]


def test_the_address_names_the_model(look):
    shown, *_ = look("sweep")
    shown.click("#rates tr:nth-child(3) button")
    shown.flip(2)
    assert "model=model-2" in shown.address
    before = shown.text, shown.code
    shown.reload()
    assert (shown.text, shown.code) == before
    shown.at("model=nobody&word=hablas")
    assert len(numbers(shown.page.inner_text("#rates"))) == 9


def test_many_bits_stand_in_groups(look):
    shown, model = look("many bits")
    assert shown.code == model.encode(["cantas"])[0].code
    sizes = "all => all.map(each => each.children.length)"
    assert shown.page.locator("#bits .byte").evaluate_all(sizes) == [8] * 32
    shown.flip(255)
    assert shown.word("#spelled") == spelled(model, shown.code)[0]
    assert len(shown.words("#flips button")) == 256
    assert shown.page.locator("#flips").bounding_box()["height"] < 500
    before = shown.code
    shown.reload()
    assert shown.code == before
    shown.assert_sensible()
