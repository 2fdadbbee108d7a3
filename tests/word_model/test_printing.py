"""A model says what it is, and results print in one line."""

import dataclasses

import pytest

from lexbits import WordModel
from tests.word_model.conftest import WORDS


def test_a_model_says_what_it_is(model, plain, tmp_path):
    best = min(record["dev_nll"] for record in model.history)
    characters = len(model.alphabet.characters)
    said = f"4 bits, {characters} characters, 50 train + 10 dev words, dev NLL {best:.2f}"
    assert repr(model).startswith(f"WordModel({said} nats per word at epoch ")
    assert repr(plain).startswith("WordModel(plain, without bits, ")
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    assert repr(loaded) == repr(model)[:-1] + f", from '{tmp_path / 'run'}')"


def test_a_model_is_described_without_reading_its_words(model, tmp_path):
    model.save(tmp_path / "run")
    loaded = WordModel.load(tmp_path / "run")
    (tmp_path / "run" / "splits" / "train.tsv").unlink()
    assert "50 train" in repr(loaded)
    assert repr(loaded.words) == "KnownWords(50 train, 10 dev)"


RESULTS = {
    "score": (lambda m: m.score(["canto"])[0], "canto: log P -"),
    "bound": (lambda m: m.lower_bound(WORDS), "60 words: NLL at most "),
    "evaluation": (lambda m: m.evaluate(WORDS, samples=2), "60 words: NLL "),
    "exact": (lambda m: m.exact(WORDS), "60 words: exact NLL "),
    "cost": (lambda m: m.exact_cost(WORDS), "16 codes × "),
    "information": (lambda m: m.information(WORDS), "mutual information "),
    "reconstruction": (lambda m: m.reconstruction(WORDS, search=True), "60 words: "),
    "gain": (lambda m: m.position_gain(WORDS), "60 words: the bits save "),
    "quality": (lambda m: m.sample_quality(20), "20 synthetic words: "),
    "sample": (lambda m: m.decode(["0101"])[0], ""),
    "encoding": (lambda m: m.encode(["canto"])[0], ""),
}


@pytest.mark.parametrize(("make", "said"), RESULTS.values(), ids=RESULTS)
def test_a_result_prints_in_one_short_line_and_stays_a_record(model, make, said):
    result = make(model)
    assert str(result).startswith(said)
    assert "\n" not in str(result) + repr(result)
    assert len(str(result)) < 200
    assert dataclasses.asdict(result)
    assert repr(result).startswith(type(result).__name__)
