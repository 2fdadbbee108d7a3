"""Every method refuses what it cannot work with, before it works, in one line."""

import numpy as np
import pytest

from lexbits import WordModel
from lexbits.errors import LexbitsError, LexbitsWarning, UsageError
from tests.word_model.conftest import TINY, WORDS

OF_WORDS = (
    *("encode", "reconstruct", "score", "evaluate", "exact", "exact_cost", "lower_bound"),
    *("information", "reconstruction", "position_gain"),
)
NO_WORDS = {
    "a text": "canto",
    "bytes": b"canto",
    "a number": 5,
    "nothing": None,
    "no words": [],
    "an empty word": ["canto", ""],
    "nan": ["canto", float("nan")],
    "a tuple in the list": [("canto", "hablo")],
}


@pytest.mark.parametrize("words", NO_WORDS.values(), ids=NO_WORDS)
@pytest.mark.parametrize("method", OF_WORDS)
def test_what_is_no_list_of_words_is_refused(model, method, words):
    with pytest.raises(UsageError, match="expected"):
        getattr(model, method)(words)


@pytest.mark.parametrize("method", OF_WORDS)
def test_anything_that_holds_words_is_taken(model, method):
    ask = getattr(model, method)
    alike = [ask(words) for words in (["canto", "hablo"], np.array(["canto", "hablo"]))]
    alike.append(ask(word for word in ("canto", "hablo")))
    if method not in ("exact_cost", "information"):  # a time, a tensor
        assert alike[0] == alike[1] == alike[2]


@pytest.mark.parametrize("method", OF_WORDS)
def test_bad_words_can_be_skipped(model, method):
    with pytest.warns(LexbitsWarning, match=r"1 bad word left out; the first: words\[1\]"):
        getattr(model, method)(["canto", None, "hablo"], skip_bad=True)


CALLS = {
    "fit on a text": lambda m: WordModel.fit("\n".join(WORDS)),
    "fit with a text as dev": lambda m: WordModel.fit(WORDS, dev="canto"),
    "fit with no dev": lambda m: WordModel.fit(WORDS, dev=[]),
    "fit on nothing": lambda m: WordModel.fit([], dev=WORDS),
    "fit with another preset": lambda m: WordModel.fit(WORDS, preset="quik"),
    "fit with a number as preset": lambda m: WordModel.fit(WORDS, preset=3),
    "fit with True for a number": lambda m: WordModel.fit(WORDS, bits=True),
    "fit with nan": lambda m: WordModel.fit(WORDS, learning_rate=float("nan")),
    "fit elsewhere": lambda m: WordModel.fit(WORDS, device="abacus"),
    "fit with half a surrogate pair": lambda m: WordModel.fit([*WORDS, "\ud83d"]),
    "load nothing": lambda m: WordModel.load(None),
    "load bytes": lambda m: WordModel.load(b"run"),
    "load elsewhere": lambda m: WordModel.load("run", device=3),
    "save nowhere": lambda m: m.save(""),
    "save to no name": lambda m: m.save("a\ud83d"),
    "save with no flag": lambda m: m.save("run", overwrite="yes"),
    "sample a text": lambda m: m.sample("5"),
    "sample a fraction": lambda m: m.sample(2.5),
    "sample True": lambda m: m.sample(True),
    "sample nothing": lambda m: m.sample(0),
    "sample too much": lambda m: m.sample(10**12),
    "sample at nan": lambda m: m.sample(1, temperature=float("nan")),
    "sample at a text": lambda m: m.sample(1, temperature="1"),
    "sample in another way": lambda m: m.sample(1, decode="Greedy"),
    "sample in no way": lambda m: m.sample(1, decode=None),
    "sample with a negative seed": lambda m: m.sample(1, seed=-1),
    "sample with a fraction as seed": lambda m: m.sample(1, seed=1.5),
    "sample a code that is a number": lambda m: m.sample(1, code=101),
    "sample with no flag": lambda m: m.sample(1, new_only=1),
    "decode a text": lambda m: m.decode("0101"),
    "decode nothing": lambda m: m.decode([]),
    "decode a number": lambda m: m.decode([101]),
    "decode in another way": lambda m: m.decode(["0101"], decode="beem"),
    "encode with no flag": lambda m: m.encode(["canto"], search="no"),
    "skip with no flag": lambda m: m.encode(["canto"], skip_bad=None),
    "reconstruct by negative samples": lambda m: m.reconstruct(["canto"], samples=-1),
    "interpolate through another thing": lambda m: m.interpolate("a", "b", through="mean"),
    "interpolate from nothing": lambda m: m.interpolate(None, "b"),
    "interpolate to an empty word": lambda m: m.interpolate("a", " "),
    "interpolate in one step": lambda m: m.interpolate("a", "b", steps=1),
    "score by a text": lambda m: m.score(["canto"], samples="100"),
    "score with a text as seed": lambda m: m.score(["canto"], seed="0"),
    "evaluate by no samples": lambda m: m.evaluate(["canto"], samples=0),
    "exact up to a fraction": lambda m: m.exact(["canto"], limit=4.5),
    "exact with no function": lambda m: m.exact(["canto"], progress=True),
    "bound by no codes": lambda m: m.lower_bound(["canto"], codes=0),
    "gain on no words": lambda m: m.position_gain(["canto"], most=0),
    "quality of a fraction": lambda m: m.sample_quality(0.5),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_bad_argument_is_refused_in_one_line(model, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(LexbitsError) as refused:
        call(model)
    assert (
        "found" in str(refused.value)
        or "available" in str(refused.value)
        or "preset" in str(refused.value)
    )
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_numpy_are_taken(model):
    n, seed = np.int64(3), np.int32(1)
    assert model.sample(n, seed=seed, temperature=np.float32(1)) == model.sample(3, seed=1)
    found = WordModel.fit(WORDS, **TINY | {"bits": np.int64(4), "learning_rate": np.float64(0.01)})
    assert type(found.settings.bits) is int


def test_a_bad_code_is_named_with_its_index(model):
    with pytest.raises(UsageError, match=r"codes\[1\]"):
        model.decode(["0101", 7])


def test_a_code_with_other_characters_is_named_with_its_index_and_shortened(model):
    good = "0" * model.settings.bits
    with pytest.raises(UsageError, match=r"^codes\[1\]: .*zeros and ones, found 'a{5,20}\.\.\."):
        model.decode([good, "a" * 5000])
