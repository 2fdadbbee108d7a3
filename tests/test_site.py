"""The documentation as it is built: from its folder, in a browser, with the network off.

Where LEXBITS_SITE names the folder, as .ci/run does once it has built it, that is looked at: to
build it takes minutes.
"""

import importlib.util
import inspect
import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from benchmarks.chromium import opened

import lexbits

DOCS = Path(__file__).parents[1] / "docs"
SITE = os.environ.get("LEXBITS_SITE")
PAGE = """<head><link rel="stylesheet" href="style.css"><script src="data:,"></script></head>
<h1 id="here">It</h1> <a href="#here">h</a> <a href="a%20b.html#there">t</a> <a href="https://x.y">x</a>
<script>'<a href="nowhere.html">'</script><pre>&lt;a href=&quot;nowhere.html&quot;&gt;</pre>"""


def extension(name):
    pytest.importorskip("sphinx", reason="sphinx is not installed")
    spec = importlib.util.spec_from_file_location(name, DOCS / f"_ext/{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "index.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "a b.html").write_text('<h2 id="there">It</h2>', encoding="utf-8")
    (tmp_path / "style.css").touch()
    return tmp_path


def test_links_that_lead_somewhere_are_no_matter(folder):
    assert list(extension("links").broken(folder)) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (('"#here"', '"#her"'), "#her: there is no such place in it"),
        (("#there", "#nowhere"), "a%20b.html#nowhere: there is no such place in it"),
        (("a%20b.html", "ab.html"), "ab.html#there: there is no such file"),
        (("style.css", "https://x.y/z.css"), "https://x.y/z.css: fetched from elsewhere"),
        (("data:,", "//x.y/z.js"), "//x.y/z.js: fetched from elsewhere"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(change, wrong, folder):
    (folder / "index.html").write_text(PAGE.replace(*change), encoding="utf-8")
    assert list(extension("links").broken(folder)) == [f"index.html: {wrong}"]


def test_a_page_is_taken_away_as_a_notebook_that_stands_alone():
    pytest.importorskip("myst_nb", reason="myst-nb is not installed")
    notebook = extension("notebooks").notebook(
        "---\njupytext: {text_representation: {extension: .md, format_name: myst}}\n---\n"
        "# Bits\n\n[A page](../page.md) and [the web](https://x.y).\n\n"
        ":::{tip} Task\nDo it.\n:::\n\n"
        "```{code-cell} ipython3\n:tags: [hide-cell]\n1 + 1\n```\n"
    )
    text, code = notebook["cells"]
    assert text["source"].split() == (
        ["#", "Bits", "A", "page", "and", "[the", "web](https://x.y).", "**Task**", "Do", "it."]
    )
    assert code["source"] == "#@title The answer\n1 + 1"
    assert code["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}


def pages(*but):
    folder = Path(SITE or "").resolve()
    every = {page.relative_to(folder).as_posix(): page for page in folder.rglob("*.html")}
    return {name: every[name] for name in sorted(every) if not name.startswith(but)}


whole = pytest.mark.skipif(not SITE, reason="LEXBITS_SITE names no documentation that is built")


def elsewhere(asked):
    """Return those of the addresses that are no files of the site."""
    folder = Path(SITE).resolve()

    def there(address):
        parts = urlsplit(address)
        file = Path(unquote(parts.path))
        return parts.scheme in ("about", "data", "blob") or (
            parts.scheme == "file" and file.is_relative_to(folder) and file.is_file()
        )

    return [address for address in asked if not there(address)]


def look(browser, file, ask, **options):
    """Open a page that must ask for nothing but files of the site, and return what `ask` does."""
    with opened(browser, file, **options) as visited:
        found = ask(visited.page)
    assert elsewhere(visited.requests) == []
    assert visited.complaints == []
    return found


def settled(page):
    page.wait_for_function("!document.querySelector('.math:not(:has(mjx-container))')")


@whole
@pytest.mark.browser
def test_every_page_opens_without_a_network(browser):
    for file in pages("source/", "_made/", "_static/").values():
        look(browser, file, settled)


def formulas(page):
    page.wait_for_selector("mjx-container svg")
    settled(page)
    return page.evaluate("document.documentElement.scrollWidth")


@whole
@pytest.mark.browser
def test_formulas_are_drawn_and_fit_a_phone(browser):
    phone = {"width": 390, "height": 844}
    assert look(browser, pages()["estimators.html"], formulas, viewport=phone) <= 390


BACKGROUND = "body => getComputedStyle(body).backgroundColor"


def shade(colour):
    return sum(map(int, re.findall(r"\d+", colour)[:3]))


@whole
@pytest.mark.browser
def test_pages_are_dark_where_that_is_wished_for(browser):
    def background(page):
        return page.locator("body").evaluate(BACKGROUND)

    index = pages()["index.html"]
    assert shade(look(browser, index, background, color_scheme="light")) > 700
    assert shade(look(browser, index, background, color_scheme="dark")) < 100


@whole
@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_and_pages_in_frames_follow_the_switch(theme, browser):
    def pictures(page):
        return [place.get_attribute("src") for place in page.locator("img:visible").all()]

    def frame(page):
        page.locator("iframe.made").scroll_into_view_if_needed()
        return page.frame_locator("iframe.made").locator("body").evaluate(BACKGROUND)

    switched = {"init": f"localStorage.setItem('theme', '{theme}')", "color_scheme": "null"}
    assert look(browser, pages()["index.html"], pictures, **switched) == [
        f"_images/page-{theme}.png"
    ]
    assert (shade(look(browser, pages()["model.html"], frame, **switched)) < 100) == (
        theme == "dark"
    )


@whole
@pytest.mark.browser
def test_search_finds_a_term_without_a_network(browser):
    def search(page):
        page.goto(pages()["search.html"].as_uri() + "?q=Kneser")
        page.wait_for_selector(".search-summary:has-text('finished')")  # pages come one by one
        return page.locator("ul.search").inner_text()

    assert "ngram" in look(browser, pages()["search.html"], search)


@whole
def test_objects_are_linked_to_their_lines():
    page = pages()["reference/python/word-model.html"].read_text(encoding="utf-8")
    lines = re.findall(r'href="\.\./\.\./source/(src/[^"]+)\.html#L-(\d+)"', page)
    places = {(file, int(line)) for file, line in lines}
    for method in (lexbits.WordModel.fit, lexbits.WordModel.sample):
        function = inspect.unwrap(getattr(method, "__func__", method))
        file = Path(inspect.getsourcefile(function)).relative_to(DOCS.parent).as_posix()
        assert (file, inspect.getsourcelines(function)[1]) in places
