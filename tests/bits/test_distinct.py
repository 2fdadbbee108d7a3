import pytest
import torch

from lexbits.bits import distinct
from lexbits.bits.distinct import distinct_pairs


def pairs(z):
    samples, batch, _ = z.shape
    return [(b, *z[s, b].tolist()) for s in range(samples) for b in range(batch)]


@pytest.mark.parametrize("bits", [0, 1, 3, 29, 30, 31, 64, 100])
@pytest.mark.parametrize("at_once", [2, 30])
def test_every_place_holds_the_pair_that_it_is_said_to_hold(bits, at_once, monkeypatch):
    monkeypatch.setattr(distinct, "BITS_AT_ONCE", at_once)
    generator = torch.Generator().manual_seed(bits)
    few = torch.randint(2, (5, bits), generator=generator).float()
    z = few[torch.randint(5, (40, 3), generator=generator)]
    found, everywhere = distinct_pairs(z), pairs(z)
    codes = found.codes.tolist()
    distinct_ones = [
        (b, *codes[u]) for b, u in zip(found.word.tolist(), found.code.tolist(), strict=True)
    ]
    assert len(set(distinct_ones)) == len(distinct_ones) == len(set(everywhere))
    assert [distinct_ones[number] for number in found.which] == everywhere
    assert len({tuple(code) for code in codes}) == len(codes) == int(found.code.max()) + 1


def test_the_same_code_of_two_words_counts_twice():
    found = distinct_pairs(torch.ones(4, 2, 3))
    assert found.word.tolist() == [0, 1]
    assert found.code.tolist() == [0, 0]


def test_pairs_are_in_the_order_of_codes_and_then_of_words():
    z = torch.randint(2, (20, 5, 3), generator=torch.Generator().manual_seed(0)).float()
    found = distinct_pairs(z)
    pairs_in_order = list(zip(found.code.tolist(), found.word.tolist(), strict=True))
    assert pairs_in_order == sorted(pairs_in_order)
