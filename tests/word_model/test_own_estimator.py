"""A class of estimators given to `fit`, and kept as text with the model."""

import pickle

import pytest

from lexbits import WordModel
from lexbits.config import to_toml
from lexbits.errors import LexbitsWarning, UsageError
from lexbits.estimators import own
from lexbits.estimators.disarm import Disarm
from lexbits.estimators.rloo import Rloo

pytestmark = pytest.mark.filterwarnings("ignore::lexbits.errors.LexbitsWarning")

WORDS = [a + b + c for a in ("ba", "de", "ki") for b in ("mo", "su", "le") for c in "nrst"]
TINY = {"bits": 4, "hidden_size": 16, "epochs": 1, "synthetic_words": 0}


class Mine(Rloo):
    """Leave-one-out, counted."""

    calls = 0

    def _estimate(self, q, f, samples):
        Mine.calls += 1
        return super()._estimate(q, f, samples)


def test_a_class_is_trained_with_and_its_source_is_kept(tmp_path, monkeypatch):
    model = WordModel.fit(WORDS, estimator=Mine, **TINY)
    assert Mine.calls
    assert model.settings.estimator == f"{__name__}:Mine"
    assert f'estimator = "{__name__}:Mine"' in to_toml(model.settings)
    model.save(tmp_path / "model")
    monkeypatch.setattr(own, "_TAKEN", {})
    loaded = WordModel.load(tmp_path / "model")
    assert loaded.sample(3, seed=1) == model.sample(3, seed=1)
    assert "class Mine(Rloo)" in loaded.estimator_source
    again = pickle.loads(pickle.dumps(model))
    assert again.estimator_source == loaded.estimator_source
    loaded.save(tmp_path / "copy")
    kept = (tmp_path / "copy" / "estimator.py").read_text(encoding="utf-8")
    assert kept == model.estimator_source


def test_estimators_are_compared_by_class_and_by_name_on_any_words():
    model = WordModel.fit(WORDS, **TINY)
    named = ["rloo", Mine]
    found = model.compare_estimators(WORDS[:9], estimators=named, batch=4, repeats=3)
    assert [row.estimator for row in found] == ["rloo", f"{__name__}:Mine"]
    assert found[0].variance > 0
    again = model.compare_estimators(WORDS[:9], estimators=["rloo"], batch=4, repeats=3)
    assert again[0].variance == found[0].variance
    with pytest.warns(LexbitsWarning, match="left out: leg, needs 5 evaluations"):
        model.compare_estimators(estimators=["rloo", "leg"], batch=4, repeats=2)
    with pytest.raises(UsageError, match=r"no estimator can be compared with a budget of 1: rloo"):
        model.compare_estimators(estimators=["rloo"], budget=1)
    with pytest.raises(UsageError, match="unknown estimator 'rlo'; did you mean 'rloo'"):
        model.compare_estimators(estimators=["rlo"])
    with pytest.raises(UsageError, match="expected repeats to be at least 2, found 1"):
        model.compare_estimators(repeats=1)


def test_a_model_of_an_estimator_of_lexbits_keeps_none(tmp_path):
    model = WordModel.fit(WORDS, estimator=Rloo, **TINY)
    assert (model.settings.estimator, model.estimator_source) == ("rloo", None)
    model.save(tmp_path / "model")
    assert not (tmp_path / "model" / "estimator.py").exists()


def test_a_class_whose_source_is_not_left_is_said_when_the_model_is_saved(tmp_path):
    typed = type("Typed", (Rloo,), {"__module__": "__main__"})
    model = WordModel.fit(WORDS, estimator=typed, **TINY)
    with pytest.warns(LexbitsWarning, match=r"source of the estimator __main__:Typed is not avail"):
        model.save(tmp_path / "model")
    assert WordModel.load(tmp_path / "model").estimator_source is None


class OfFactorised(Disarm):
    """Needs independent bits."""


class Awkward(Rloo):
    """Is made with something else."""

    def __init__(self, bits):
        super().__init__(bits, 1)


@pytest.mark.parametrize(
    ("estimator", "settings", "message"),
    [
        (Rloo(4, 4), {}, "found an instance of Rloo; give Rloo itself"),
        (dict, {}, "expected a subclass of lexbits.estimators.Estimator"),
        (OfFactorised, {"posterior": "made"}, "OfFactorised needs a factorised posterior"),
        (Awkward, {}, "made with bits and features, found TypeError"),
        ("nothing.py:Mine", {}, "expected a file with an estimator, found none there"),
    ],
)
def test_what_cannot_be_trained_with_is_refused_before_anything_is_done(
    estimator, settings, message
):
    with pytest.raises(UsageError, match=message):
        WordModel.fit(WORDS, estimator=estimator, **TINY | settings)
