"""Figures as elements of a page: nothing of a file is left, and nothing of the page is touched."""

import re
from xml.etree import ElementTree

import pytest
from matplotlib import rc_context

from lexbits.figures.inline import inlined
from lexbits.figures.style import VARIABLES, as_file, as_inline_svg, styled
from lexbits.figures.training import training_figure

from .test_training import course

TITLE = "How it went: <b>\"&'"


@pytest.fixture(scope="module")
def training():
    return as_inline_svg(training_figure([course()]), "training", TITLE)


def texts(svg):
    return ["".join(element.itertext()) for element in ElementTree.fromstring(svg).iter("text")]


def test_it_is_one_element_that_says_what_it_shows(training):
    root = ElementTree.fromstring(training)
    assert training.startswith("<svg ")
    assert root.get("role") == "img"
    assert (root[0].tag, root[0].text) == ("title", TITLE)
    assert "viewBox" in root.attrib
    assert not {"width", "height"} & {*root.keys()}


def test_it_holds_nothing_that_loads_or_that_styles_the_page(training):
    assert not re.search(r"http|xlink|xmlns|<style|<metadata|<\?|<!|@import|data:", training)
    references = re.findall(r'url\(([^)]*)\)|href="([^"]*)"', training)
    assert references
    assert all((a or b).startswith("#training-") for a, b in references)


def test_all_ids_begin_with_its_name_and_are_there_once(training):
    ids = re.findall(r' id="([^"]*)"', training)
    assert len({*ids}) == len(ids)
    assert ids[0] == "training"
    assert all(found.startswith("training-") for found in ids[1:])
    assert {*re.findall(r"[(\"]#([\w-]+)", training)} <= {*ids}


def test_text_is_text_in_the_font_of_the_page(training):
    assert {"ELBO, nats per word", "training", "6-gram", "epoch"} <= {*texts(training)}
    assert "font-size: 8px" in training
    assert "font-family" not in training


def test_every_colour_is_a_variable_that_falls_back_on_itself(training):
    assert "stroke: var(--blue, #0072b2)" in training
    assert "stroke: var(--line, #ebebeb)" in training
    assert "var(--ink, #000000)" in ElementTree.fromstring(training).get("style")
    outside = re.sub(r"var\(--[a-z]+, #[0-9a-f]{6}\)", "", training)
    assert not re.search(r"(fill|stroke): #", outside)


def test_it_is_transparent_and_small(training):
    styles = [element.get("style", "") for element in ElementTree.fromstring(training).iter()]
    filled = [style for style in styles if "fill: var(--paper" in style]
    assert filled
    assert all("opacity: 0.85" in style for style in filled)  # behind legends
    assert len(training) < 60_000


def test_names_of_runs_are_shown_as_they_are():
    names = [
        "<script>alert(1)</script>",
        "costs $5 or $x^2$",
        r"a\$b",
        "_hidden",
        "a\x01b\nc",
        "&amp;",
    ]
    found = as_inline_svg(training_figure([course(name) for name in names]), "a", "Six runs")
    assert {*names} - {*texts(found)} == {"a\x01b\nc"}
    assert "a\ufffdb\ufffdc" in texts(found)
    assert "<script" not in found


def test_a_name_that_the_font_lacks_is_text_in_a_page_and_no_warning_anywhere(recwarn):
    figure = training_figure([course("한국어"), course("b")])
    assert "한국어" in texts(as_inline_svg(figure, "a", "Two runs"))
    assert as_file(figure, "png")
    assert not recwarn.list


def test_a_dark_style_or_latex_of_whoever_draws_changes_nothing(training):
    drawn_white = ("text.color", "axes.edgecolor", "xtick.color", "ytick.labelcolor", "grid.color")
    dark = dict.fromkeys(drawn_white, "white") | {"axes.facecolor": "black"}
    with rc_context({**dark, "text.usetex": True}):
        drawn = as_inline_svg(training_figure([course()]), "training", TITLE)
    assert drawn == training


def test_a_part_with_a_gid_has_an_id_for_the_page():
    with styled((1, 1), 2) as (figure, ((axis,),)):
        axis.plot([1], [2], "o", gid="point-0-a")
    assert ' id="sweep-point-0-a"' in as_inline_svg(figure, "sweep", "A point")


def test_powers_of_ten_on_a_logarithmic_axis_are_text():
    with styled((1, 1), 2) as (figure, ((axis,),)):
        axis.plot([1, 1000], [2, 3])
        axis.set_xscale("log")
    assert any("10" in text for text in texts(as_inline_svg(figure, "log", "A curve")))


def test_type_of_an_older_matplotlib_keeps_its_size_only():
    text = b"""<text style="font: italic 8px 'DejaVu Sans', serif">a</text>"""
    svg = b'<svg viewBox="0 0 1 1">' + text + b"</svg>"
    assert '<text style="font-size: 8px">a</text>' in inlined(svg, "old", "Old", VARIABLES)
