"""Gradients in chunks against autograd through the whole enumeration."""

import pytest
import torch

from lexbits.errors import UsageError
from lexbits.likelihood import exact_gradient as module
from lexbits.likelihood.exact_gradient import exact_gradient
from tests.exact import as_batch, exact_log_prob, exact_negative_elbo, gradients, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "ab", "a?b"]


def expected_gradient(model, objective):
    words = as_batch(WORDS)
    if objective == "elbo":
        return gradients(-exact_negative_elbo(model, words).mean(), model)
    return gradients(exact_log_prob(model, words).mean(), model)


def close(found, expected):
    assert list(found) == list(expected)
    for name in expected:
        torch.testing.assert_close(found[name], expected[name], rtol=0, atol=1e-10, msg=name)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("objective", ["log_likelihood", "elbo"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "gru"},
        {"layers": 2},
        {"bits": 0},
        {"alpha": [0.2, 0.5, 0.9]},
        {"posterior": "gru", "prior": "made"},
        {"posterior": "made", "prior": "boltzmann"},
    ],
)
def test_it_is_the_gradient_of_the_whole_sum(objective, changes):
    model = tiny_model(**changes)
    found = exact_gradient(model, as_batch(WORDS), objective)
    close(found, expected_gradient(model, objective))
    assert max(gradient.abs().max() for gradient in found.values()) > 0.1


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("objective", ["log_likelihood", "elbo"])
@pytest.mark.parametrize("rows", [1, 3, 15, 1000])
def test_chunks_of_any_size_give_the_same_gradient(objective, rows, monkeypatch):
    model = tiny_model()
    monkeypatch.setattr(module, "ROWS_WITH_GRADIENT", rows)
    close(
        exact_gradient(model, as_batch(WORDS), objective),
        expected_gradient(model, objective),
    )


@pytest.mark.usefixtures("float64")
def test_a_parameter_of_the_prior_has_its_gradient():
    model = tiny_model(alpha=[0.2, 0.5, 0.9], prior="learned")
    for objective in ("log_likelihood", "elbo"):
        found = exact_gradient(model, as_batch(WORDS), objective)
        close(found, expected_gradient(model, objective))
        assert found["prior_logits"].abs().max() > 0.01


def test_the_encoder_has_no_part_in_the_log_likelihood_and_one_in_the_elbo():
    model = tiny_model()
    for objective, moves in (("log_likelihood", False), ("elbo", True)):
        found = exact_gradient(model, as_batch(WORDS), objective)
        assert bool((found["encoder.logits.weight"] != 0).any()) == moves


@pytest.mark.parametrize("objective", ["log_likelihood", "elbo"])
def test_dropout_is_off_and_the_mode_and_gradients_of_the_model_are_left_alone(objective):
    model = tiny_model(dropout=0.5, embedding_dropout=0.5, symbol_dropout=0.5)
    expected = exact_gradient(model, as_batch(WORDS), objective)
    model.train()
    found = exact_gradient(model, as_batch(WORDS), objective)
    for name in expected:
        torch.testing.assert_close(found[name], expected[name])
    assert model.training
    assert model.decoder.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_more_bits_than_the_limit_are_refused():
    with pytest.raises(UsageError, match="limit of 2 bits"):
        exact_gradient(tiny_model(), as_batch(WORDS), limit=2)
