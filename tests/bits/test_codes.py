import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lexbits.bits import format_code, parse_code
from lexbits.errors import UsageError


@given(st.text("01", max_size=20))
def test_a_code_comes_back(code):
    z = parse_code(code, len(code))
    assert z.dtype == torch.float32
    assert z.tolist() == [float(bit) for bit in code]
    assert format_code(z) == code


@pytest.mark.parametrize("code", ["012", "0b1", "O1", "1 0", "１０"])
def test_other_characters_are_refused(code):
    with pytest.raises(UsageError, match=f"zeros and ones, found '{code}'"):
        parse_code(code, len(code))


@pytest.mark.parametrize("code", ["", "0", "0101"])
def test_another_length_is_refused(code):
    with pytest.raises(UsageError, match=f"3 bits, found {len(code)} in '{code}'"):
        parse_code(code, 3)
