"""A trained model computes in the precision that it is asked to compute in."""

import copy
import pickle

import pytest

from lexbits import WordModel
from lexbits.errors import UsageError
from lexbits.training import devices
from lexbits.training.devices import cpu_has_bf16
from tests.word_model.conftest import WORDS, fit

pytestmark = pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")

NUMBERS = {
    "score": lambda m: [s.log_prob for s in m.score(WORDS[:7], samples=20)],
    "evaluate": lambda m: [m.evaluate(WORDS, samples=20).nll],
    "exact": lambda m: [m.exact(WORDS[:9]).exact_nll],
    "lower bound": lambda m: [m.lower_bound(WORDS[:9], codes=20).nll_upper_bound],
    "gain": lambda m: [m.position_gain(WORDS).total],
    "decode": lambda m: [d.log_prob_given_code for d in m.decode(["0101"], score=True)],
}


@pytest.fixture
def in_bf16(model):
    loaded = copy.deepcopy(model)
    loaded.precision = "bf16"
    return loaded


@pytest.mark.parametrize("what", NUMBERS)
def test_numbers_are_near_those_in_fp32_and_not_the_same(model, in_bf16, what):
    wanted, found = NUMBERS[what](model), NUMBERS[what](in_bf16)
    assert found == pytest.approx(wanted, abs=0.05)
    assert found != wanted


def test_bits_are_the_same(model, in_bf16):
    assert [e.code for e in in_bf16.encode(WORDS)] == [e.code for e in model.encode(WORDS)]
    assert in_bf16.evaluate(WORDS).rate == model.evaluate(WORDS).rate
    assert in_bf16.information(WORDS) == model.information(WORDS)


def test_words_can_be_drawn_and_rebuilt(in_bf16):
    assert len(in_bf16.sample(5, seed=1)) == 5
    assert len(in_bf16.sample(3, seed=1, ends_with="o", score=True)) == 3
    assert len(in_bf16.reconstruct(WORDS[:3], search=True)) == 3


def test_it_is_said_when_a_model_is_loaded_and_fp32_unless_it_is(model, tmp_path):
    model.save(tmp_path / "saved")
    found = WordModel.load(tmp_path / "saved", precision="bf16")
    assert found.precision == found.network.decoder.precision == "bf16"
    assert WordModel.load(tmp_path / "saved").precision == "fp32"


def test_a_model_trained_in_bf16_computes_in_fp32_unless_asked_otherwise():
    found = fit(WORDS, precision="bf16", epochs=1)
    assert (found.settings.precision, found.precision) == ("bf16", "fp32")
    assert found.fit_more(epochs=1).settings.precision == "bf16"


def test_fit_says_what_auto_came_to(monkeypatch):
    for fast, expected in ((True, "bf16"), (False, "fp32")):
        monkeypatch.setattr(devices, "has_fast_bf16", lambda _, there=fast: there)
        found = fit(WORDS, hidden_size=128, epochs=1, synthetic_words=0.0)
        assert found.settings.precision == expected


def test_a_pickle_keeps_it_and_a_machine_without_it_computes_in_fp32(in_bf16, monkeypatch):
    content = pickle.dumps(in_bf16)
    assert pickle.loads(content).precision == "bf16"
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: False)
    assert pickle.loads(content).precision == "fp32"


def test_what_is_not_there_is_refused(model, tmp_path, monkeypatch):
    model.save(tmp_path / "saved")
    with pytest.raises(UsageError, match=r"precision to be one of fp32, bf16, found .*'half'"):
        WordModel.load(tmp_path / "saved", precision="half")
    monkeypatch.setattr(devices, "cpu_has_bf16", lambda: False)
    with pytest.raises(UsageError, match="precision bf16: this processor has no such arithmetic"):
        WordModel.load(tmp_path / "saved", precision="bf16")
    with pytest.raises(UsageError, match="precision bf16: this processor has no such arithmetic"):
        model.precision = "bf16"
    assert model.precision == "fp32"
