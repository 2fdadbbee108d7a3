"""What a page tells becomes HTML that says all of it, and takes no text for markup."""

import dataclasses
import re
from html import escape
from html.parser import HTMLParser

import pytest

from lexbits.measures import Evaluation
from lexbits.measures.bit_features import BitFeature
from lexbits.measures.frozen import FrozenDict
from lexbits.report.again import again
from lexbits.report.facts import (
    Accounting,
    Again,
    Bit,
    Made,
    Origin,
    Point,
    Rebuilt,
    Rounding,
    Setting,
    SweepTold,
    Told,
    Turned,
)
from lexbits.report.sections import head, knows, title
from lexbits.report.sweep_sections import sweep_head, sweep_knows, sweep_title
from lexbits.training.floors import Floor

HOSTILE = "</script>\"'&<img src=x onerror=alert(1)>كتاب e\u0301 👩\u200d👧"
SVG = '<svg role="img"><title>a figure</title></svg>'
VOID = {"br", "meta", "img"}

ORIGIN = Origin(
    data=HOSTILE,
    language="",
    words={"train": 1200, "dev": 30, "test": 40},
    characters=("a", "<", "ב"),
    bits=3,
    network=HOSTILE,
    parameters=12345,
    epochs=10,
    best_epoch=8,
    version=HOSTILE,
    date=HOSTILE,
)
AGAIN = Again(
    command=HOSTILE,
    python=False,
    remarks=(HOSTILE,),
    settings=(Setting("bits", "3", "16", HOSTILE), Setting(HOSTILE, HOSTILE, HOSTILE, "kept")),
    notes=(HOSTILE,),
    advice=(f"Try `{HOSTILE}`.",),
    versions=(("torch", HOSTILE),),
    machine=((HOSTILE, "2"),),
    digests=((HOSTILE, "ab12"),),
)
METRICS = Evaluation(
    words=40, symbols=400, samples=10, elbo=-18.5, rate=4.0, distortion=14.5, nll=18.25,
    nll_by_samples=FrozenDict({"10": 18.25}), nll_se=0.5, perplexity_per_symbol=5.25, ess=5.0,
    mutual_information=3.75, marginal_kl=0.25, total_correlation=0.0, active_bits=2,
    unseen_words=0, unseen_characters=0, seen_nll=18.25,
)  # fmt: skip
ACCOUNTING = Accounting("test", METRICS, (HOSTILE,), (Floor(HOSTILE, 17.5),), SVG)
BITS = (
    Bit(
        1, 0.4, 0.5, True, 0.9, (Turned(HOSTILE, HOSTILE, "on"),),
        BitFeature(HOSTILE, 0.8, 0.1, 0.3),
    ),
    Bit(2, 0.5, 0.001, False),
    Bit(3, 0.6, 0.25, True, 0.0),
)  # fmt: skip
REBUILT = (Rebuilt("casa", "casa", "masa", ("casas", "casa")), Rebuilt(HOSTILE, HOSTILE, "x", ()))
TOLD = Told(
    ORIGIN, AGAIN, Rounding("half", -0.0012, 40), SVG, ACCOUNTING, SVG, BITS, SVG, 30, REBUILT,
    0.25, (Made(HOSTILE, "new"), Made("casa", "train")), HOSTILE,
)  # fmt: skip
POINT = Point(
    4.0,
    3,
    18.25,
    4.0,
    3.75,
    14.5,
    (0.25, -0.125, 0.5),
    0.02,
    Rounding("int8", 0.004, 40),
    REBUILT,
    (HOSTILE, "casa"),
)
SWEEP = SweepTold(
    ORIGIN,
    (
        dataclasses.replace(POINT, target=0.0, bits=0, beyond_plain=None, exact=None, rebuilt=()),
        POINT,
    ),
    40,
    (HOSTILE,),
    SVG,
    AGAIN,
)


class Reader(HTMLParser):
    """Reads HTML whose elements are all closed; keeps the text, and each element's attributes."""

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.elements = [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


SECTIONS = {
    "head": lambda: head(ORIGIN),
    "knows": lambda: knows(TOLD),
    "again": lambda: again(AGAIN, ORIGIN.characters),
    "head of a sweep": lambda: sweep_head(SWEEP),
    "a sweep": lambda: sweep_knows(SWEEP),
}


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_no_text_becomes_markup(section):
    found = Reader(section())
    assert HOSTILE in found.text
    assert {tag for tag, _ in found.elements}.isdisjoint({"script", "img"})
    names = {name for _, attributes in found.elements for name in attributes}
    assert not {name for name in names if name.startswith("on")}


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_tables_have_captions_and_heads_and_scroll(section):
    html = section()
    found = Reader(html)
    tables = html.count("<table>")
    assert html.count('<div class="scroll"><table><caption>') == tables
    assert all(a.get("scope") in ("col", "row") for tag, a in found.elements if tag == "th")


def test_words_of_the_data_run_in_their_own_direction():
    inside = re.findall(r"<bdi[^>]*>([^<]*)</bdi>", knows(TOLD))
    # turned off, a feature; a word and its mode; a word made up
    assert inside.count(escape(HOSTILE)) == 2 + 2 + 1
    inside = re.findall(r"<bdi[^>]*>([^<]*)</bdi>", sweep_knows(SWEEP))
    assert inside.count(escape(HOSTILE)) == 2 + 2
    assert '<bdi class="word">ב</bdi>' in again(AGAIN, ORIGIN.characters)


def test_all_figures_are_told():
    text = Reader(knows(TOLD)).text
    for said in ("18.25", "4.00", "3.75", "0.25", "14.50", "17.50", "5.25", "−0.0012", "25\u00a0%"):
        assert said in text
    assert "2 of 3 bits are in use" in text
    assert "Not in use (they tell at most 0.02 nats): 2." in text
    assert knows(TOLD).count(SVG) == 4


def test_what_comes_back_exactly_is_marked_by_a_sign_too():
    html = knows(TOLD)
    assert html.count("✓</span>") == 3
    assert '<bdi class="word same">casa</bdi> <span class="same" title="exactly">✓</span>' in html
    assert '<bdi class="word differs">masa</bdi>' in html


def test_without_bits_nothing_is_said_of_them():
    origin = dataclasses.replace(ORIGIN, bits=0)
    told = Told(origin, AGAIN, Rounding("half"), SVG, ACCOUNTING, made=TOLD.made)
    assert title(origin).endswith("without bits")
    text = Reader(head(origin) + knows(told)).text
    for unsaid in ("rate", "distortion", "What each bit does", "sent through"):
        assert unsaid not in text


def test_without_words_it_is_said_that_nothing_could_be_measured():
    told = Told(ORIGIN, AGAIN, Rounding("half"))
    assert "are not known here" in knows(told)


def test_many_bits_are_listed_by_what_they_know_the_rest_folded():
    bits = tuple(Bit(k + 1, 0.5, 0.03 + k / 1000, True) for k in range(256))
    html = knows(dataclasses.replace(TOLD, bits=bits))
    opened, folded = html.split("<details>")
    assert '<th scope="row" class="num">256</th>' in opened
    assert '<th scope="row" class="num">225</th>' in opened
    assert '<th scope="row" class="num">224</th>' in folded
    assert "224 more bits" in folded


def test_only_settings_that_differ_are_in_the_open():
    opened, _ = again(AGAIN).split("<details>", 1)
    assert "bits" in opened
    assert "kept" not in opened


def test_advice_shows_commands_as_such():
    assert f"Try <code>{escape(HOSTILE)}</code>." in again(AGAIN)
    assert "What another training" not in again(dataclasses.replace(AGAIN, advice=()))


def test_a_sweep_names_its_rates_and_what_comes_back_at_each():
    assert sweep_title(SWEEP) == f"What more bits buy: {HOSTILE} words"
    assert "2 small neural networks" in sweep_head(SWEEP)
    assert "may know, 4 nats; one has no bits" in sweep_head(SWEEP)
    text = Reader(sweep_knows(SWEEP)).text
    assert "without bits" in text
    assert "2.0\u00a0%" in text
    assert "8-bit whole numbers" in text
    assert "+0.0040" in text
    assert "+0.25 [−0.12, +0.50]" in text
    without = dataclasses.replace(SWEEP, points=(dataclasses.replace(POINT, beyond_plain=None),))
    assert "NLL − without bits" not in sweep_knows(without)
