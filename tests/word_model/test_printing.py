"""A model says what it is, and results print in one line."""

import dataclasses
import re
from pathlib import Path

import pytest

from lexbits import WordModel
from lexbits.data.known import KnownWords
from tests.word_model.conftest import WORDS

OLD = Path(__file__).parents[1] / "old_runs/0.1.0"


def test_a_model_says_in_three_lines_what_it_is(model, plain):
    best = min(model.history, key=lambda record: record["dev_score"])
    characters = len(model.alphabet.characters)
    data, sizes, bits = repr(model).splitlines()
    words = "words given from Python: 50 train + 10 dev words"
    assert data == f"WordModel of {words}, {characters} characters"
    assert re.fullmatch(r"  4 bits, LSTM of 16 units, [\d,]+ parameters; best epoch .*", sizes)
    assert f"epoch {best['epoch']} of 2: dev NLL {best['dev_nll']:.2f} nats per word" in sizes
    assert bits.startswith("  the bits are ignored: mutual information 0.")
    assert bits.endswith(f"rate {best['dev_rate']:.2f}, {best['dev_active_bits']} of 4 active")
    assert repr(plain).splitlines()[2] == "  without bits: a plain language model"


def test_a_model_that_was_loaded_says_from_where(model, tmp_path):
    model.save(tmp_path / "run")
    (data, *others), (known, *same) = (
        repr(each).splitlines() for each in (WordModel.load(tmp_path / "run"), model)
    )
    assert data == f"{known}, from '{tmp_path / 'run'}'"
    assert others == same


def test_of_a_run_of_the_first_version_all_three_lines_are_there():
    data, sizes, bits = repr(WordModel.load(OLD)).splitlines()
    assert data.startswith("WordModel of simplemma:es: 313 train + 46 dev + 41 test words, ")
    assert "dev NLL 32.15 nats per word" in sizes
    assert bits.endswith("of 6 active")


def test_a_model_without_history_says_that_it_has_none(model):
    bare = WordModel(model.settings, model.alphabet, model.network, KnownWords(dict))
    assert repr(bare).splitlines() == [
        f"WordModel of words of unknown origin, {len(model.alphabet.characters)} characters",
        f"{repr(model).splitlines()[1].split(';')[0]}; how it was trained is unknown",
        "  what the bits know was not measured: evaluate(words) does",
    ]


def test_bits_that_know_something_are_said_to_be_used(model):
    record = {**model.history[0], "dev_mutual_information": 2.5, "dev_active_bits": 3}
    told = WordModel(model.settings, model.alphabet, model.network, model.words, [record])
    assert "the bits are used: mutual information 2.50 nats" in repr(told)


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
