"""What a model returns is a list of records that prints as a table and does not change."""

import copy
import dataclasses
import doctest
import json
import pickle
import sys

import pandas
import pytest

from lexbits.word_model import records
from lexbits.word_model.records import Records
from lexbits.word_model.results import Encoding, PathPoint, Reconstruction, Sample
from tests.word_model.conftest import WORDS

PATH = Records([PathPoint(0.0, "01", "casa"), PathPoint(1.0, "10", "日本")])

LISTS = {
    "score": lambda m: m.score(WORDS),
    "encode": lambda m: m.encode(WORDS),
    "sample": lambda m: m.sample(30, seed=1),
    "new": lambda m: m.sample(3, seed=1, new_only=True),
    "decode": lambda m: m.decode(["0101", "1111"]),
    "reconstruct": lambda m: m.reconstruct(WORDS[:3], search=True),
    "interpolate": lambda m: m.interpolate("canto", "hablan"),
    "scored": lambda m: m.sample(3, seed=1, score=True),
}
OTHERS = {
    "bits": lambda m: m.bit_usage(WORDS),
    "estimators": lambda m: m.compare_estimators(WORDS, estimators=["rloo", "disarm"], repeats=3),
    "history": lambda m: m.history,
}
FIGURES = {
    "bound": lambda m: m.lower_bound(WORDS),
    "evaluation": lambda m: m.evaluate(WORDS, samples=2),
    "exact": lambda m: m.exact(WORDS),
    "information": lambda m: m.information(WORDS),
    "reconstruction": lambda m: m.reconstruction(WORDS),
    "gain": lambda m: m.position_gain(WORDS),
    "quality": lambda m: m.sample_quality(20),
}


@pytest.mark.parametrize("make", LISTS.values(), ids=LISTS)
def test_a_list_of_results_is_a_list_in_all_but_how_it_prints(make, model):
    found = make(model)
    assert isinstance(found, list)
    assert found == list(found)
    assert "\n".join(map(str, found)) == "\n".join(str(record) for record in list(found))
    for other in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found), found.copy()):
        assert other == found
        assert type(other) is Records
    assert json.loads(json.dumps([dataclasses.asdict(record) for record in found]))
    assert len(repr(found).splitlines()) > 1
    assert found[0].word in repr(found)


@pytest.mark.parametrize("make", LISTS.values(), ids=LISTS)
def test_a_list_of_results_is_a_data_frame_with_a_column_for_each_field(make, model):
    found = make(model)
    frame = pandas.DataFrame(found)
    assert list(frame.columns) == [field.name for field in dataclasses.fields(found[0])]
    assert list(frame["word"]) == [record.word for record in found]


@pytest.mark.parametrize("make", [*LISTS.values(), *OTHERS.values()], ids=[*LISTS, *OTHERS])
def test_every_list_and_its_parts_and_sums_are_data_frames_and_plain_data(make, model):
    found = make(model)
    assert type(found) is Records
    for part in (found, found[1:], found[:1] + found[1:], sum([found, found], Records())):
        rows = part.to_dicts()
        assert json.loads(json.dumps(rows, allow_nan=False)) == rows
        assert list(pandas.DataFrame(part).columns) == list(pandas.DataFrame(rows).columns)
        assert len(pandas.DataFrame(part)) == len(rows) == len(part)


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_figures_are_plain_data_and_tables(make, model):
    found = make(model)
    rows = found.to_dict()
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows
    assert list(rows) == [field.name for field in dataclasses.fields(found)]
    assert list(pandas.DataFrame([found]).columns) == list(rows)
    assert found._repr_html_().count("<table>") >= 1


def test_the_history_is_a_list_of_dictionaries_that_prints_as_a_table(model):
    history = model.history
    assert history == list(history) == json.loads(json.dumps(history))
    assert all(type(record) is dict for record in history)
    for other in (pickle.loads(pickle.dumps(model)).history, copy.deepcopy(history)):
        assert other == history
        assert type(other) is Records
    names, *rows, more = repr(history).splitlines()
    assert names.split()[:3] == ["epoch", "step", "learning_rate"]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert more == "more columns: samples"
    assert "<p>more columns: samples</p>" in history._repr_html_()


def test_dictionaries_need_not_have_the_same_names():
    found = Records(
        [{"epoch": 1, "nll": 2.0}, {"epoch": 2, "rate": 0.5}, {"epoch": 3, "nll": None}]
    )
    assert [line.split() for line in repr(found).splitlines()] == [
        *(["epoch", "nll", "rate"], ["1", "2.000"], ["2", "0.500"], ["3"]),
    ]
    assert repr(Records([{}])) == "[{}]"


def test_where_the_mouse_rests_a_table_says_what_a_column_is():
    head = PATH._repr_html_().splitlines()[1]
    assert 'title="0 at the first word&#x27;s posterior, 1 at the second&#x27;s."' in head


def test_a_number_that_is_not_finite_is_none_in_plain_data():
    assert Records([PathPoint(float("nan"), "0", "a")]).to_dicts()[0]["position"] is None


@pytest.mark.parametrize("make", [*LISTS.values(), *FIGURES.values()], ids=[*LISTS, *FIGURES])
def test_records_do_not_change(make, model):
    found = make(model)
    record = found[0] if isinstance(found, list) else found
    assert isinstance(hash(record), int)
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.word = "other"
    for field in dataclasses.fields(record):
        with pytest.raises(TypeError):
            getattr(record, field.name)[0] = 0


def test_the_figures_by_samples_can_be_read_and_kept_but_not_changed(model):
    found = model.evaluate(WORDS, samples=2).nll_by_samples
    assert {**found} == found == pickle.loads(pickle.dumps(found)) == copy.deepcopy(found)
    for change in (found.clear, found.popitem, lambda: found.update({"1": 0.0})):
        with pytest.raises(TypeError, match=r"cannot be changed; dict\(...\) can"):
            change()


def test_columns_stand_in_line_also_where_letters_are_wide():
    assert repr(PATH).splitlines() == [
        "position  code  word",
        "   0.000  01    casa",
        "   1.000  10    日本",
    ]


def test_columns_are_named_as_the_fields_are(model):
    names = repr(model.score(["canto"])).splitlines()[0].split()
    assert names == ["word", "log_prob", "standard_error", "bits_per_symbol", "symbols", "ess"]


def test_a_part_a_sum_and_a_copy_print_as_tables_too():
    assert repr(PATH[1:]) == repr(Records([PATH[1]]))
    assert repr(PATH[:1] + PATH[1:]) == repr(PATH.copy()) == repr(PATH)
    assert type(PATH[0]) is PathPoint


def test_of_a_long_list_the_ends_are_shown_and_how_many_there_are():
    points = Records(PathPoint(float(i), "0", f"word-{i}") for i in range(2000))
    lines = repr(points).splitlines()
    assert len(lines) == 13
    assert [line.split()[-1] for line in lines] == [
        *("word", *(f"word-{i}" for i in range(5)), "…"),
        *(*(f"word-{i}" for i in range(1995, 2000)), "rows"),
    ]
    assert lines[-1] == "2,000 rows"
    assert "…" not in repr(points[:20])
    html = points._repr_html_()
    assert html.count("<tr>") == 12
    assert "<p>2,000 rows</p>" in html
    assert "<p>" not in points[:20]._repr_html_()


def test_a_column_without_anything_in_it_is_not_shown():
    known, unseen = (Encoding("casa", "01", (0.1, 0.9), 1.0, seen) for seen in ("", "ß"))
    assert repr(Records([known])).split("\n")[0].split() == ["word", "code", "rate"]
    assert "unseen" in repr(Records([known, unseen]))
    bare = Reconstruction("casa", "01", "caso", "cosa", (), False, "")
    assert repr(Records([bare])).splitlines()[0].split() == [
        "word",
        "code",
        "mode",
        "mean",
        "exact",
    ]


def test_what_is_no_list_of_one_kind_of_record_prints_as_any_list():
    assert repr(Records()) == "[]"
    assert repr(Records(["a", 1])) == "['a', 1]"
    assert repr(Records([PATH[0], "a"])) == f"[{PATH[0]!r}, 'a']"
    assert Records()._repr_html_() is None


def test_on_a_narrow_terminal_columns_that_do_not_fit_are_named(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "16")
    assert repr(PATH).splitlines()[0] == "position  code"
    assert repr(PATH).splitlines()[-1] == "more columns: word"
    monkeypatch.setenv("COLUMNS", "3")
    assert repr(PATH).splitlines()[0] == "position"


def test_a_word_is_never_taken_for_html():
    html = Records([PathPoint(0.0, "0", "<b>&")])._repr_html_()
    assert "&lt;b&gt;&amp;" in html
    assert "<b>" not in html


def test_a_line_end_in_a_word_breaks_no_row():
    assert len(repr(Records([PathPoint(0.0, "0", "a\nb")])).splitlines()) == 2


def test_samples_still_print_as_words(model):
    found = model.sample(3, seed=1)
    assert f"{found[0]} {found[1]}" == f"{found[0].word} {found[1].word}"
    assert isinstance(found[0], Sample)


def test_the_example_prints_as_it_says():
    assert doctest.testmod(records) == (0, 4)
