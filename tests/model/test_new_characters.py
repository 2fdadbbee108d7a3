"""Rows for characters that networks have never seen: nothing else that a model says changes."""

import math

import pytest
import torch

from lexbits.alphabet import UNKNOWN, Alphabet
from tests.exact import all_codes, as_batch, tiny_model

KNOWN = ["", "a", "ab", "bba", "abab"]
KINDS = {
    "lstm": {},
    "gru, two layers": {"cell": "gru", "layers": 2},
    "bits nowhere but in the logits": {"z_at_start": False, "z_at_every_step": False},
    "no bits": {"bits": 0},
    "a borrowed embedding": {"encoder_embedding": "borrowed"},
    "an embedding larger than the alphabet": {"embedding_size": 40},
}


def batches(model, larger, words):
    """Return the same words as symbols of both alphabets."""
    count = larger.decoder.symbols - model.decoder.symbols
    before = as_batch(words)
    after = before.clone()
    after[before == model.decoder.pad] += count
    return before, after


@pytest.mark.parametrize("changes", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("count", [1, 7])
def test_words_without_them_are_as_probable_as_before(count, changes):
    model = tiny_model(**changes)
    larger = model.with_characters(count)
    before, after = batches(model, larger, KNOWN)
    z = all_codes(model.bits)[:, None].expand(-1, len(KNOWN), -1)
    same = model.decoder.log_prob(before, z), larger.decoder.log_prob(after, z)
    torch.testing.assert_close(*same, rtol=0, atol=1e-5)
    torch.testing.assert_close(
        model.posterior(before).parameters, larger.posterior(after).parameters
    )
    torch.testing.assert_close(model.prior().logits, larger.prior().logits)


@pytest.mark.parametrize("count", [1, 7])
def test_they_share_what_the_unknown_symbol_had(count):
    model = tiny_model()
    larger = model.with_characters(count)
    z = all_codes(model.bits)[:3]
    first = [part.decoder.step(*part.decoder.start(z)) for part in (model, larger)]
    before, after = (logits.log_softmax(-1) for logits, _ in first)
    new = [UNKNOWN, *range(model.decoder.symbols, larger.decoder.symbols)]
    each = before[:, [UNKNOWN]] - math.log(1 + count)
    torch.testing.assert_close(after[:, new], each.expand(-1, 1 + count))


def test_prefixes_that_are_stepped_by_hand_are_those_of_the_decoder():
    decoder = tiny_model().with_characters(2).decoder
    z = all_codes(3)
    symbols = torch.full((len(z),), decoder.start_symbol)
    logits, _ = decoder.step(symbols, decoder.start(z)[1])
    by_hand = decoder.prefixes(z).step(symbols, torch.arange(len(z)))
    torch.testing.assert_close(by_hand, logits)


def test_the_model_stays_as_it_is_and_the_new_rows_are_trained():
    model = tiny_model()
    weights = {name: t.clone() for name, t in model.state_dict().items()}
    larger = model.with_characters(2)
    new = larger.decoder.symbols - 1
    words = torch.tensor([[new, new - 1, 0]])
    larger.decoder.log_prob(words, torch.ones(1, 1, 3)).sum().backward()
    decoder = larger.decoder
    for table in (decoder.embedding, decoder.logits, decoder.z_to_logits):
        assert table.weight.grad[[new - 1, new]].abs().sum(1).gt(0).all()
    assert all(torch.equal(weights[name], t) for name, t in model.state_dict().items())


def test_no_characters_are_a_plain_copy():
    model = tiny_model()
    copy = model.with_characters(0)
    pairs = zip(model.parameters(), copy.parameters(), strict=True)
    assert all(torch.equal(a, b) and a is not b for a, b in pairs)


def test_a_larger_alphabet_begins_with_the_known_one():
    known = Alphabet("cab")
    assert known.extended("dbaé").characters == ("c", "a", "b", "d", "é")
    assert known.extended("abc") == known
    larger = known.extended("d")
    assert known.symbols_in(larger).tolist() == [0, 1, 2, 3, 4, larger.start, larger.pad]
    assert larger.symbols_in(known).tolist() == [0, 1, 2, 3, 4, UNKNOWN, known.start, known.pad]
