"""What turned bits spell is what the codes with them off and on spell."""

import torch

from lexbits.bits import format_code
from lexbits.measures import turned_bits as measure
from lexbits.measures.turned_bits import turned_bits
from tests.word_model.conftest import WORDS, fit


def test_each_bit_is_off_and_on_and_all_others_are_left(monkeypatch):
    model = fit(WORDS, epochs=1)
    codes = torch.tensor([[0.0, 1, 0, 1], [1, 1, 1, 0], [0, 0, 0, 0]])
    monkeypatch.setattr(measure, "ROWS_AT_ONCE", 4)
    found = turned_bits(model.network.decoder, model.alphabet, codes, [3, 0], 30)
    expected = []
    for bit in (3, 0):
        off, on = codes.clone(), codes.clone()
        off[:, bit], on[:, bit] = 0, 1
        spelled = [[s.word for s in model.decode(map(format_code, z))] for z in (off, on)]
        expected.append(list(zip(*spelled, strict=True)))
    assert found == expected
    assert any(off != on for pairs in found for off, on in pairs)


def test_no_bits_are_nothing_to_turn():
    assert turned_bits(None, None, torch.zeros(2, 3), [], 30) == []
