"""Figures of made-up words: shares counted by hand, distances by brute force, honest judges."""

import numpy as np
import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.decoding import Decoded
from lexbits.errors import UsageError
from lexbits.measures import sample_quality as module
from lexbits.measures.sample_quality import nearest_distances, sample_quality
from lexbits.ngram import choose_order
from tests.exact import as_batch, exact_log_prob, tiny_model
from tests.measures.test_reconstruction import levenshtein

AB = Alphabet("ab")
RANDOM = np.random.default_rng(5)
LANGUAGE = ["".join(RANDOM.choice(list("ab"), size=n, p=[0.8, 0.2])) for n in range(3, 12)] + [
    "ab" * n + "b" * m for n in range(1, 9) for m in range(6)
]
TRAIN, HELD_OUT = LANGUAGE[::2], LANGUAGE[1::2]


def measure(samples=50, **changes):
    arguments = {"train": TRAIN, "held_out": HELD_OUT, "max_length": 12, "seed": 1} | changes
    return sample_quality(tiny_model(), AB, samples=samples, **arguments)


def draws(monkeypatch, words, cut=False):
    """Let the model draw these words; with `cut`, without an end symbol."""
    symbols = Corpus.from_words(words, AB).symbols.copy()
    if cut:
        symbols[symbols == 0] = AB.pad
    drawn = Decoded(
        torch.tensor(symbols), torch.zeros(len(words)), torch.full((len(words),), not cut)
    )
    monkeypatch.setattr(module, "draw_words", lambda *_: (torch.zeros(len(words), 3), drawn))


def test_shares_are_counts_of_words(monkeypatch):
    new = "bbbbbbbbbbb"
    assert new not in LANGUAGE
    draws(monkeypatch, [TRAIN[0], TRAIN[0], TRAIN[1], HELD_OUT[0], new])
    found = measure(5).model
    assert (found.words, found.ended) == (5, 1)
    assert found.unique == 4 / 5
    assert found.copies == 3 / 5
    assert found.attested == 1 / 5


def test_a_held_out_word_that_occurs_in_training_is_a_copy_and_not_attested(monkeypatch):
    draws(monkeypatch, [TRAIN[0]] * 4)
    found = measure(4, held_out=[*HELD_OUT, TRAIN[0]])
    assert (found.model.copies, found.model.attested, found.model.edit_distance) == (1, 0, 0)
    assert found.held_out_words == len(set(HELD_OUT) - set(TRAIN))


def test_words_that_were_cut_are_told(monkeypatch):
    draws(monkeypatch, [TRAIN[0], HELD_OUT[0]], cut=True)
    assert measure(2).model.ended == 0


def test_distances_are_to_the_nearest_word(monkeypatch):
    words, others = LANGUAGE[:20], LANGUAGE[20:]
    expected = [min(levenshtein(a, b) for b in others) for a in words]
    assert nearest_distances(words, others).tolist() == expected
    monkeypatch.setattr(module, "PAIRS", 8 * 3 * len(others))  # three words at once
    assert nearest_distances(words, others).tolist() == expected


def test_of_many_samples_some_are_compared(monkeypatch):
    monkeypatch.setattr(module, "PAIRS", 10 * len(set(TRAIN)))
    monkeypatch.setattr(module, "LEAST_COMPARED", 2)
    assert measure(50).compared == 10
    assert measure(5).compared == 5


def test_nats_are_those_of_the_two_ngrams(monkeypatch):
    words = [TRAIN[0], HELD_OUT[0], "bbbb"]
    draws(monkeypatch, words)
    found = measure(3)
    unseen = sorted(set(HELD_OUT) - set(TRAIN))
    order = np.random.Generator(np.random.Philox(1)).permutation(len(unseen))
    half = [unseen[i] for i in order[::2]]
    train, judging, drawn = (Corpus.from_words(w, AB) for w in (TRAIN, half, words))
    ngram, _ = choose_order(train, judging, AB, range(2, 9))
    judge, _ = choose_order(judging, train, AB, range(2, 9))
    symbols = sum(len(word) + 1 for word in words)
    assert (found.order, found.held_out_order) == (ngram.order, judge.order)
    assert found.model.nll == pytest.approx(-ngram.log_prob(drawn).mean())
    assert found.model.held_out_nll == pytest.approx(-judge.log_prob(drawn).mean())
    assert found.model.nll_per_symbol == pytest.approx(-ngram.log_prob(drawn).sum() / symbols)
    assert found.model.held_out_nll_per_symbol == pytest.approx(
        -judge.log_prob(drawn).sum() / symbols
    )


def test_the_judge_has_not_seen_the_held_out_words_it_judges(monkeypatch):
    """What is fitted on the words it judges is flattered: those of the other half cost more."""
    seen = []
    from_words = Corpus.from_words

    def spy(words, alphabet):
        seen.append(set(words))
        return from_words(words, alphabet)

    monkeypatch.setattr(module.Corpus, "from_words", spy)
    found = measure(1000)
    train, judging, *_, judged = (words for words in seen if words != {""})
    assert train == set(TRAIN)
    assert not judging & judged
    assert judging | judged == set(HELD_OUT) - set(TRAIN)
    judge, _ = choose_order(from_words(sorted(judging), AB), from_words(TRAIN, AB), AB, range(2, 9))
    own = -judge.log_prob(from_words(sorted(judging), AB)).mean()
    assert own < found.held_out.held_out_nll


def test_held_out_words_have_no_shares():
    found = measure().held_out
    assert (found.ended, found.empty, found.unique, found.copies, found.attested) == (None,) * 5
    assert found.edit_distance > 0


def test_the_ngram_favours_its_own_samples():
    """Why there is a judge: on words of neither kind the two n-grams would agree."""
    found = measure(2000)
    assert found.ngram.nll < found.ngram.held_out_nll


def test_it_is_repeatable_and_leaves_the_noise_of_others_alone():
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first = measure()
    assert torch.equal(torch.rand(1), expected)
    assert measure() == first
    assert measure(seed=2).model != first.model


def test_a_model_without_bits_makes_up_words_too():
    found = sample_quality(tiny_model(bits=0), AB, TRAIN, HELD_OUT, 12, 20)
    assert found.model.words == 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": 0}, "at least 1 sample"),
        ({"train": []}, "training words"),
        ({"held_out": TRAIN}, "at least 2 held-out words"),
        ({"held_out": ["bbbbbbbbbbb"]}, "found 1"),
    ],
)
def test_impossible_requests_are_refused(changes, message):
    with pytest.raises(UsageError, match=message):
        measure(**changes)


def test_words_that_are_cut_are_as_long_from_the_model_as_from_the_ngram(monkeypatch):
    compared = []

    def keep(words, others):
        compared.append(words)
        return np.zeros(len(words))

    monkeypatch.setattr(module, "nearest_distances", keep)
    measure(200, max_length=3)
    assert [max(map(len, words)) for words in compared[:2]] == [3, 3]


@pytest.mark.usefixtures("float64")
def test_the_empty_word_is_never_drawn_but_its_probability_is_told():
    model = tiny_model(alpha=[0.3, 0.5, 0.6])
    with torch.no_grad():
        empty = exact_log_prob(model, as_batch([""])).exp().item()
    found = sample_quality(model, AB, TRAIN, HELD_OUT, 12, 3000)
    assert found.model.empty == pytest.approx(empty, rel=0.1)
    assert 0.01 < empty < 0.99
    ngram, _ = choose_order(Corpus.from_words(TRAIN, AB), Corpus.from_words(TRAIN, AB), AB, [2])
    assert 0 < found.ngram.empty < 0.1
    assert "" not in {AB.decode(row) for row in ngram.sample(500, np.random.default_rng(1), 5)}
