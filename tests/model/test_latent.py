import pytest
import torch

from tests.exact import all_codes, as_batch, tiny_model


def test_the_prior_is_given_by_probabilities_and_not_by_logits():
    assert tiny_model(alpha=[0.5]).prior().mean.tolist() == [0.5] * 3
    assert tiny_model(alpha=[0.2]).prior().mean.tolist() == pytest.approx([0.2] * 3)
    assert tiny_model(alpha=[0.2, 0.5, 0.9]).prior().mean.tolist() == pytest.approx([0.2, 0.5, 0.9])


def test_the_prior_sums_to_one():
    prior = tiny_model(alpha=[0.2, 0.5, 0.9]).prior()
    assert prior.log_prob(all_codes(3)).exp().sum().item() == pytest.approx(1, abs=1e-6)


def test_a_prior_next_to_zero_or_one_is_finite():
    logits = tiny_model(alpha=[1e-50, 1 - 1e-12, 0.5]).prior_logits
    assert logits.isfinite().all()
    assert logits.tolist() == pytest.approx([-115.13, 27.63, 0], abs=0.01)


def test_the_prior_is_saved_and_not_trained():
    model = tiny_model(alpha=[0.2])
    assert "prior_logits" in model.state_dict()
    assert "prior_logits" not in dict(model.named_parameters())


def test_zero_bits_leave_the_plain_language_model():
    model = tiny_model(bits=0)
    assert model.encoder is None
    assert all(name.startswith("decoder.") for name, _ in model.named_parameters())
    words = as_batch(["ab", "b"])
    q = model.posterior(words)
    assert q.logits.shape == (2, 0)
    assert q.kl(model.prior()).tolist() == [0, 0]
    assert model.decoder.log_prob(words, q.sample(1)).shape == (1, 2)


def test_the_posterior_of_a_word_does_not_depend_on_dropout_noise():
    model = tiny_model(dropout=0.5, embedding_dropout=0.5, symbol_dropout=0.5).train()
    words = as_batch(["ab", "b"])
    assert torch.equal(model.posterior(words).logits, model.posterior(words).logits)
