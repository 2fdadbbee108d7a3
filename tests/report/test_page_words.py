"""Words are text, whatever is in them and in whichever script they are."""

import pytest

from tests.report.pages import as_in_page, described, tiny, write_page
from tests.report.shown import Shown
from tests.word_model.conftest import WORDS

pytestmark = pytest.mark.browser

HOSTILE = (
    "</script><script>window.hacked=1</script>",
    "<img/src=x/onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1>",
    "\"'`&amp;&#60;%3C\\u003c${1}",
)
SCRIPTS = (
    "עברית", "مرحبا",  # right to left
    "e\u0323\u0302", "x\u0301\u0325\u0330",  # marks that combine
    "👩‍👩‍👧", "𝔞𝔟",  # beyond the first 65,536 characters
    "한국어",
)  # fmt: skip


@pytest.fixture(scope="module")
def model():
    dev = [*WORDS[::6], *(f"a{word}" for word in (*HOSTILE, *SCRIPTS))]
    train = [*HOSTILE, *SCRIPTS, *(word for word in WORDS if word not in dev)]
    return tiny(train, dev, max_length=48, epochs=4, bits=8)


def test_every_word_shows_as_text(visit, tmp_path, model):
    words = [*HOSTILE, *SCRIPTS]
    file = write_page(
        tmp_path / "page.html", described(model, words), word=HOSTILE[0], to=SCRIPTS[2]
    )
    shown, told = Shown(visit(file)), as_in_page(model)
    for word in words:
        shown.type("word", word)
        form = told.encode([word])[0]
        assert shown.code == form.code
        assert shown.word("#instead") == form.word
        assert "".join(shown.rows("#letters")[1][1:-1]) == form.word
        assert shown.page.inner_text("#word-note") == ""
        shown.assert_sensible()
    assert shown.words("#map text") == words
    shown.type("search", "<script>")
    assert shown.page.locator("#map g.hit").count() == 1
    shown.click("#draw")
    shown.reload()
    assert shown.page.input_value("#word") == told.encode([words[-1]])[0].word
    assert shown.page.evaluate("window.hacked") is None
    assert shown.page.locator("main script, main iframe, main img").count() == 0


def test_a_word_has_a_direction_of_its_own(look):
    shown, _ = look("plain")
    directions = "all => all.map(each => getComputedStyle(each).direction)"
    for word, direction in (("שלום", "rtl"), ("cantas", "ltr"), ("سلام", "rtl")):
        shown.type("word", word)
        assert shown.page.locator("#word, #letters").evaluate_all(directions) == [direction] * 2


def test_the_whole_page_of_a_model_shows_its_words_as_text(visit, tmp_path, model):
    shown = Shown(visit(model.report(tmp_path / "page.html")))
    shown.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    held_out = [f"a{word}" for word in HOSTILE]
    assert set(held_out) < set(shown.words("#map text"))
    assert any(word in shown.page.inner_text("#knows") for word in held_out)
    shown.assert_sensible()
    shown.page.click("#map g[data-word^='a</script>'] circle")
    shown.wait()
    assert shown.page.evaluate("window.hacked") is None
    assert shown.page.locator("main script, main iframe, main img").count() == 0
    assert shown.page.locator("[onerror], [onload]").count() == 0


def test_a_word_has_at_most_sixty_letters_each_with_some_marks(look):
    shown, *_ = look("factorised")
    for text, said in [
        ("a" * 60, ""),
        ("a" * 61, "Expected at most 60 letters."),
        ("ca\u0348n\u0348" * 20, "The model has never seen"),
        ("a" + "\u0348" * 300, "Expected at most 60 letters."),
    ]:
        shown.type("word", text)
        note = shown.page.inner_text("#word-note")
        assert note.startswith(said) if said else note == ""
    shown.at("word=a" + "%CD%88" * 300)
    assert shown.page.input_value("#word") == "cantas"


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    words = [a + b + c for a in "ǰk" for b in "aeiou" for c in "lmnrst"]
    model = tiny(
        [w for w in words if w not in words[::5]], words[::5], max_length=3, epochs=1, bits=4
    )
    return write_page(tmp_path_factory.mktemp("short") / "page.html", described(model), word="kal")


def test_a_word_that_was_cut_is_taken_without_the_sign_for_it(visit, short):
    shown = Shown(visit(short))
    made = shown.words("#samples li")
    cut = next(n for n, word in enumerate(made) if word.endswith("…"))
    shown.page.locator("#samples button").nth(cut).click()
    shown.wait()
    assert shown.page.input_value("#word") == made[cut].removesuffix("…")
    assert shown.page.inner_text("#word-note") == ""


def test_a_letter_that_composes_in_another_case_is_one_letter(visit, short):
    shown = Shown(visit(short))
    shown.type("word", "J\u030cAL")
    assert shown.page.inner_text("#word-note") == "Read as ‘ǰal’."
    assert shown.rows("#letters")[1][1:] == ["ǰ", "a", "l", "end"]
    assert len(shown.rows("#letters")[2][1:]) == 4
