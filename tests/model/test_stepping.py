"""Prefixes advanced together against the decoder's own steps and teacher forcing."""

import itertools

import pytest
import torch

from lexbits.model import stepping
from lexbits.model.decoder import PrefixesByStep
from lexbits.model.stepping import LstmPrefixes
from tests.exact import all_codes, as_batch, tiny_model

SHAPES = list(itertools.product(["lstm", "gru"], [1, 2], [0, 3]))
PLACES = ("z_at_start", "z_at_every_step", "z_at_logits")


def start(decoder, z):
    """Return the arguments of the first step."""
    return torch.full((len(z),), decoder.start_symbol), torch.arange(len(z))


def assert_equal_on_random_trees(decoder, z, **tolerances):
    """Steps of any number of prefixes, in any order and several after one, as `Decoder.step`."""
    random = torch.Generator().manual_seed(1)
    prefixes = decoder.prefixes(z)
    symbols, parents = start(decoder, z)
    _, state = decoder.start(z)
    for rows in (11, 2, 7, 1, 16):
        expected, state = decoder.step(symbols, state.take(parents))
        torch.testing.assert_close(prefixes.step(symbols, parents), expected, **tolerances)
        parents = torch.randint(len(symbols), (rows,), generator=random)
        symbols = torch.randint(4, (rows,), generator=random)


@pytest.mark.usefixtures("float64")
@torch.no_grad()
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
@pytest.mark.parametrize("chunk", [1, 3, 512])
def test_a_step_is_the_decoders_step(monkeypatch, cell, layers, bits, chunk):
    monkeypatch.setattr(stepping, "CHUNK", chunk)
    decoder = tiny_model(cell=cell, layers=layers, bits=bits).decoder
    assert_equal_on_random_trees(decoder, all_codes(bits), rtol=0, atol=1e-12)


@pytest.mark.usefixtures("float64")
@torch.no_grad()
@pytest.mark.parametrize("switches", list(itertools.product([True, False], repeat=3)))
@pytest.mark.parametrize("codes_in_table", [7, 8])
def test_wherever_the_bits_enter_and_however_many_codes_there_are(
    monkeypatch, switches, codes_in_table
):
    monkeypatch.setattr(stepping, "CODES_IN_TABLE", codes_in_table)
    decoder = tiny_model(**dict(zip(PLACES, switches, strict=True))).decoder
    assert_equal_on_random_trees(decoder, all_codes(3), rtol=0, atol=1e-12)


@torch.no_grad()
def test_in_single_precision():
    decoder = tiny_model(gain=1.0).decoder
    assert_equal_on_random_trees(decoder, all_codes(3), rtol=0, atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
def test_in_16_bits_it_is_near_and_probabilities_are_not_rounded(cell, layers, bits):
    decoder = tiny_model(gain=1.0, cell=cell, layers=layers, bits=bits, hidden_size=32).decoder
    z = all_codes(bits)

    def logits():
        prefixes, (symbols, parents) = decoder.prefixes(z), start(decoder, z)
        for _ in range(12):
            yield prefixes.step(symbols, parents)
            symbols = torch.full_like(symbols, 2)

    wanted = [*logits()]
    with decoder.computing_in("bf16"):
        found = [*logits()]
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one, other, rtol=0, atol=0.02)
        assert not one.equal(other)
    assert torch.stack([*logits()]).equal(torch.stack(wanted))


@torch.no_grad()
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_a_word_is_read_in_16_bits_too(cell):
    decoder = tiny_model(gain=1.0, cell=cell, hidden_size=32).decoder
    z, words = all_codes(3)[:, None], as_batch(["abba?b"])
    wanted = decoder.log_prob(words, z)
    with decoder.computing_in("bf16"):
        found = decoder.log_prob(words, z)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, wanted, rtol=0, atol=0.1)
    assert not found.equal(wanted)
    assert decoder.log_prob(words, z).equal(wanted)


@pytest.mark.usefixtures("float64")
@torch.no_grad()
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
def test_steps_sum_to_the_teacher_forced_log_probability(cell, layers, bits):
    decoder = tiny_model(cell=cell, layers=layers, bits=bits).decoder
    z, words = all_codes(bits), as_batch(["abba?b"])
    prefixes = decoder.prefixes(z)
    symbols, parents = start(decoder, z)
    total = torch.zeros(len(z))
    for symbol in words[0]:
        log_probs = prefixes.step(symbols, parents).log_softmax(-1)
        symbols = symbol.expand(len(z))
        total += log_probs[:, symbol]
    expected = decoder.log_prob(words, z[:, None])[:, 0]
    torch.testing.assert_close(total, expected, rtol=0, atol=1e-12)


def test_each_kind_of_network_has_its_way_to_advance_prefixes():
    z = torch.zeros(128, 3)
    assert isinstance(tiny_model().decoder.prefixes(z), LstmPrefixes)
    assert isinstance(tiny_model(layers=2).decoder.prefixes(z), LstmPrefixes)
    assert isinstance(tiny_model(cell="gru").decoder.prefixes(z), PrefixesByStep)


@pytest.mark.parametrize("layers", [1, 2])
def test_what_was_returned_is_left_alone_and_has_no_gradient(layers):
    decoder = tiny_model(layers=layers).decoder
    weights = [parameter.clone() for parameter in decoder.parameters()]
    one, other = (decoder.prefixes(z) for z in (all_codes(3), 1 - all_codes(3)))
    symbols, parents = start(decoder, all_codes(3))
    found = [prefixes.step(symbols, parents) for prefixes in (one, other)]
    kept = [logits.clone() for logits in found]
    again = one.step(torch.full((8,), 2), parents), other.step(torch.full((8,), 2), parents)
    assert all(torch.equal(*pair) for pair in zip(found, kept, strict=True))
    assert torch.equal(again[0], again[1].flip(0))  # the codes of one are those of the other
    assert not any(logits.requires_grad for logits in (*found, *again))
    assert all(torch.equal(*pair) for pair in zip(decoder.parameters(), weights, strict=True))


def test_a_table_of_codes_and_a_large_alphabet_is_not_made(monkeypatch):
    decoder = tiny_model("abcdefgh").decoder
    z, symbols, parents = all_codes(3), torch.arange(2, 10), torch.arange(8)
    expected = decoder.prefixes(z)
    monkeypatch.setattr(stepping, "ROWS_IN_TABLE", 30)
    found = decoder.prefixes(z)
    assert len(expected.symbols) == len(z) * len(decoder.embedding.weight)
    assert len(found.symbols) <= 30
    for each in (expected, found):
        each.step(torch.full_like(parents, decoder.start_symbol), parents)
    torch.testing.assert_close(found.step(symbols, parents), expected.step(symbols, parents))
