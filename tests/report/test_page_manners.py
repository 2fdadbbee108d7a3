"""The page is used without a mouse, on a phone, in the dark and on paper, and stays where it is."""

import re
from pathlib import Path

import pytest

from tests.report.shown import Shown

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
NAMED = ("button", "switch", "textbox", "slider", "combobox", "img", "table", "link", "heading")
SCHEMES = ("light", "dark")
LOOKS = (Path(__file__).parent / "looks.js").read_text("utf-8")


def looks(page, question):
    """Ask one of the functions in looks.js."""
    return page.evaluate(f"(() => {{ {LOOKS}; return {question}(); }})()")


def named(page):
    """Return the roles of which there are elements, all of which must have names."""
    lines = page.locator("body").aria_snapshot().splitlines()
    nameless = [line for line in lines if re.fullmatch(rf" *- ({'|'.join(NAMED)}):?", line)]
    assert nameless == []
    return {found[1] for line in lines if (found := re.match(r" *- (\w+)", line))}


def focused(page, expression):
    return page.evaluate(f"(() => {{ const at = document.activeElement; return {expression}; }})()")


def test_bits_are_flipped_by_the_keyboard(look):
    shown, _ = look("factorised")
    before = shown.code
    shown.page.focus("#another")
    shown.page.keyboard.press("Tab")
    for k, press in ((0, "Space"), (1, "Enter")):
        assert focused(shown.page, "at.getAttribute('role')") == "switch"
        assert focused(shown.page, "at.matches(':focus-visible')")
        assert focused(shown.page, "getComputedStyle(at).outlineStyle") == "solid"
        shown.page.keyboard.press(press)
        shown.wait()
        assert shown.code[k] != before[k]
        assert (
            focused(shown.page, "at.getAttribute('aria-checked')")
            == str(shown.code[k] == "1").lower()
        )  # it still has the focus
        shown.page.keyboard.press("Tab")
    assert shown.code[2:] == before[2:]


def test_a_word_of_the_map_is_taken_by_the_keyboard(look):
    shown, _ = look("factorised")
    shown.page.locator("#map g[tabindex='0']").nth(2).focus()
    word = focused(shown.page, "at.dataset.word")
    shown.page.keyboard.press("Enter")
    shown.wait()
    assert shown.page.input_value("#word") == word
    assert focused(shown.page, "at.dataset.word") == word


def test_every_control_has_a_name(look):
    for name in ("factorised", "plain"):
        shown, model = look(name)
        shown.open_ways()
        names = shown.switches.evaluate_all("all => all.map(each => each.ariaLabel)")
        assert names == [f"Bit {k + 1}" for k in range(model.settings.bits)]
        assert {"button", "textbox", "slider"} <= named(shown.page)


def test_nothing_moves_when_a_bit_is_flipped(look):
    shown, _ = look("factorised")
    before = looks(shown.page, "places")
    for k in range(4):
        shown.flip(k)
        assert looks(shown.page, "places") == before


@pytest.mark.parametrize("name", ["plain", "sweep", "many bits"])
def test_a_narrow_screen_shows_all_of_it(look, name):
    shown, *_ = look(name)
    shown.page.set_viewport_size(PHONE["viewport"])
    shown.open_ways()
    shown.at(f"word={'largo' * 12}&to={'m' * 60}")
    assert looks(shown.page, "tooWide") == []
    assert shown.page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", SCHEMES)
def test_texts_stand_out_in_light_and_dark(look, scheme):
    shown, *_ = look("sweep", "model=model-1")
    shown.page.emulate_media(color_scheme=scheme)
    shown.open_ways()
    shown.flip(0)
    paper = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert looks(shown.page, "faint") == []


def test_paper_is_white_and_bits_are_on_it(look):
    shown, _ = look("factorised")
    shown.page.emulate_media(media="print", color_scheme="dark")
    paper = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert looks(shown.page, "faint") == []
    kept = shown.switches.first.evaluate("bit => getComputedStyle(bit).printColorAdjust")
    assert kept == "exact"  # else browsers leave out the colour behind a bit that is on
    assert not shown.page.is_visible("#own")
    assert shown.page.pdf().startswith(b"%PDF")


def test_the_whole_page_stands_out_and_fits_a_phone(look, visit, tmp_path):
    _, model = look("factorised")
    shown = Shown(visit(model.report(tmp_path / "page.html"), **PHONE))
    shown.page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert looks(shown.page, "tooWide") == []
    assert {"img", "heading", "link", "table"} <= named(shown.page)
    for scheme in SCHEMES:
        shown.page.emulate_media(color_scheme=scheme)
        assert looks(shown.page, "faint") == []
    boxes = [shown.switches.nth(k).bounding_box() for k in (0, 15)]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 24  # as WCAG 2.2 asks
    before = shown.code
    shown.switches.nth(5).tap()
    shown.wait()
    assert shown.code[5] != before[5]


def test_without_scripts_one_is_told_what_is_missing(look, kind, visit):
    look("factorised")
    page = visit(kind("factorised").file, java_script_enabled=False)
    assert page.locator("noscript").inner_text()
    assert not page.is_visible("#play")
