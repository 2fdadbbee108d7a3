"""Distributions whose bits depend on one another, against sums over all codes."""

import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.bits import (
    Autoregressive,
    Boltzmann,
    FactorisedBernoulli,
    exact_kl_per_bit,
    sampled_kl,
)
from lexbits.errors import RunError
from lexbits.model import conditioners
from lexbits.model.cells import run_layer
from lexbits.model.conditioners import BitGru, Made
from lexbits.training.checkpoint import network_of
from tests.exact import all_codes, tiny_model, tiny_settings

BITS, WORDS, CONTEXT = 4, 3, 5


def conditioner(kind, context=CONTEXT):
    torch.manual_seed(2)
    network = kind(BITS, context, 7)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    return network


def autoregressive(kind):
    return Autoregressive(conditioner(kind), torch.randn(WORDS, BITS), torch.randn(WORDS, CONTEXT))


def boltzmann():
    torch.manual_seed(3)
    return Boltzmann(torch.randn(BITS), torch.randn(BITS, BITS))


@pytest.mark.parametrize("kind", [Made, BitGru])
def test_probabilities_of_all_codes_sum_to_one_for_every_word(kind):
    q = autoregressive(kind)
    total = torch.logsumexp(q.log_prob(all_codes(BITS)[:, None]), 0)
    torch.testing.assert_close(total, torch.zeros(WORDS), atol=1e-5, rtol=0)


def test_probabilities_of_a_boltzmann_distribution_sum_to_one():
    total = torch.logsumexp(boltzmann().log_prob(all_codes(BITS)), 0)
    assert total == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("kind", [Made, BitGru])
@pytest.mark.parametrize("k", range(BITS))
def test_a_bit_s_logit_depends_on_earlier_bits_only(kind, k):
    q = autoregressive(kind)
    z = torch.rand(WORDS, BITS).round()
    other = z.clone()
    other[:, k:] = 1 - other[:, k:]
    assert torch.equal(q.logits(z)[:, : k + 1], q.logits(other)[:, : k + 1])
    if k + 1 < BITS:
        changed = z.clone()
        changed[:, k] = 1 - changed[:, k]
        assert not torch.equal(q.logits(z)[:, k + 1 :], q.logits(changed)[:, k + 1 :])


@pytest.mark.parametrize("kind", [Made, BitGru])
def test_a_network_over_bits_starts_silent_so_that_bits_start_independent(kind):
    q = Autoregressive(
        kind(BITS, CONTEXT, 6), torch.randn(WORDS, BITS), torch.randn(WORDS, CONTEXT)
    )
    z = all_codes(BITS)[:, None]
    torch.testing.assert_close(q.log_prob(z), FactorisedBernoulli(q.base).log_prob(z))


@pytest.mark.parametrize("kind", [Made, BitGru])
def test_samples_have_the_probabilities_of_their_codes(kind):
    q, n = autoregressive(kind), 40_000
    codes = all_codes(BITS)
    number = (q.sample(n) @ torch.tensor([8.0, 4.0, 2.0, 1.0])).long()
    for word in range(WORDS):
        expected = q.log_prob(codes[:, None])[:, word].exp()
        found = torch.bincount(number[:, word], minlength=16) / n
        spread = (expected * (1 - expected) / n).sqrt()
        assert ((found - expected).abs() < 4.5 * spread + 1e-6).all()


def test_samples_of_a_boltzmann_distribution_have_the_probabilities_of_their_codes():
    p, n = boltzmann(), 40_000
    number = (p.sample(n) @ torch.tensor([8.0, 4.0, 2.0, 1.0])).long()
    expected = p.log_prob(all_codes(BITS)).exp()
    found = torch.bincount(number, minlength=16) / n
    assert ((found - expected).abs() < 4.5 * (expected * (1 - expected) / n).sqrt()).all()


def test_without_couplings_a_boltzmann_distribution_is_a_product_of_bernoullis():
    biases = torch.randn(BITS)
    z = all_codes(BITS)
    p = Boltzmann(biases, torch.zeros(BITS, BITS))
    torch.testing.assert_close(p.log_prob(z), FactorisedBernoulli(biases).log_prob(z))


def test_only_couplings_of_different_bits_count_and_each_once():
    biases, couplings = torch.randn(BITS), torch.randn(BITS, BITS)
    z = all_codes(BITS)
    upper = Boltzmann(biases, torch.triu(couplings, 1)).log_prob(z)
    torch.testing.assert_close(Boltzmann(biases, couplings).log_prob(z), upper)


@pytest.mark.parametrize("kind", [Made, BitGru])
def test_the_mode_takes_bit_by_bit_the_more_probable_value(kind):
    q = autoregressive(kind)
    mode = q.mode
    assert torch.equal((q.logits(mode) > 0).float(), mode)


@pytest.mark.parametrize("bits", [1, 2, 7])
def test_a_gru_that_reads_bit_after_bit_adds_exactly_what_it_adds_to_all_at_once(bits):
    torch.manual_seed(1)
    network, z = BitGru(bits, CONTEXT, 64), torch.rand(5, 33, bits).round()
    torch.nn.init.normal_(network.outputs)
    context, read = torch.randn(5, 33, CONTEXT), torch.zeros_like(z)
    with torch.no_grad():
        whole = network(z, context)
        for k, added in enumerate(network.one_by_one(read, context)):
            assert torch.equal(added, whole[..., k])
            read[..., k] = z[..., k]


def test_a_gru_reads_each_bit_once_where_bits_are_drawn(monkeypatch):
    q, reads = autoregressive(BitGru), []

    def noting(rnn, bits, *given):
        reads.append(len(bits))
        return run_layer(rnn, bits, *given)

    monkeypatch.setattr(conditioners, "run_layer", noting)
    q.sample(3)
    assert sum(reads) == BITS - 1


@pytest.mark.parametrize("kind", [Made, BitGru])
def test_every_pair_of_code_and_word_is_compared(kind):
    q = autoregressive(kind)
    z = torch.rand(6, BITS).round()
    pairs = q.pairwise_log_prob(z)
    assert pairs.shape == (6, WORDS)
    torch.testing.assert_close(pairs[4], q.log_prob(z[4].expand(WORDS, -1)))
    independent = FactorisedBernoulli(torch.randn(WORDS, BITS))
    torch.testing.assert_close(
        independent.pairwise_log_prob(z), independent.log_prob(z[:, None].expand(-1, WORDS, -1))
    )


def test_the_kl_is_exact_for_independent_bits_and_sampled_for_others():
    q, p = FactorisedBernoulli(torch.randn(WORDS, BITS)), boltzmann()
    assert exact_kl_per_bit(q, p) is None
    assert exact_kl_per_bit(autoregressive(Made), FactorisedBernoulli(torch.zeros(BITS))) is None
    z = all_codes(BITS)[:, None]
    exact = (q.log_prob(z).exp() * (q.log_prob(z) - p.log_prob(z))).sum(0)
    torch.testing.assert_close(sampled_kl(q, p, q.sample(20_000)), exact, atol=0.05, rtol=0)


def test_the_frozen_log_probability_sends_no_gradient_to_q_but_one_to_z():
    logits = torch.randn(2, BITS, requires_grad=True)
    z = torch.rand(2, BITS, requires_grad=True)
    value = FactorisedBernoulli(logits).frozen_log_prob(z)
    found = torch.autograd.grad(value.sum(), [logits, z], allow_unused=True)
    assert found[0] is None
    torch.testing.assert_close(found[1], logits.detach())  # linear between bit vectors


def reachable(made, bits):
    """Return which bit [K] each output [K] of a MADE depends on, by its gradient."""
    with torch.no_grad():
        made.outputs.weight.uniform_(0.5, 1.0)
        made.inputs.weight.uniform_(0.5, 1.0).div_(bits)
    z = torch.zeros(bits, requires_grad=True)
    rows = [torch.autograd.grad(made(z, z.new_zeros(0))[k], z)[0] for k in range(bits)]
    return torch.stack(rows) != 0


@pytest.mark.parametrize(
    ("bits", "hidden"), [(1, 4), (2, 1), (5, 4), (5, 64), (65, 64), (128, 127), (128, 256)]
)
def test_every_bit_of_a_made_depends_on_all_before_it(bits, hidden):
    assert torch.equal(reachable(Made(bits, 0, hidden), bits), torch.ones(bits, bits).tril(-1) > 0)


@pytest.mark.parametrize(("bits", "hidden"), [(128, 64), (66, 64), (9, 3), (7, 1)])
def test_too_few_hidden_units_of_a_made_are_spread_over_all_bits(bits, hidden):
    """No bit but the last is without a successor that looks at it, and none looks ahead."""
    found = reachable(Made(bits, 0, hidden), bits)
    assert found[-1, :-1].all()
    assert not found.triu().any()
    seen = found.sum(1)
    assert (seen >= torch.arange(bits) - -(-(bits - 1) // hidden)).all()


def test_a_made_that_fits_is_masked_as_it_always_was():
    for bits in (2, 16, 65):
        seen = torch.arange(64) % (bits - 1) + 1
        expected = (torch.arange(bits) < seen[:, None]).float()
        assert torch.equal(Made(bits, 0, 64).see_inputs, expected)


def test_a_made_that_cuts_dependencies_is_refused_where_it_is_loaded():
    """Version 0.1.0 gave it 64 units whatever K; up to 65 bits these are all that it needs."""
    settings, alphabet = tiny_settings(bits=100, posterior="made"), Alphabet("ab")
    model = tiny_model(bits=100, posterior="made")
    model.conditioner = Made(100, settings.encoder_hidden_size, 64)
    with pytest.raises(
        RunError, match=r"^model: .*a MADE of 64 hidden units over 100 bits, as ver"
    ):
        network_of(model.state_dict(), settings, alphabet, "model")
    model = tiny_model(bits=65, posterior="made")
    settings = tiny_settings(bits=65, posterior="made")
    assert network_of(model.state_dict(), settings, alphabet, "model").bits == 65


@pytest.mark.parametrize("part", ["prior", "posterior"])
def test_no_bit_of_a_model_with_many_bits_is_cut_off(part):
    model = tiny_model(**{"bits": 100, part: "made"})
    made = model.prior_made if part == "prior" else model.conditioner
    assert made.see_inputs.shape == (99, 100)
    assert torch.equal(made.see_hidden @ made.see_inputs > 0, torch.ones(100, 100).tril(-1) > 0)
