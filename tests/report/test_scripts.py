"""The script of a page is short, strict, and leaves one name behind."""

import re
from importlib.resources import files

import pytest

REPORT = files("lexbits.report")
SCRIPTS = ("model.js", "page.js")
MOST_LINES, WIDEST = 500, 140


def lines(name):
    return REPORT.joinpath(name).read_text("utf-8").splitlines()


def test_the_script_can_be_read_in_one_sitting():
    assert sum(len(lines(name)) for name in SCRIPTS) <= MOST_LINES


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_line_needs_a_wide_screen(name):
    assert max(map(len, lines(name))) <= WIDEST


def test_all_of_it_is_strict_as_it_begins_so():
    assert lines(SCRIPTS[0])[0] == '"use strict";'


def test_it_has_one_global():
    beginnings = [line for name in SCRIPTS for line in lines(name) if re.match(r"\w", line)]
    assert beginnings == ["const lexbits = (() => {"]


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_asks_nothing_of_a_network_and_makes_no_markup_of_text(name):
    text = "\n".join(lines(name))
    assert not re.search(r"\bfetch\b|XMLHttpRequest|WebSocket|import\b|https?://(?!www\.w3)", text)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text)
