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
    rows, codes, which = distinct_pairs(z)
    everywhere = pairs(z)
    found = [(b, *code) for b, code in zip(rows.tolist(), codes.tolist(), strict=True)]
    assert len(set(found)) == len(found) == len(set(everywhere))
    assert [found[number] for number in which] == everywhere


def test_the_same_code_of_two_words_counts_twice():
    rows, _, _ = distinct_pairs(torch.ones(4, 2, 3))
    assert len(rows) == 2
