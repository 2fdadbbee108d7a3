import base64
import json

import numpy as np
import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.errors import RunError
from lexbits.report.weights import FACTS, describe, rounded
from tests.exact import as_batch, tiny_model, tiny_settings

ALPHABET = Alphabet("ab")
WORDS = ["ab", "b", "abba"]


def read_back(description):
    """Return the tensors of a description, read as a page does."""
    content = base64.b64decode(description["weights"]["data"], validate=True)
    found = {}
    for name, entry in description["weights"]["tensors"].items():
        kind = np.dtype("i1" if "scales" in entry else "<f2")
        number = int(np.prod(entry["shape"]))
        values = np.frombuffer(content, kind, number, entry["at"]).astype(np.float32)
        values = values.reshape(entry["shape"])
        if "scales" in entry:
            scales = np.frombuffer(content, "<f4", entry["shape"][0], entry["scales"])
            values = values * scales[:, None]
        found[name] = torch.from_numpy(values)
    return found


@pytest.mark.parametrize("precision", ["half", "int8"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"prior": "made", "posterior": "made"},
        {"prior": "boltzmann", "posterior": "gru", "cell": "gru"},
        {"bits": 0},
    ],
    ids=["independent", "made", "couplings", "plain"],
)
def test_the_page_holds_just_the_weights_of_the_rounded_network(changes, precision):
    model = tiny_model(**changes)
    network = rounded(model, precision)
    held = read_back(describe(model, ALPHABET, tiny_settings(**changes), precision))
    state = network.state_dict()
    assert set(held) == {name for name, values in state.items() if values.numel()}
    assert all(torch.equal(values, state[name]) for name, values in held.items())
    again = rounded(network, precision).state_dict()
    assert all(torch.allclose(again[name], state[name], rtol=1e-6) for name in state)


def test_rounding_changes_little_and_leaves_the_model_alone():
    model = tiny_model(prior="made", posterior="made")
    before = {name: values.clone() for name, values in model.state_dict().items()}
    words = as_batch(WORDS)
    whole = model.posterior(words).base
    half, int8 = (rounded(model, precision) for precision in ("half", "int8"))
    assert 0 < (half.posterior(words).base - whole).abs().max() < 0.01
    assert 0 < (int8.posterior(words).base - whole).abs().max() < 0.2
    assert all(torch.equal(values, before[name]) for name, values in model.state_dict().items())
    assert not half.training


def test_half_precision_is_off_by_at_most_a_part_in_2048_and_int8_by_half_a_step_of_its_row():
    model = tiny_model()
    for name, whole in model.state_dict().items():
        half, int8 = (rounded(model, p).state_dict()[name] for p in ("half", "int8"))
        assert ((half - whole).abs() <= whole.abs() / 2048 + 2**-25).all()
        if whole.dim() == 2:
            step = whole.abs().amax(1, keepdim=True) / 127
            assert ((int8 - whole).abs() <= step * 0.5001).all()


def test_entries_that_never_count_are_zero():
    model = tiny_model(bits=4, prior="boltzmann", posterior="made")
    with torch.no_grad():
        model.couplings.fill_(1.0)
        model.conditioner.outputs.weight.fill_(1.0)  # it begins at zero
    held = read_back(describe(model, ALPHABET, tiny_settings(bits=4), "half"))
    assert torch.equal(held["couplings"], torch.triu(torch.ones(4, 4), diagonal=1))
    made = model.conditioner
    assert torch.equal(held["conditioner.inputs.weight"] != 0, made.see_inputs > 0)
    assert torch.equal(held["conditioner.outputs.weight"] != 0, made.see_hidden > 0)


def test_a_row_of_zeros_stays_one():
    model = tiny_model()
    with torch.no_grad():
        model.decoder.logits.weight[1] = 0.0
    assert (rounded(model, "int8").decoder.logits.weight[1] == 0).all()


def test_a_description_is_json_with_the_settings_of_the_networks():
    description = describe(tiny_model(), ALPHABET, tiny_settings(), "half")
    assert json.loads(json.dumps(description)) == description
    assert description["characters"] == ["a", "b"]
    assert description["settings"].keys() == set(FACTS)
    assert description["settings"]["max_length"] == 30
    assert description["weights"]["precision"] == "half"


def test_int8_is_half_as_large():
    settings = tiny_settings(hidden_size=64)
    model = tiny_model(hidden_size=64)
    half, int8 = (
        len(describe(model, ALPHABET, settings, precision)["weights"]["data"])
        for precision in ("half", "int8")
    )
    assert 0.5 < int8 / half < 0.6


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e6])
def test_weights_that_no_page_can_hold_are_refused(wrong):
    model = tiny_model()
    with torch.no_grad():
        model.decoder.logits.bias[0] = wrong
    for precision in ("half", "int8"):
        with pytest.raises(RunError, match=r"decoder\.logits\.bias .* train the model again"):
            rounded(model, precision)
