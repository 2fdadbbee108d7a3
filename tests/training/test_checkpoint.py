import io
import json
import math
import pickle

import pytest
import safetensors.torch
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from lexbits.errors import RunError
from lexbits.training import checkpoint
from lexbits.training.checkpoint import pack, unpack

TYPES = [
    torch.float64,
    torch.float32,
    torch.float16,
    torch.bfloat16,
    torch.int64,
    torch.int32,
    torch.int16,
    torch.int8,
    torch.uint8,
    torch.bool,
]
FACTS = {"step": 3, "best_nll": 0.1 + 0.2, "none": None, "word": "ñandú", "list": [1, 2.5]}
GOOD = pack("state", {"weight": torch.arange(6.0).view(2, 3), "step": torch.tensor(3)}, FACTS, "1")


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("shape", [(), (1,), (0,), (0, 3), (2, 3), (2, 1, 4)])
def test_tensors_come_back_bit_for_bit(dtype, shape):
    values = (torch.randn(shape) * 10).to(dtype)
    tensors, facts = unpack("model", pack("model", {"a/b.c": values}, FACTS, "1"), "file")
    assert tensors["a/b.c"].dtype == dtype
    assert tensors["a/b.c"].shape == shape
    assert torch.equal(tensors["a/b.c"], values)
    assert facts == FACTS


def test_tensors_that_are_views_or_shared_come_back():
    base = torch.randn(4, 6)
    given_tensors = {"whole": base, "again": base, "turned": base.T, "part": base[1:, ::2]}
    found, _ = unpack("model", pack("model", given_tensors, {}, "1"), "file")
    assert found.keys() == given_tensors.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in given_tensors.items())


def test_numbers_that_are_not_finite_come_back():
    values = torch.tensor([math.inf, -math.inf, math.nan])
    tensors, facts = unpack("model", pack("model", {"a": values}, {"x": math.inf}, "1"), "file")
    assert torch.equal(tensors["a"].isnan(), values.isnan())
    assert tensors["a"][:2].tolist() == [math.inf, -math.inf]
    assert facts == {"x": math.inf}


def test_nothing_at_all_comes_back():
    assert unpack("model", pack("model", {}, {}, "1"), "file") == ({}, {})


@pytest.mark.parametrize("length", range(260))
def test_the_length_of_the_facts_does_not_matter(length):
    """The first byte of a file is part of a length: it may be that of a pickle."""
    content = pack("state", {"a": torch.zeros(2)}, {"text": "x" * length}, "1")
    assert unpack("state", content, "file")[1] == {"text": "x" * length}


def saved_by_torch(**options):
    buffer = io.BytesIO()
    torch.save({"weight": torch.zeros(3)}, buffer, **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        saved_by_torch(),
        saved_by_torch(_use_new_zipfile_serialization=False),
        pickle.dumps({"weight": [0.0]}),
        pickle.dumps({"weight": [0.0]}, protocol=2),
    ],
)
def test_pickles_are_refused_by_name(content):
    with pytest.raises(RunError, match=r"^run/model: .*found a pickle; .*can run code"):
        unpack("model", content, "run/model")


def test_a_pickle_that_would_run_code_does_not(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(RunError):
            unpack("model", pickle.dumps(Trap(), protocol), "file")
    assert not list(tmp_path.iterdir())


@given(st.integers(0, len(GOOD) - 1))
def test_a_truncated_file_is_refused(length):
    with pytest.raises(RunError, match=r"^file: "):
        unpack("state", GOOD[:length], "file")


def assert_refused_or_the_same(content):
    """A change may go unnoticed only where it changes nothing, such as a blank in the header."""
    try:
        tensors, facts = unpack("state", content, "file")
    except RunError as error:
        assert str(error).startswith("file: ")
        return False
    assert facts == FACTS
    original, _ = unpack("state", GOOD, "file")
    assert tensors.keys() == original.keys()
    assert all(torch.equal(tensors[name], tensor) for name, tensor in original.items())
    return True


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
def test_a_changed_byte_is_noticed(position, change):
    changed = bytearray(GOOD)
    changed[position] ^= change
    assert_refused_or_the_same(bytes(changed))


def test_a_flipped_bit_is_noticed_wherever_it_is():
    unnoticed = 0
    for position in range(len(GOOD)):
        for bit in range(8):
            changed = bytearray(GOOD)
            changed[position] ^= 1 << bit
            unnoticed += assert_refused_or_the_same(bytes(changed))
    assert unnoticed < 10  # the last digit of a number that is not needed, a letter of an escape


@given(st.binary(max_size=300))
@example(b"")
@example(b"\x80")
@example(b"PK")
@example(b"\xff" * 64)
@example(b"\x02\0\0\0\0\0\0\0{}")
def test_any_other_file_is_refused(content):
    with pytest.raises(RunError, match=r"^file: "):
        unpack("state", content, "file")


@pytest.mark.parametrize(
    "metadata",
    [None, {}, {"lexbits": "[]"}, {"lexbits": "3"}, {"lexbits": "{}"}, {"lexbits": "no"}]
    + [{"lexbits": json.dumps({"kind": "state", "format": value})} for value in ("new", None, 1)],
)
def test_a_safetensors_file_of_others_is_refused(metadata):
    content = safetensors.torch.save({"a": torch.zeros(2)}, metadata)
    with pytest.raises(RunError, match=r"^file: "):
        unpack("state", content, "file")


def test_an_edited_file_is_refused_although_it_is_sound_safetensors():
    tensors = safetensors.torch.load(GOOD)
    size = int.from_bytes(GOOD[:8], "little")
    metadata = json.loads(GOOD[8 : 8 + size])["__metadata__"]
    assert unpack("state", safetensors.torch.save(tensors, metadata), "file")
    tensors["weight"] += 1
    with pytest.raises(RunError, match="does not match its digest"):
        unpack("state", safetensors.torch.save(tensors, metadata), "file")


def test_a_newer_format_is_named_with_its_version(monkeypatch):
    monkeypatch.setattr(checkpoint, "FORMAT", 9)
    content = pack("state", {}, {}, "7.5")
    monkeypatch.undo()
    with pytest.raises(RunError, match=r"by lexbits 7\.5 in format 9; .* up to format 1: upgrade"):
        unpack("state", content, "file")


def test_another_kind_is_refused():
    with pytest.raises(RunError, match="expected a checkpoint of a model, found 'state'"):
        unpack("model", GOOD, "file")


def test_packing_changes_nothing_and_depends_on_the_content_alone():
    weight = torch.randn(3, requires_grad=True)
    assert pack("model", {"w": weight}, {}, "1") == pack("model", {"w": weight}, {}, "1")
    assert weight.requires_grad
