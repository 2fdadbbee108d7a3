"""Toys from files, their exact gradients, and what is wrong with a file."""

import json
import math

import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.checking import built_in_toys, measured, read_toys
from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from tests.exact import all_codes

NUMBERS = {"phi": [0.3, -1.0], "W": [[1.0, 2.0], [0.5, -1.0], [2.0, 0.0]], "c": [0.0, 0.1, 0.2],
           "v": [1.0, -1.0, 2.0], "offset": -3.0}  # fmt: skip


def write(tmp_path, document):
    path = tmp_path / "toys.json"
    text = document if isinstance(document, str) else json.dumps(document)
    path.write_text(text, encoding="utf-8")
    return path


def test_one_or_both_toys_are_read_and_other_keys_left_alone(tmp_path):
    path = write(tmp_path, {"single_sample_objective": NUMBERS | {"total_variance": {"x": 1}}})
    (toy,) = read_toys(path)
    assert (toy.bits, toy.joint) == (2, False)
    both = read_toys(
        write(tmp_path, {"multi_sample_objective": NUMBERS, "single_sample_objective": NUMBERS})
    )
    assert [toy.joint for toy in both] == [False, True]


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize(
    "name", ["rloo", "disarm", "arms", "leg", "bitflip", "ugc", "vimco", "ovis"]
)
def test_toys_of_other_sizes_give_exact_answers_too(name, bits):
    kind = ESTIMATORS[name]
    toy = next(t for t in built_in_toys(7, bits, 3) if t.joint == (kind.bound != "elbo"))
    samples = 2 if kind.least_samples == 2 else 1
    found = measured(kind, toy, samples)
    assert found.method == "enumeration"
    assert found.unbiased
    assert found.max_abs_bias < 1e-10


def test_the_function_is_the_one_that_is_described(tmp_path):
    toy, joint = read_toys(
        write(tmp_path, {"single_sample_objective": NUMBERS, "multi_sample_objective": NUMBERS})
    )
    z = torch.tensor([1.0, 0.0], dtype=torch.float64)
    expected = math.tanh(1) - math.tanh(0.6) + 2 * math.tanh(2.2) - 3
    assert toy.function()(z).item() == pytest.approx(expected)
    assert toy.function(shift=5.0)(z).item() == pytest.approx(expected + 5)
    assert joint.function()(z).item() == pytest.approx(expected - 2 * math.log(2))


def test_the_wake_objective_has_the_gradient_of_the_inclusive_divergence():
    toy = built_in_toys()[1]
    phi, f = toy.logits(), toy.function()
    codes = all_codes(3).double()
    found = torch.autograd.grad(toy.objective(phi, f, "wake", 1), [phi, f.v])
    posterior = torch.softmax(f(codes), 0).detach()
    divergence = -(posterior * FactorisedBernoulli(phi).log_prob(codes)).sum()
    torch.testing.assert_close(found[0], -torch.autograd.grad(divergence, phi)[0])
    log_px = torch.logsumexp(f(codes), 0)
    torch.testing.assert_close(found[1], torch.autograd.grad(log_px, f.v)[0])


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "not valid JSON"),
        ({}, "expected an object with single_sample_objective or multi_sample_objective"),
        ([1], "expected an object with"),
        ({"single_sample_objective": 3}, "expected a valid dictionary"),
        ({"single_sample_objective": NUMBERS | {"phi": [0.0] * 5}}, "1 to 4 bits in phi, found 5"),
        ({"single_sample_objective": NUMBERS | {"phi": []}}, "1 to 4 bits in phi, found 0"),
        ({"single_sample_objective": NUMBERS | {"W": [[1.0]]}}, "W with 2 columns"),
        ({"single_sample_objective": NUMBERS | {"c": [1.0]}}, "c as long as W"),
        ({"single_sample_objective": NUMBERS | {"v": [1.0]}}, "v of 3 numbers"),
        ({"single_sample_objective": NUMBERS | {"v": ["a", 1, 2]}}, "v: expected a number"),
        ({"single_sample_objective": {"phi": [0.0]}}, "expected a value"),
        ('{"single_sample_objective": {"phi": [NaN]}}', "phi: expected a finite number"),
    ],
)
def test_a_file_of_another_form_is_refused_by_name(tmp_path, document, message):
    path = write(tmp_path, document)
    with pytest.raises(UsageError, match=message) as caught:
        read_toys(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"missing\.json: cannot be read"):
        read_toys(tmp_path / "missing.json")
