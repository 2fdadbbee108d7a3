"""Information in bits against sums over all codes, and what wrong formulas would say."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lexbits.bits import Autoregressive, FactorisedBernoulli
from lexbits.measures import information as module
from lexbits.measures.information import information, information_per_bit
from tests.exact import all_codes, as_batch, tiny_model

LN2 = math.log(2)


def saturated(codes, size=200.0):
    return (2 * codes - 1).double() * size


def known(logits):
    return information(FactorisedBernoulli, logits)


def exact(log_q):
    """Return MI, TC and their spreads over one code for each word, for log Q(z|x) [2^K, N]."""
    n, bits = log_q.shape[1], (len(log_q) - 1).bit_length()
    z, q = all_codes(bits).double(), log_q.exp()
    log_aggregate = torch.logsumexp(log_q, 1) - math.log(n)
    ones = log_aggregate.exp() @ z
    log_product = (z * ones.log() + (1 - z) * (1 - ones).log()).sum(1)
    found = []
    for each in (log_q - log_aggregate[:, None], (log_aggregate - log_product)[:, None]):
        mean = (q * each).sum(0)
        error = (q * (each - mean) ** 2).sum(0).mean().div(n).sqrt()
        found.append((mean.mean().item(), error.item()))
    return found


def test_equal_posteriors_know_nothing():
    one = torch.tensor([[0.3, -2.0, 50.0, -500.0]], dtype=torch.float64)
    found = known(one.expand(40, -1))
    assert abs(found.mutual_information) < 1e-9
    assert abs(found.total_correlation) < 1e-9
    assert max(map(abs, found.per_bit)) < 1e-9
    assert found.active_bits == 0


@pytest.mark.parametrize("size", [50.0, 500.0])
def test_distinct_certain_codes_know_everything_and_nothing_of_one_another(size):
    found = known(saturated(all_codes(4), size))
    assert found.mutual_information == pytest.approx(math.log(16), abs=1e-12)
    assert found.total_correlation == pytest.approx(0, abs=1e-12)
    assert found.active_bits == 4
    assert found.per_bit == pytest.approx((LN2,) * 4)


def test_copied_bits_are_counted_twice_by_their_sum_and_shown_by_the_total_correlation():
    codes = all_codes(3)
    found = known(saturated(torch.cat([codes, codes], 1)))
    assert found.active_bits == 6
    assert sum(found.per_bit) == pytest.approx(6 * LN2)
    assert found.mutual_information == pytest.approx(3 * LN2)
    assert found.total_correlation == pytest.approx(3 * LN2)
    inverted = known(saturated(torch.cat([codes, 1 - codes], 1)))
    assert inverted.total_correlation == pytest.approx(3 * LN2)


def test_more_words_than_a_piece_are_compared_all_with_all():
    logits = saturated(all_codes(10))  # 1024 words
    for words in (logits, logits.repeat(2, 1)):
        assert known(words).mutual_information == pytest.approx(math.log(1024), abs=1e-9)


def test_certain_codes_that_coincide_know_as_much_as_the_codes_differ():
    found = known(saturated(torch.tensor([[0.0], [1.0], [1.0], [1.0]])))
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert found.mutual_information == pytest.approx(entropy)
    assert list(found.per_bit) == pytest.approx([entropy])
    assert found.total_correlation == pytest.approx(0, abs=1e-12)


@given(st.integers(1, 40), st.integers(0, 6), st.sampled_from([0.1, 2.0, 30.0, 300.0]))
def test_mutual_information_is_never_above_log_n(n, bits, size):
    torch.manual_seed(n)
    found = known(torch.randn(n, bits, dtype=torch.float64) * size)
    assert math.isfinite(found.total_correlation)
    assert found.mutual_information <= math.log(n) + 1e-9


def two_kinds(n, bits):
    """Return logits of words of two kinds, so that all bits are correlated."""
    kind = torch.randint(2, (n, 1)) * 2 - 1
    return (torch.randn(n, bits) + 2 * kind).double()


def test_both_are_the_exact_sums_over_codes_on_average():
    logits = two_kinds(3000, 3)
    (mi, mi_error), (tc, tc_error) = exact(
        FactorisedBernoulli(logits).log_prob(all_codes(3)[:, None])
    )
    found = known(logits)
    assert abs(found.mutual_information - mi) < 4 * mi_error
    assert abs(found.total_correlation - tc) < 4 * tc_error
    assert tc > 20 * tc_error  # the usual mistake, Σ_k KL to the prior, or nothing, is seen
    assert sum(found.per_bit) == pytest.approx(mi + tc, abs=1e-9)


def test_of_many_words_some_are_drawn_and_the_aggregate_is_still_of_all(monkeypatch):
    logits = saturated(all_codes(10))
    monkeypatch.setattr(module, "PAIRS", {True: 1, False: 1})
    monkeypatch.setattr(module, "LEAST_CODES", 50)
    found = known(logits)
    assert found.mutual_information == pytest.approx(math.log(1024), abs=1e-9)
    assert found.mutual_information > math.log(50)  # what the synthetic words alone would allow


def test_the_words_that_are_drawn_are_not_the_first_ones(monkeypatch):
    sure, unsure = saturated(all_codes(8)), torch.zeros(256, 8).double()
    logits = torch.cat([sure, unsure])
    whole = known(logits).mutual_information
    monkeypatch.setattr(module, "PAIRS", {True: 1, False: 1})
    monkeypatch.setattr(module, "LEAST_CODES", 256)
    assert known(logits).mutual_information == pytest.approx(whole, abs=0.5)
    monkeypatch.setattr(module, "number_keys", lambda first, count, *_: torch.arange(count))
    assert abs(known(logits).mutual_information - whole) > 1


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("posterior", ["made", "gru"])
def test_bits_that_depend_on_one_another_have_the_exact_figures_too(posterior):
    model = tiny_model(bits=3, posterior=posterior)
    words = ["a" * n + "b" * m + "a" * k for n in range(7) for m in range(7) for k in range(9)]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
        q = model.posterior(as_batch(words))
        assert isinstance(q, Autoregressive)
        log_q = q.log_prob(all_codes(3)[:, None])
        found = information(model.posterior_like, q.parameters)
    (mi, mi_error), (tc, tc_error) = exact(log_q)
    assert abs(found.mutual_information - mi) < 4 * mi_error
    assert abs(found.total_correlation - tc) < 4 * tc_error + 3 / (2 * len(words))
    assert math.isfinite(found.total_correlation)


def test_it_does_not_disturb_the_noise_of_others():
    logits = torch.randn(5, 3, dtype=torch.float64)
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    first = known(logits).mutual_information
    assert torch.equal(torch.rand(3), expected)
    assert known(logits).mutual_information == first


def test_information_of_a_bit_is_the_exact_one_and_a_silent_bit_is_not_active():
    logits = torch.tensor([[2.0, 0.1, -600.0], [-1.0, 0.1, -600.0], [0.5, 0.1, -600.0]]).double()
    pi = torch.sigmoid(logits[:, 0])
    mean = pi.mean()
    expected = sum((p * (p / m).log()).mean() for p, m in ((pi, mean), (1 - pi, 1 - mean))).item()
    assert information_per_bit(FactorisedBernoulli(logits)).tolist() == pytest.approx(
        [expected, 0, 0], abs=1e-12
    )
    assert known(logits).active_bits == 1


def test_no_bits_know_nothing():
    found = known(torch.zeros(4, 0))
    assert (found.mutual_information, found.total_correlation, found.active_bits) == (0, 0, 0)
