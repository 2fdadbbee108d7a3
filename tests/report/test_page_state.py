"""The state of a page is in its address; rubbish there or in a field does no harm."""

import pytest
from benchmarks.chromium import opened

from tests.report.pages import described, tiny, write_page

pytestmark = pytest.mark.browser

FIELDS = ("word", "to", "seed", "search")
RUBBISH = (
    "",
    "   ",
    "NaN",
    "-1e999",
    "x" * 80,
    "\u0000\u0007",
    "字🎉\u202e\u0301",
    "<img src=x onerror=window.hacked=1>",
)
ADDRESSES = (
    "word",
    "word=&code=&to=&seed=&t=&how=&model=&draw=&base=",
    "word=cantas&code=012&base=2&to=%&t=NaN&seed=-1&how=__proto__&draw=1e9&model=constructor",
    "word=%00%07&to=%E0%A4%A&t=Infinity&seed=99999999999999999999&code=" + "0" * 4000,
    f"word={'x' * 5000}&to={'y' * 5000}&t=1e308",
    "word=%3Cimg%20src%3Dx%20onerror%3Dwindow.hacked%3D1%3E&to=%3Cscript%3Ewindow.hacked=1",
    "word=a&word=b&code=0000000000000000&code=1&t=0&t=-1",
)
CLICK_ALL = """all => all.map((each) =>
  each.dispatchEvent(new MouseEvent("click", { bubbles: true }))).length"""
CHANGE = """(field, value) => {
  field.value = value;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind));
}"""


@pytest.mark.parametrize("name", ["factorised", "plain"])
def test_whoever_is_sent_the_address_sees_the_same(look, name):
    shown, model = look(name, "word=hablé")
    shown.open_ways()
    if model.settings.bits:
        shown.type("to", "pasan")
        shown.click("#prior")
        shown.flip(3)
        shown.page.select_option("#how", "sample")
        shown.type("seed", "77")
    shown.choose("t", 0.7)
    shown.click("#draw")
    shown.click("#samples button", 4)
    if model.settings.bits:
        shown.flip(1)
    before = shown.text, shown.address
    shown.reload()
    shown.open_ways()
    assert (shown.text, shown.address) == before
    shown.at("word=cantas")
    assert shown.text != before[0]
    shown.at(before[1].removeprefix("#"))
    assert (shown.text, shown.address) == before


@pytest.mark.parametrize("name", ["factorised", "plain"])
def test_rubbish_in_the_address_is_ignored(look, name):
    shown, model = look(name)
    for address in ADDRESSES:
        shown.at(address)
        shown.assert_sensible()
        assert len(shown.code) == model.settings.bits
        assert shown.page.input_value("#word")
        if model.settings.bits:
            assert shown.word("#instead") or shown.code != model.encode(["cantas"])[0].code
    assert shown.page.evaluate("window.hacked") is None


@pytest.mark.parametrize("field", FIELDS)
def test_rubbish_in_a_field_gives_a_sentence(look, field):
    shown, _ = look("factorised")
    shown.open_ways()
    note = "found" if field == "search" else f"{field}-note"
    for rubbish in RUBBISH:
        before = shown.address
        shown.type(field, rubbish)
        shown.assert_sensible(rubbish)
        said = shown.page.inner_text(f"#{note}").strip()
        invalid = shown.page.get_attribute(f"#{field}", "aria-invalid") is not None
        assert not invalid or said.endswith("."), rubbish
        if invalid:
            assert shown.address == before  # what was there before is still shown
        if field == "seed":
            assert invalid
        elif field != "search" and not rubbish.strip():
            assert said == "Type a word."
    shown.type(field, "7" if field == "seed" else "miro")
    assert shown.page.get_attribute(f"#{field}", "aria-invalid") is None
    assert shown.page.evaluate("window.hacked") is None


@pytest.mark.parametrize("name", ["factorised", "plain", "sweep"])
def test_every_control_can_be_clicked(look, name):
    shown, *models = look(name)
    clicked = shown.page.locator("button, summary, a, #map g").evaluate_all(CLICK_ALL)
    assert clicked > 30
    shown.wait()
    shown.assert_sensible()
    assert shown.page.input_value("#word")
    assert len(shown.code) in {model.settings.bits for model in models}
    for field in ("how", "t", "seed", "rate"):
        if shown.page.locator(f"#{field}").count():
            for value in ("1e9", "0", "sample", "1"):
                shown.page.locator(f"#{field}").evaluate(CHANGE, value)
            shown.wait()
            shown.assert_sensible()


def test_a_letter_that_the_model_has_never_seen_is_named(look):
    shown, _ = look("factorised")
    shown.type("word", "caw字as")
    said = shown.page.inner_text("#word-note")
    assert "‘w’" in said
    assert "‘字’" in said
    assert shown.word("#instead") == "caw字as"
    shown.type("word", "cantas")
    assert shown.page.inner_text("#word-note") == ""


def test_the_policy_of_the_page_lets_nothing_out(browser, kind):
    with opened(browser, kind("plain").file) as visited:
        visited.page.evaluate("""async () => {
          document.body.insertAdjacentHTML("beforeend", "<img src='http://elsewhere.example/a.png'>");
          await fetch("http://elsewhere.example/b").catch(() => 0);
        }""")
    assert {said for said in visited.complaints if said.startswith("error: policy: ")} == {
        "error: policy: img-src forbids http://elsewhere.example/a.png",
        "error: policy: connect-src forbids http://elsewhere.example/b",
    }


def test_damaged_weights_are_told_of_in_a_sentence(browser, tmp_path):
    description = described(tiny(epochs=1, bits=4))
    description["weights"] = {**description["weights"], "data": "%%%"}
    file = write_page(tmp_path / "damaged.html", description)
    with opened(browser, file) as visited:
        said = visited.page.inner_text("#play-note")
        assert "damaged" in said
        assert said.endswith(".")
