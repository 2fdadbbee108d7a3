"""What a model shows of itself, from Python."""

import shutil
from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.errors import UsageError

from .conftest import WORDS, fit

OLD = Path(__file__).parents[1] / "old_runs" / "0.1.0"


def rows(figure):
    (axis,) = figure.axes
    return [label.get_text() for label in axis.get_yticklabels()]


def test_the_accounting_is_that_of_the_held_out_words(model):
    held_out = model._held_out()
    found = model.evaluate(held_out)
    said = rows(model.figure(kind="accounting"))
    assert said[:3] == [
        f"−ELBO {-found.elbo:.2f}", f"rate {found.rate:.2f}", f"NLL {found.nll:.2f}",
    ]  # fmt: skip
    assert [name.partition("-")[2].split()[0] for name in said[3:]] == ["gram"]


def test_floors_are_measured_on_the_same_words(model):
    (floor,) = model._floors_on(["cantamos", "saltaste"])
    (other,) = model._floors_on(["xxxx"])
    assert floor.name == other.name
    assert floor.nll < other.nll


def test_a_teacher_is_a_floor_where_it_is_there(tmp_path):
    shutil.copytree(OLD, tmp_path / "run")
    model = WordModel.load(tmp_path / "run")
    words = model._held_out()
    teacher = WordModel.load(tmp_path / "run" / "teachers" / "1").evaluate(words)
    ngram, plain = model._floors_on(words)
    assert (ngram.name[1:], plain.name) == ("-gram", "plain teacher")
    assert plain.nll == pytest.approx(teacher.nll)
    assert f"plain teacher {teacher.nll:.2f}" in rows(model.figure(kind="accounting"))
    shutil.rmtree(tmp_path / "run" / "teachers")
    assert model._floors_on(words) == [ngram]


def test_gain_and_bits_are_those_that_are_measured(model):
    gain = model.position_gain(model._held_out())
    start = model.figure(kind="gain").axes[0]
    assert [*start.lines[1].get_ydata()] == [found.gain for found in gain.from_start]
    usage = sorted((use.nats for use in model.bit_usage()), reverse=True)
    bars = model.figure(kind="bits").axes[0].patches
    assert [bar.get_height() for bar in bars] == pytest.approx(usage)


def test_several_models_are_drawn_side_by_side(model, plain):
    other = fit(WORDS, seed=2)
    assert len(rows(model.figure(other, plain, kind="accounting"))) == 3
    assert len(model.figure(other, kind="gain").legends[0].get_texts()) == 2


def test_what_cannot_be_drawn_is_refused_in_a_line(model, plain):
    with pytest.raises(UsageError, match="one of training, accounting, gain, bits, found the text"):
        model.figure(kind="codes")
    for kind in ("gain", "bits"):
        with pytest.raises(UsageError, match=rf"model has no bits \(bits = 0\), so no '{kind}'"):
            plain.figure(kind=kind)
    with pytest.raises(UsageError, match="bits are drawn of one model, found 2"):
        model.figure(fit(WORDS, seed=2), kind="bits")
    with pytest.raises(UsageError, match="expected models to draw beside, found the text"):
        model.figure("accounting")
    with pytest.raises(UsageError, match="no bits"):
        model.figure(plain, kind="gain")
