"""The n-gram beside a trained model: the same words, the same figures as elsewhere."""

import numpy as np
import pytest

from lexbits import WordModel
from lexbits.alphabet import Alphabet
from lexbits.data import Entry
from lexbits.data.corpus import Corpus
from lexbits.data.known import KnownWords
from lexbits.errors import DataError, UsageError
from lexbits.likelihood.mixture import mix, symbol_log_prob
from lexbits.ngram import NGram
from lexbits.runs.folder import RunFolder
from lexbits.runs.words import Words
from lexbits.studies.baseline import ngram_baseline, refuse_other_words, words_of_model

from ..cli.conftest import make_words

FORMS = make_words()
TRAIN, DEV, TEST = FORMS[::2], FORMS[1::4], FORMS[3::4]
SMALL = {
    "hidden_size": 16, "encoder_hidden_size": 8, "embedding_size": 8, "batch_size": 16,
    "epochs": 2, "dev_samples": 2,
}  # fmt: skip


def entries(forms):
    return [Entry(form) for form in forms]


def words(train=TRAIN):
    splits = {"train": entries(train), "dev": entries(DEV), "test": entries(TEST)}
    facts = {"name": "words.txt", "dev_overlap_removed": 0}
    return Words(splits, splits["dev"], Alphabet.from_words(train), facts)


@pytest.fixture(scope="module")
def plain():
    return WordModel.fit(TRAIN, DEV, bits=0, **SMALL)


@pytest.fixture(scope="module")
def with_bits():
    return WordModel.fit(TRAIN, DEV, bits=4, samples=2, **SMALL)


def corpus(forms):
    return Corpus.from_words(forms, words().alphabet)


def test_without_a_model_there_is_nothing_to_compare():
    assert ngram_baseline(words(), [2, 3]).comparison is None


def test_the_figures_of_the_ngram_are_its_own():
    found = ngram_baseline(words(), [1, 2, 3, 4])
    log_prob = NGram.fit(corpus(TRAIN), words().alphabet, found.order).log_prob(corpus(TEST))
    assert found.nll == pytest.approx(-log_prob.mean(), abs=1e-12)
    assert found.nll_se == pytest.approx(log_prob.std(ddof=1) / len(TEST) ** 0.5)
    symbols = sum(map(len, TEST)) + len(TEST)
    assert found.perplexity_per_symbol == pytest.approx(np.exp(-log_prob.sum() / symbols))


@pytest.mark.parametrize("kind", ["plain", "with_bits"])
def test_the_figures_of_the_model_are_those_of_its_evaluation(kind, request):
    model = request.getfixturevalue(kind)
    found = ngram_baseline(words(), [2, 3], model, samples=5, seed=7).comparison
    for forms, nll in ((DEV, found.model.dev_nll), (TEST, found.model.nll)):
        assert nll == pytest.approx(model.evaluate(forms, samples=5, seed=7).nll, abs=1e-6)
    expected = model.evaluate(TEST, samples=5, seed=7)
    assert found.samples == expected.samples
    assert found.model.nll_se == pytest.approx(expected.nll_se, abs=1e-6)
    assert found.model.perplexity_per_symbol == pytest.approx(expected.perplexity_per_symbol)


@pytest.mark.parametrize(("kind", "mixed"), [("plain", "symbols"), ("with_bits", "words")])
def test_the_mixture_is_never_worse_on_dev_than_either(kind, mixed, request):
    floor = ngram_baseline(words(), [2, 3], request.getfixturevalue(kind), samples=5)
    found = floor.comparison
    assert found.mixed == mixed
    assert 0 <= found.ngram_weight <= 1
    either = min(found.model.dev_nll, floor.dev_nll[str(floor.order)])
    assert found.mixture.dev_nll <= either + 1e-12


def test_a_plain_model_is_mixed_symbol_by_symbol(plain):
    floor = ngram_baseline(words(), [2], plain)
    ngram = NGram.fit(corpus(TRAIN), words().alphabet, 2)
    parts = ngram.symbol_log_prob(corpus(TEST)), symbol_log_prob(plain.network, corpus(TEST))
    weight = floor.comparison.ngram_weight
    by_symbol = mix(*parts, weight).sum(1).mean()
    by_word = mix(*(part.sum(1) for part in parts), weight).mean()
    assert floor.comparison.mixture.nll == pytest.approx(-by_symbol, abs=1e-9)
    assert abs(by_symbol - by_word) > 1e-3


def test_differences_are_paired_and_negative_where_the_first_is_better(plain):
    floor = ngram_baseline(words(), [2], plain)
    found = floor.comparison
    nll = {"ngram": floor.nll, "model": found.model.nll, "mixture": found.mixture.nll}
    pairs = [(d.model, d.than) for d in found.differences]
    assert pairs == [("model", "ngram"), ("mixture", "ngram"), ("mixture", "model")]
    for difference in found.differences:
        assert difference.nll == pytest.approx(nll[difference.model] - nll[difference.than])
    each = NGram.fit(corpus(TRAIN), words().alphabet, 2).log_prob(corpus(TEST))
    each -= symbol_log_prob(plain.network, corpus(TEST)).sum(1)
    assert found.differences[0].se == pytest.approx(each.std(ddof=1) / len(TEST) ** 0.5)


def saved(model, path):
    model.save(path)
    return RunFolder.open(path)


def test_a_model_of_the_same_words_is_accepted_in_any_order_and_number(plain, tmp_path):
    run = saved(plain, tmp_path / "model")
    refuse_other_words(run, plain, words([*reversed(TRAIN), TRAIN[0]]))


@pytest.mark.parametrize(
    ("train", "expected"),
    [
        ([*TRAIN, "wok"], r"model: .* characters of words\.txt, .* 'kw'"),
        ([*TRAIN, DEV[0]], r"model: .* trained on .* of words\.txt, found 1 words"),
        (TRAIN[:-2], "found 2 words"),
    ],
)
def test_a_model_of_other_words_is_refused(plain, tmp_path, train, expected):
    run = saved(plain, tmp_path / "model")
    with pytest.raises(UsageError, match=expected):
        refuse_other_words(run, plain, words(train))


def test_words_of_a_model_are_its_splits_without_what_dev_has_of_train(plain):
    splits = {**words().splits, "dev": entries([*DEV, TRAIN[0]])}
    known = KnownWords(lambda: splits)
    found = words_of_model(WordModel(plain.settings, plain.alphabet, plain.network, known))
    assert found.forms() == (TRAIN, DEV)
    assert found.facts["dev_overlap_removed"] == 1
    assert found.splits["test"] == entries(TEST)
    assert found.alphabet == plain.alphabet


def test_a_model_without_test_words_needs_data(plain, tmp_path):
    with pytest.raises(DataError, match=r"model: expected words .* give DATA"):
        words_of_model(WordModel.load(saved(plain, tmp_path / "model").path))


def test_words_of_unseen_characters_are_counted_and_the_others_measured_alone(with_bits):
    splits = words().splits | {"test": entries([*TEST, "ωω", "xω"])}
    mixed = Words(splits, splits["dev"], words().alphabet, words().facts)
    found = ngram_baseline(mixed, [2, 3], with_bits, samples=5)
    alone = ngram_baseline(words(), [2, 3], with_bits, samples=5)
    seen = set("".join(TRAIN))
    assert alone.unseen_words == sum(not set(form) <= seen for form in TEST)
    assert found.unseen_words == alone.unseen_words + 2
    assert found.seen_nll == pytest.approx(alone.seen_nll)
    assert found.seen_nll != pytest.approx(found.nll)
    for name in ("model", "mixture"):
        one, other = getattr(found.comparison, name), getattr(alone.comparison, name)
        assert one.seen_nll == pytest.approx(other.seen_nll, abs=1e-4)
