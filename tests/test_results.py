"""A result is plain data in one call, and shows in a notebook what its docstring says it is."""

import dataclasses
import doctest
import json
import math
import pickle
from html.parser import HTMLParser

import pytest

from lexbits import results
from lexbits.checking import Check, Measurement
from lexbits.likelihood.cost import Cost
from lexbits.measures.estimator_comparison import Comparison
from lexbits.measures.evaluation import Evaluation
from lexbits.measures.frozen import FrozenDict
from lexbits.measures.gaps import ExactEvaluation
from lexbits.measures.information import Information
from lexbits.measures.position_gain import Gain, PositionGain
from lexbits.measures.reconstruction import ReconstructionQuality
from lexbits.measures.sample_quality import SampleQuality, WordMetrics
from lexbits.results import Result, as_json, meanings
from lexbits.word_model.results import (
    BitUsage,
    Bound,
    Encoding,
    PathPoint,
    Reconstruction,
    Sample,
    Score,
)

KINDS = [
    *(BitUsage, Bound, Check, Comparison, Cost, Encoding, Evaluation, ExactEvaluation, Gain),
    *(Information, Measurement, PathPoint, PositionGain, Reconstruction, ReconstructionQuality),
    *(Sample, SampleQuality, Score, WordMetrics),
]


@dataclasses.dataclass(frozen=True)
class Length(Result):
    """A length, in
    metres.

    Attributes:
        by_name: each.
        least: the `least` of them, which
            takes two lines.
        most: of all: the <most>.

    Examples:
        >>> most: no attribute
    """

    by_name: FrozenDict[str, float]
    least: float
    most: float | None = None


class Texts(HTMLParser):
    """The cells of all tables, and what stands outside of them."""

    def __init__(self, html):
        super().__init__()
        self.rows, self.outside, self.inside = [], [], False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        self.inside = self.inside or tag in ("td", "th")
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data
        elif data.strip():
            self.outside.append(data.strip())


@pytest.mark.parametrize("kind", KINDS)
def test_every_result_says_what_each_of_its_fields_means(kind):
    assert issubclass(kind, Result)
    assert list(meanings(kind)) == [field.name for field in dataclasses.fields(kind)]


def test_meanings_are_those_of_the_docstring_in_one_line():
    assert meanings(Length) == {
        "by_name": "each.",
        "least": "the least of them, which takes two lines.",
        "most": "of all: the <most>.",
    }
    assert meanings(Result) == meanings(int) == {}


def test_a_result_shows_what_it_is_and_what_its_fields_mean():
    found = Texts(Length(FrozenDict({"a": 1.0, "b": 2.0}), 1.0, 2.5)._repr_html_())
    assert found.outside == ["Length", "A length, in metres."]
    assert found.rows == [
        ["name", "value", "meaning"],
        ["by_name", "a: 1.000, b: 2.000", "each."],
        ["least", "1.000", "the least of them, which takes two lines."],
        ["most", "2.500", "of all: the <most>."],
    ]


def test_fields_without_anything_in_them_are_not_shown():
    found = Texts(Length(FrozenDict(), 0.0)._repr_html_())
    assert [row[0] for row in found.rows] == ["name", "least"]


def test_without_docstrings_there_are_no_meanings(monkeypatch):
    monkeypatch.setattr(Length, "__doc__", None)
    found = Texts(Length(FrozenDict(), 1.0)._repr_html_())
    assert found.rows == [["name", "value"], ["least", "1.000"]]


def test_nothing_in_a_result_is_taken_for_html():
    html = PathPoint(0.0, "<i>", "</td><script>")._repr_html_()
    assert "<i>" not in html
    assert "<script>" not in html
    assert Texts(html).rows[-1][:2] == ["word", "</td><script>"]


def test_lists_inside_stand_beside_each_other():
    gains = (Gain(1, 0.5, 3), Gain(2, -0.25, 2))
    found = Texts(PositionGain(3, 0.25, gains, gains[:1])._repr_html_())
    assert found.rows[:3] == [
        ["name", "value", "meaning"],
        ["words", "3", "number of words."],
        ["total", "0.250", meanings(PositionGain)["total"]],
    ]
    assert found.rows[3:] == [
        *(["position", "gain", "words"], ["1", "0.500", "3"], ["2", "-0.250", "2"]),
        *(["position", "gain", "words"], ["1", "0.500", "3"]),
    ]
    assert found.outside[2:] == [
        *("from_start", meanings(PositionGain)["from_start"]),
        *("from_end", meanings(PositionGain)["from_end"]),
    ]


def test_results_of_one_kind_inside_are_columns_of_one_table():
    figures = WordMetrics(9, 0.5, None, 1.0, 0.25, 0.0, 1.5, 20.0, 2.0, 21.0, 2.5)
    quality = SampleQuality(
        5, 4, 100, 50, 9, figures, figures, dataclasses.replace(figures, nll=7.0)
    )
    rows = {row[0]: row for row in Texts(quality._repr_html_()).rows if len(row) == 5}
    assert rows["name"] == ["name", "model", "ngram", "held_out", "meaning"]
    assert rows["nll"][1:4] == ["20.000", "20.000", "7.000"]
    assert "empty" not in rows


def test_a_result_is_plain_data_in_one_call():
    gains = (Gain(1, math.nan, 3),)
    assert PositionGain(3, math.inf, gains, ()).to_dict() == {
        "words": 3,
        "total": None,
        "from_start": [{"position": 1, "gain": None, "words": 3}],
        "from_end": [],
    }
    found = Length(FrozenDict({"a": 1.0}), 1.0).to_dict()
    assert json.dumps(found) == '{"by_name": {"a": 1.0}, "least": 1.0, "most": null}'
    assert type(found["by_name"]) is dict


def test_other_values_stay_what_they_are():
    assert as_json([1, "a", None, True, (0.5, -math.inf)]) == [1, "a", None, True, [0.5, None]]


def test_a_result_stays_a_record():
    point = PathPoint(0.0, "01", "casa")
    assert pickle.loads(pickle.dumps(point)) == point
    assert repr(point) == "PathPoint(position=0.0, code='01', word='casa')"
    assert dataclasses.asdict(point) == point.to_dict()


def test_the_example_prints_as_it_says():
    assert doctest.testmod(results) == (0, 2)
