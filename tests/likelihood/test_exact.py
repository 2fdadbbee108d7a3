"""The streamed sum over all codes against a sum over the whole table at once."""

import numpy as np
import pytest
import torch

from lexbits.bits import codes_between
from lexbits.errors import UsageError
from lexbits.likelihood import exact
from lexbits.likelihood.exact import exact_log_prob, log_likelihood_by_code, log_prior_by_code
from tests.exact import all_codes, as_batch, corpus, joint_by_code, rows_of_steps, tiny_model
from tests.exact import exact_log_prob as brute_force

WORDS = ["ab", "bbab", "", "aba", "b", "ab", "aab", "a?b", "?", "ababbbab"]


def close(found, expected):
    np.testing.assert_allclose(found, expected.detach().numpy(), rtol=0, atol=1e-10)


@pytest.mark.parametrize("words", [WORDS, [""], ["b"], ["ab", "ab"], WORDS[::-1]])
def test_it_is_the_sum_over_all_codes(model, words):
    close(exact_log_prob(model, corpus(words)), brute_force(model, as_batch(words)))


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(
    "changes",
    [
        {"cell": "gru"},
        {"layers": 2},
        {"cell": "gru", "layers": 2},
        {"bits": 6},
        {"prior": "made"},
        {"prior": "boltzmann"},
    ],
)
def test_for_other_networks_and_more_bits_too(changes):
    model = tiny_model(**changes)
    close(exact_log_prob(model, corpus(WORDS)), brute_force(model, as_batch(WORDS)))


def test_single_precision_is_near():
    model = tiny_model(gain=1.0)
    expected = brute_force(model, as_batch(WORDS)).detach()
    np.testing.assert_allclose(exact_log_prob(model, corpus(WORDS)), expected, rtol=0, atol=2e-5)


def test_a_word_of_vanishing_probability_has_a_logarithm(model):
    word = "ab?" * 300
    (found,) = exact_log_prob(model, corpus([word]))
    assert found < -800
    assert found == pytest.approx(brute_force(model, as_batch([word])).item(), abs=1e-9)


@pytest.mark.parametrize("rows", [1, 5, 20, 1000])
@pytest.mark.parametrize("words_at_once", [1, 3, 1000])
def test_chunks_of_any_size_give_the_same_answer(model, monkeypatch, rows, words_at_once):
    whole = exact_log_prob(model, corpus(WORDS))
    monkeypatch.setattr(exact, "ROWS", rows)
    monkeypatch.setattr(exact, "WORDS_AT_ONCE", words_at_once)
    np.testing.assert_allclose(exact_log_prob(model, corpus(WORDS)), whole, rtol=0, atol=1e-12)


def test_the_decoder_never_holds_more_rows_than_allowed(model, monkeypatch):
    held = rows_of_steps(monkeypatch)
    monkeypatch.setattr(exact, "ROWS", 12)
    exact_log_prob(model, corpus(WORDS))
    assert 6 < max(held) <= 12


def test_all_codes_come_once_in_their_order_with_every_word(model, monkeypatch):
    monkeypatch.setattr(exact, "ROWS", 7)
    monkeypatch.setattr(exact, "WORDS_AT_ONCE", 4)
    chunks = list(log_likelihood_by_code(model, corpus(WORDS)))
    assert len(chunks) > 1
    torch.testing.assert_close(torch.cat([z for z, _ in chunks]), all_codes(3))
    close(torch.cat([part for _, part in chunks]), joint_by_code(model, as_batch(WORDS))[0])


def test_codes_are_counted_in_binary():
    torch.testing.assert_close(codes_between(4, 0, 16), all_codes(4))
    torch.testing.assert_close(codes_between(4, 5, 9), all_codes(4)[5:9])
    assert codes_between(40, 2**39 + 1, 2**39 + 2)[0].nonzero().flatten().tolist() == [0, 39]
    assert codes_between(0, 0, 1).shape == (1, 0)


def test_the_prior_of_all_codes_sums_to_one(model):
    log_prior = log_prior_by_code(model)
    assert log_prior.exp().sum().item() == pytest.approx(1, abs=1e-12)
    assert log_prior[3].exp().item() == pytest.approx(0.7 * 0.5 * 0.6, abs=1e-6)


@pytest.mark.usefixtures("float64")
def test_zero_bits_have_one_code_and_the_plain_log_likelihood():
    model = tiny_model(bits=0)
    expected = model.decoder.log_prob(as_batch(WORDS), torch.zeros(1, len(WORDS), 0))[0]
    close(exact_log_prob(model, corpus(WORDS), limit=0), expected)
    ((z, log_likelihood),) = log_likelihood_by_code(model, corpus(WORDS))
    assert z.shape == (1, 0)
    close(log_likelihood[0], expected)


@pytest.mark.parametrize("function", [exact_log_prob, log_likelihood_by_code])
def test_more_bits_than_the_limit_are_refused_with_what_to_do(function):
    model = tiny_model(bits=5)
    with pytest.raises(UsageError, match=r"5 bits have 2\^5 .* limit of 4 bits: raise the"):
        function(model, corpus(WORDS), limit=4)
    function(model, corpus(WORDS), limit=5)


def test_even_the_most_bits_are_refused_in_words():
    with pytest.raises(UsageError, match=r"1024 bits have 2\^1024 \(about 10\^308\)"):
        exact_log_prob(tiny_model(bits=1024), corpus(WORDS))


def test_the_model_and_its_gradients_are_left_alone():
    model = tiny_model()
    exact_log_prob(model, corpus(WORDS))
    assert all(parameter.grad is None for parameter in model.parameters())
    brute_force(model, as_batch(WORDS)).sum().backward()
