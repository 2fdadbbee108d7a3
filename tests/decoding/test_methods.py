"""Decoding against brute force over a language of two characters and few symbols."""

import math
from collections import Counter

import pytest
import torch

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.decoding import Decoded, beam, draw_words, greedy, methods
from lexbits.decoding import ancestral as ancestral_by_keys
from lexbits.randomness import number_keys
from tests.exact import all_codes, language, next_log_probs, tiny_model

LIMIT = 4


@pytest.fixture(params=["lstm", "gru"])
def decoder(request, float64):
    """Return a decoder whose codes give different words of different lengths."""
    decoder = tiny_model(cell=request.param, layers=2, gain=4.0).decoder
    decoder.logits.bias.data[END] += {"lstm": 4, "gru": -1}[request.param]
    with torch.no_grad():
        yield decoder


def ancestral(decoder, z, limit, temperature=1.0):
    return ancestral_by_keys(decoder, z, limit, number_keys(0, len(z), 0), temperature)


def cut(symbols):
    """Return symbols up to the first end, as keys of a language."""
    found = tuple(symbols)
    return found[: found.index(END) + 1] if END in found else found


def words_of(decoded):
    return [cut(row) for row in decoded.symbols.tolist()]


@pytest.mark.usefixtures("float64")
def test_the_tiny_language_is_complete(decoder):
    found = language(decoder, all_codes(3)[5], LIMIT)
    assert len(found) == 2 + 4 + 8 + 16  # no word is empty
    assert sum(map(math.exp, found.values())) == pytest.approx(1, abs=1e-12)


def test_greedy_takes_the_most_probable_symbol_at_each_step(decoder):
    z = all_codes(3)
    decoded = greedy(decoder, z, LIMIT)
    for row, bits in zip(words_of(decoded), z, strict=True):
        for i, symbol in enumerate(row):
            assert symbol == next_log_probs(decoder, bits, row[:i]).argmax()
    assert len(set(words_of(decoded))) > 2  # the codes do differ


def test_a_beam_of_width_one_is_greedy(decoder):
    z = all_codes(3)
    one, best = beam(decoder, z, LIMIT, width=1), greedy(decoder, z, LIMIT)
    assert torch.equal(one.symbols, best.symbols)
    assert torch.equal(one.ended, best.ended)
    torch.testing.assert_close(one.log_prob, best.log_prob)


def test_a_wide_beam_finds_the_most_probable_word_of_all(decoder):
    z = all_codes(3)
    decoded = beam(decoder, z, LIMIT, width=40)
    better = 0
    for i, word in enumerate(words_of(decoded)):
        every = language(decoder, z[i], LIMIT)
        assert word == max(every, key=every.get)
        assert decoded.log_prob[i].item() == pytest.approx(every[word])
        better += decoded.log_prob[i] > greedy(decoder, z[i : i + 1], LIMIT).log_prob[0] + 1e-9
    assert better > 0  # the search is not idle


@pytest.mark.parametrize("width", [2, 3, 8])
def test_a_narrow_beam_returns_a_word_with_its_own_probability(decoder, width):
    z = all_codes(3)
    decoded = beam(decoder, z, LIMIT, width)
    for i, word in enumerate(words_of(decoded)):
        every = language(decoder, z[i], LIMIT)
        assert decoded.log_prob[i].item() == pytest.approx(every[word])
        assert decoded.ended[i] == (word[-1] == END)


def test_the_log_probability_is_the_decoders_renormalised_over_the_symbols_a_word_may_have(decoder):
    z = all_codes(3)
    for decoded in (greedy(decoder, z, LIMIT), ancestral(decoder, z, LIMIT)):
        for i, word in enumerate(words_of(decoded)):
            teacher_forced = decoder.log_prob(torch.tensor([word]), z[i].view(1, 1, -1)).item()
            lost = 0.0
            symbols, state = decoder.start(z[i : i + 1])
            for symbol in word:
                logits, state = decoder.step(symbols, state)
                taken = [UNKNOWN] if lost else [UNKNOWN, END]  # at first, neither may be chosen
                lost += math.log1p(-logits.softmax(-1)[0, taken].sum().item())
                symbols = torch.tensor([symbol])
            assert decoded.log_prob[i].item() == pytest.approx(teacher_forced - lost)


@pytest.mark.parametrize("temperature", [1.0, 0.5, 2.0])
def test_sampled_words_are_as_frequent_as_they_are_probable(decoder, temperature):
    draws = 4000
    z = all_codes(3)[5]
    decoded = ancestral(decoder, z.expand(draws, -1), LIMIT, temperature)
    counts = Counter(words_of(decoded))
    every = language(decoder, z, LIMIT, temperature)
    assert set(counts) <= set(every)
    for word, log_prob in every.items():
        p = math.exp(log_prob)
        if p * draws > 5:
            assert abs(counts[word] - p * draws) < 4 * math.sqrt(draws * p * (1 - p))
    plain = language(decoder, z, LIMIT)
    for word, log_prob in zip(words_of(decoded)[:20], decoded.log_prob[:20].tolist(), strict=True):
        assert log_prob == pytest.approx(plain[word])  # whatever the temperature


def test_a_low_temperature_is_greedy(decoder):
    z = all_codes(3)
    cold = ancestral(decoder, z, LIMIT, temperature=1e-5)
    assert torch.equal(cold.symbols, greedy(decoder, z, LIMIT).symbols)


def test_the_unknown_symbol_is_never_chosen(decoder):
    decoder.logits.bias[UNKNOWN] += 50
    z = all_codes(3)
    for decoded in (
        greedy(decoder, z, LIMIT),
        ancestral(decoder, z.repeat(20, 1), LIMIT, temperature=3.0),
        beam(decoder, z, LIMIT, width=40),
    ):
        assert not (decoded.symbols == UNKNOWN).any()
        assert decoded.log_prob.isfinite().all()


def test_a_word_that_does_not_end_is_cut_and_says_so(decoder):
    decoder.logits.bias[END] -= 100
    for decode in (greedy, ancestral, beam):
        decoded = decode(decoder, all_codes(3), LIMIT)
        assert decoded.symbols.shape == (8, LIMIT)
        assert not decoded.ended.any()
        assert (decoded.symbols > UNKNOWN).all()


def test_no_word_is_empty_and_one_may_end_with_its_last_symbol(decoder):
    decoder.logits.bias[END] = 100
    for decode in (greedy, ancestral, beam):
        assert not decode(decoder, all_codes(3), 1).ended.any()
        for limit in (2, LIMIT):
            decoded = decode(decoder, all_codes(3), limit)
            assert decoded.ended.all()
            assert (decoded.symbols[:, 0] > UNKNOWN).all()
            assert (decoded.symbols[:, 1:] == END).all()


def test_words_decoded_together_are_those_decoded_alone(decoder):
    z = all_codes(3).repeat(2, 1)
    z[8:] = 1 - z[8:] * 0.7  # not only bit vectors
    for decode in (greedy, beam, lambda *a: ancestral(*a, temperature=1e-5)):
        together = decode(decoder, z, 6)
        assert len({len(word) for word in words_of(together)}) > 1  # the batch shrinks on the way
        for i in range(len(z)):
            alone = decode(decoder, z[i : i + 1], 6)
            assert torch.equal(alone.symbols[0], together.symbols[i])
            assert alone.ended[0] == together.ended[i]
            torch.testing.assert_close(alone.log_prob[0], together.log_prob[i])


def test_behind_the_end_of_a_word_there_are_only_ends(decoder):
    for decode in (greedy, ancestral, beam):
        decoded = decode(decoder, all_codes(3), 6)
        for row, word, ended in zip(
            decoded.symbols.tolist(), words_of(decoded), decoded.ended.tolist(), strict=True
        ):
            assert set(row[len(word) :]) <= {END}
            assert ended == (word[-1] == END)


def test_no_words_decode_to_no_words(decoder):
    decoded = greedy(decoder, torch.zeros(0, 3), LIMIT)
    assert decoded.symbols.shape == (0, LIMIT)
    assert decoded.log_prob.shape == decoded.ended.shape == (0,)


def test_the_plain_language_model_decodes_too():
    decoder = tiny_model(bits=0).decoder
    with torch.no_grad():
        decoded = greedy(decoder, torch.zeros(3, 0), LIMIT)
        assert torch.equal(decoded.symbols, beam(decoder, torch.zeros(3, 0), LIMIT, 1).symbols)
    assert len(set(words_of(decoded))) == 1


def test_a_drawn_word_is_a_function_of_its_number_and_the_seed():
    model = tiny_model()
    z, whole = draw_words(model, range(300), 7, 10)
    for first, last in ((0, 3), (0, 299), (100, 117)):
        some_z, some = draw_words(model, range(first, last), 7, 10)
        assert torch.equal(some_z, z[first:last])
        assert torch.equal(some.symbols, whole.symbols[first:last])
    other_z, other = draw_words(model, range(300), 8, 10)
    assert not torch.equal(other_z, z)
    assert not torch.equal(other.symbols, whole.symbols)


def test_drawn_words_have_codes_of_the_prior_and_symbols_of_the_decoder():
    model, n = tiny_model(alpha=[0.3, 0.5, 0.6]), 4000
    z, drawn = draw_words(model, range(n), 1, LIMIT - 1)
    assert z.mean(0).tolist() == pytest.approx([0.3, 0.5, 0.6], abs=4 * 0.5 / n**0.5)
    one = z[0]
    chosen = (z == one).all(1)
    counts = Counter(word for word, is_one in zip(words_of(drawn), chosen, strict=True) if is_one)
    every, total = language(model.decoder, one, LIMIT), int(chosen.sum())
    assert set(counts) <= set(every)
    for word, log_prob in every.items():
        p = math.exp(log_prob)
        assert abs(counts[word] - p * total) < 4.5 * math.sqrt(total * p * (1 - p)) + 1


def test_pieces_of_any_size_are_the_same_words(monkeypatch):
    model = tiny_model()
    for method in ("greedy", "sample", "beam"):
        _, whole = draw_words(model, range(30), 7, 10, method)
        with monkeypatch.context() as patch:
            patch.setattr(methods, "CODES_AT_ONCE", 9)
            _, pieces = draw_words(model, range(30), 7, 10, method)
        assert torch.equal(pieces.symbols, whole.symbols)
        torch.testing.assert_close(pieces.log_prob, whole.log_prob)


def test_words_of_characters_that_combine_are_spelt_in_their_normal_form():
    alphabet = Alphabet(["e", "j", "\N{COMBINING ACUTE ACCENT}"])
    decoded = Decoded(torch.tensor([[2, 4, 3, 4, END]]), torch.zeros(1), torch.ones(1))
    assert decoded.spell(alphabet, 10) == ["\N{LATIN SMALL LETTER E WITH ACUTE}j\u0301"]
