"""Synthetic words and what is said of them."""

import math

import pytest
import torch

from lexbits.alphabet import UNKNOWN
from lexbits.data.corpus import Corpus
from lexbits.errors import LexbitsWarning, UsageError
from tests.word_model.conftest import WORDS, fit


@torch.no_grad()
def by_hand(model, word, code):
    """Return log P(word | code), its end counted, symbol by symbol."""
    decoder = model.network.decoder
    z = torch.tensor([[float(bit) for bit in code]])
    symbol, state = decoder.start(z)
    total = 0.0
    for target in model.alphabet.encode(word):
        logits, state = decoder.step(symbol, state)
        total += float(torch.log_softmax(logits, -1)[0, target])
        symbol = torch.tensor([target])
    return total


@pytest.mark.parametrize("how", [{"decode": "greedy"}, {"decode": "beam"}, {"temperature": 2.0}])
def test_the_log_likelihood_is_that_of_the_word_and_its_end(model, how):
    for sample in model.sample(8, seed=0, **how):
        expected = by_hand(model, sample.word, sample.code)
        assert sample.log_prob_given_code == pytest.approx(expected, abs=1e-4)


def test_the_log_likelihood_leaves_room_for_the_unknown_symbol(model):
    with torch.no_grad():
        model.network.decoder.logits.bias[UNKNOWN] += 5
        try:
            sample = model.sample(1, seed=0)[0]
            expected = by_hand(model, sample.word, sample.code)
            alone = model.decode([sample.code], decode="greedy")[0]
        finally:
            model.network.decoder.logits.bias[UNKNOWN] -= 5
    assert sample.log_prob_given_code == pytest.approx(expected, abs=1e-4)
    assert alone.log_prob_given_code < -5


def test_a_word_that_is_cut_has_the_longest_length_and_counts_its_end():
    model = fit(WORDS, max_length=5, epochs=1)
    with torch.no_grad():
        model.network.decoder.logits.bias[0] -= 50  # hardly ever the end
    for sample in model.sample(5, seed=0):
        assert not sample.ended
        assert len(sample.word) == 5
        assert sample.log_prob_given_code < -40
        assert math.isfinite(sample.log_prob_given_code)


def test_fewer_new_words_than_asked_for_come_with_a_warning(model):
    with pytest.warns(LexbitsWarning, match=r"only [01] of 3 words .* decode greedy"):
        model.sample(3, decode="greedy", code="0000", new_only=True)


def test_many_codes_are_decoded_in_pieces(model):
    codes = ["0101", "1100"] * 700
    samples = model.decode(codes)
    assert [s.code for s in samples] == codes
    assert len({(s.code, s.word, round(s.log_prob_given_code, 3)) for s in samples}) == 2
    corpus = Corpus.from_words([samples[0].word], model.alphabet)
    assert corpus.lengths[0] == len(samples[0].word) + 1


def test_excluded_words_are_left_out_and_others_take_their_place(model):
    usual = [s.word for s in model.sample(30, seed=1)]
    found = [s.word for s in model.sample(30, seed=1, exclude=[usual[0], usual[3]])]
    assert len(found) == 30
    assert not {usual[0], usual[3]} & set(found)
    assert found[0] == next(word for word in usual if word not in (usual[0], usual[3]))
    longer = model.sample(10, seed=1, exclude=lambda word: len(word) < 4)
    assert all(len(s.word) >= 4 for s in longer)
    with pytest.raises(UsageError, match="list of exclude"):
        model.sample(1, exclude="casa")


def test_a_word_that_a_limit_left_out_is_not_new():
    limited = fit(WORDS, limit=30)
    left_out = [word for word in WORDS if word not in limited.words]
    assert len(left_out) == 30
    assert {limited.words.status(word) for word in left_out} == {"source"}
