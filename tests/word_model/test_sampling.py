"""Words made to order."""

import dataclasses
import itertools

import pytest

from lexbits.errors import LexbitsWarning, UsageError
from tests.word_model.conftest import WORDS


def words(samples):
    return [sample.word for sample in samples]


@pytest.mark.parametrize(
    ("wish", "meets"),
    [
        ({"starts_with": "mi"}, lambda w: w.startswith("mi")),
        ({"ends_with": "an"}, lambda w: w.endswith("an")),
        ({"contains": "lt"}, lambda w: "lt" in w),
        ({"contains": ["b", "ta"]}, lambda w: "b" in w and "ta" in w),
        ({"length": 4}, lambda w: len(w) == 4),
        ({"length": (2, 3)}, lambda w: 2 <= len(w) <= 3),
        ({"letters": "astmo"}, lambda w: set(w) <= set("astmo")),
        ({"forbid": "ta"}, lambda w: "ta" not in w),
        ({"forbid": ["a", "tt", "zzz"]}, lambda w: "a" not in w and "tt" not in w),
    ],
)
def test_words_meet_what_is_wished_for(model, wish, meets):
    found = model.sample(12, seed=1, **wish)
    assert len(found) == 12
    assert all(
        meets(word) and sample.ended for word, sample in zip(words(found), found, strict=True)
    )


def test_all_wishes_are_met_together(model):
    found = words(
        model.sample(
            6, starts_with="s", ends_with="a", length=(4, 7), forbid=["sa"], letters="saltmniob",
            unique=True, exclude=lambda word: "t" in word, percentile=(5, 95), sort="word", seed=1,
        )
    )  # fmt: skip
    assert len(set(found)) == 6
    assert found == sorted(found)
    for word in found:
        assert (word[0], word[-1], "sa" in word, "t" in word) == ("s", "a", False, False)
        assert 4 <= len(word) <= 7


def test_a_rare_beginning_is_found_at_once(model):
    usual = words(model.sample(2000, seed=1))
    assert not any(word.startswith("ñoñ") for word in usual)
    with pytest.raises(UsageError, match="never seen 'ñ'"):
        model.sample(1, starts_with="ñoñ")
    rare = "óéóé"
    assert not any(word.startswith(rare) for word in usual)
    assert all(word.startswith(rare) for word in words(model.sample(10, starts_with=rare, seed=1)))


def test_more_words_begin_with_the_same_ones(model):
    few, more = (model.sample(n, ends_with="as", seed=3) for n in (4, 40))
    assert more[:4] == few


def test_constraints_keep_to_a_given_code(model):
    found = model.sample(5, starts_with="ha", code="0110", seed=1)
    assert {sample.code for sample in found} == {"0110"}
    assert all(word.startswith("ha") for word in words(found))


def test_a_plain_model_takes_constraints_too(plain):
    assert all(word.endswith("o") for word in words(plain.sample(5, ends_with="o", seed=1)))


def test_the_bits_of_a_word_are_kept_as_near_as_it_is_wished(model):
    own = model.encode(["cantabas"])[0]
    certain = [abs(p - 0.5) > 0.45 for p in own.probabilities]
    codes = [s.code for s in model.sample(200, like="cantabas", nearness=1, seed=1)]
    for bit in (i for i, sure in enumerate(certain) if sure):
        assert sum(code[bit] == own.code[bit] for code in codes) > 0.9 * len(codes)
    far = [s.code for s in model.sample(200, like="cantabas", nearness=0, seed=1)]
    assert far == [s.code for s in model.sample(200, seed=1)]


def test_bits_that_are_not_kept_come_from_the_prior(model):
    """With a nearness of a half, a bit that is surely on is on three times in four."""
    own = model.encode(["cantabas"])[0]
    found = model.sample(4000, like="cantabas", nearness=0.5, seed=2)
    for bit, p in enumerate(own.probabilities):
        share = sum(s.code[bit] == "1" for s in found) / len(found)
        assert share == pytest.approx(0.5 * p + 0.25, abs=0.04)


def test_the_word_itself_is_left_out(model):
    liked = model.sample(1, seed=1)[0].word
    assert liked not in words(model.sample(50, like=liked, nearness=1, seed=1))


def test_likeness_and_constraints_go_together(model):
    found = model.sample(10, like="cantabas", starts_with="mi", seed=1)
    assert all(word.startswith("mi") for word in words(found))


def test_scores_are_those_of_the_method_score(model):
    found = model.sample(5, seed=1, score=True)
    for sample, score in zip(found, model.score(words(found)), strict=True):
        assert sample.log_prob == pytest.approx(score.log_prob, abs=1e-4)
        per_symbol = score.bits_per_symbol * score.symbols / len(sample.word)
        assert sample.bits_per_character == pytest.approx(per_symbol, abs=1e-4)
        assert 0 <= sample.percentile <= 100


def test_without_scores_nothing_is_said_of_probabilities(model):
    assert {s.log_prob for s in model.sample(3, seed=1)} == {None}


def test_words_outside_the_percentiles_are_left_out(model):
    low = model.sample(8, percentile=(0, 40), seed=1)
    assert all(sample.percentile <= 40 for sample in low)
    assert len(low) == 8


def test_words_are_sorted_as_is_wished(model):
    by_word = words(model.sample(20, sort="word", seed=1))
    assert by_word == sorted(by_word)
    by_probability = [s.log_prob for s in model.sample(20, sort="probability", seed=1)]
    assert by_probability == sorted(by_probability, reverse=True)
    assert sorted(by_word) == sorted(words(model.sample(20, seed=1)))


def test_no_word_comes_twice_where_that_is_wished(model):
    found = words(model.sample(60, unique=True, length=3, seed=1))
    assert len(set(found)) == len(found) == 60


def test_too_few_words_are_explained(model):
    every = ["".join(pair) for pair in itertools.product("ao", repeat=2)]
    with pytest.warns(LexbitsWarning) as said:
        found = model.sample(9, length=2, letters="ao", exclude=["oo"], unique=True, seed=1)
    assert set(words(found)) <= set(every) - {"oo"}
    message = str(said[0].message)
    assert f"only {len(found)} of 9 words were found" in message
    assert "repeated" in message
    assert "excluded" in message
    assert "meet letters 'ao'" in message
    assert "meet length 2" in message
    assert "length 2 to 2" not in message


def test_letters_that_the_model_does_not_know_are_named(model):
    with pytest.warns(LexbitsWarning, match=r"letters: .* never seen '-', 'z'; .* no ranges$"):
        found = model.sample(3, letters="a-oz", seed=1)
    assert all(set(word) <= set("ao") for word in words(found))


def test_a_word_to_be_like_that_the_model_cannot_read_is_said_with_what_it_can(model):
    with pytest.warns(LexbitsWarning, match=r"like: 'Casa' .* never seen \('C'\).*; try 'casa'$"):
        model.sample(3, like="Casa", seed=1)


def test_parts_of_words_in_another_case_are_refused_with_those_that_the_model_knows(model):
    with pytest.raises(UsageError, match=r"starts with 'Ca': .* never spells it; try 'ca'$"):
        model.sample(3, starts_with="Ca")


@pytest.mark.parametrize("length", ["3-5", range(3, 5), (3, "5"), 3.5])
def test_a_length_of_another_kind_is_refused_with_what_it_takes(model, length):
    with pytest.raises(
        UsageError, match=r"expected length to be a number or two, such as \(5, 8\)"
    ):
        model.sample(3, length=length)


def test_words_within_percentiles_are_scored_once(model, monkeypatch):
    scored = []
    score = type(model)._scored
    monkeypatch.setattr(
        type(model), "_scored", lambda self, samples: scored.extend(samples) or score(self, samples)
    )
    found = model.sample(4, percentile=(0, 100), score=True, sort="probability", seed=1)
    assert len(scored) == len(found) == 4
    assert all(sample.log_prob is not None for sample in found)


def test_progress_is_told(model):
    told = []
    model.sample(9, ends_with="a", seed=1, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (9, 9)
    assert told == sorted(told)


def test_a_word_to_be_like_is_normalised(model):
    one, other = (model.sample(5, like=w, seed=1) for w in ("cante\u0301", " cant\xe9 "))
    assert one == other


WRONG = {
    "progress that is no function": ({"progress": 3}, "function"),
    "a contradiction": ({"starts_with": "mi", "letters": "x"}, "no word"),
    "a method that does not sample": ({"ends_with": "a", "decode": "greedy"}, "'sample' only"),
    "nearness without a word": ({"nearness": 0.5}, "`like`"),
    "too near": ({"like": "cantas", "nearness": 1.5}, "from 0 to 1"),
    "a code and a word": ({"like": "cantas", "code": "0000"}, "one of them"),
    "a length of nothing": ({"length": 0}, "at least 1"),
    "lengths in the wrong order": ({"length": (5, 3)}, "least length first"),
    "three lengths": ({"length": (1, 2, 3)}, "number or two"),
    "lengths beyond the longest": ({"length": (40, 50)}, "longest words"),
    "a percentile above a hundred": ({"percentile": (50, 101)}, "from 0 to 100"),
    "percentiles in the wrong order": ({"percentile": (50, 20)}, "in order"),
    "one percentile": ({"percentile": 50}, "two numbers"),
    "another order": ({"sort": "length"}, "probability, word"),
    "a part that is no text": ({"contains": [3]}, r"contains\[0\]"),
    "a forbidden part that is no text": ({"forbid": [3]}, r"forbid\[0\]"),
    "a beginning of blanks": ({"starts_with": "  "}, "starts_with"),
}


@pytest.mark.parametrize(("wish", "message"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_refused(model, wish, message):
    with pytest.raises(UsageError, match=message):
        model.sample(3, seed=1, **wish)


def test_percentiles_need_held_out_words(model):
    from lexbits import WordModel
    from lexbits.data.known import KnownWords

    alone = WordModel(model.settings, model.alphabet, model.network, KnownWords(dict))
    with pytest.raises(UsageError, match="no held-out words"):
        alone.sample(1, percentile=(20, 80))
    assert alone.sample(1, score=True, seed=1)[0].percentile is None


def test_a_sample_is_a_record(model):
    sample = model.sample(1, score=True, seed=1)[0]
    assert dataclasses.asdict(sample)["word"] == str(sample)
    assert sample.word not in WORDS or sample.status != "new"
