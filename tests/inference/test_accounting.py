import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lexbits.alphabet import Alphabet
from lexbits.bits import Bernoullis
from lexbits.data.corpus import Corpus
from lexbits.inference import evaluate, score_words
from lexbits.inference.accounting import active_bits, information_per_bit, mutual_information
from tests.exact import all_codes, tiny_model

WORDS = ["ab", "bbab", "", "aba", "b", "aab", "ab"]


def saturated(codes, size=200.0):
    return Bernoullis((2 * codes - 1).double() * size)


def test_equal_posteriors_know_nothing():
    one = torch.tensor([[0.3, -2.0, 50.0, -500.0]], dtype=torch.float64)
    q = Bernoullis(one.expand(40, -1))
    assert abs(mutual_information(q)) < 1e-9
    assert information_per_bit(q).abs().max() < 1e-9
    assert active_bits(q) == 0


@pytest.mark.parametrize("size", [50.0, 500.0])
def test_distinct_certain_codes_know_everything(size):
    q = saturated(all_codes(4), size)
    assert mutual_information(q) == pytest.approx(math.log(16), abs=1e-12)
    assert active_bits(q) == 4
    torch.testing.assert_close(
        information_per_bit(q), torch.full((4,), math.log(2), dtype=torch.float64)
    )


def test_more_words_than_a_piece_are_compared_all_with_all():
    q = saturated(all_codes(10))  # 1024 words
    assert mutual_information(q) == pytest.approx(math.log(1024), abs=1e-9)
    assert mutual_information(Bernoullis(q.logits.repeat(2, 1))) == pytest.approx(
        math.log(1024), abs=1e-9
    )


def test_certain_codes_that_coincide_know_as_much_as_the_codes_differ():
    q = saturated(torch.tensor([[0.0], [1.0], [1.0], [1.0]]))
    entropy = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75))
    assert mutual_information(q) == pytest.approx(entropy)
    assert information_per_bit(q).tolist() == pytest.approx([entropy])


@given(st.integers(1, 40), st.integers(0, 6), st.sampled_from([0.1, 2.0, 30.0, 300.0]))
def test_mutual_information_is_never_above_log_n(n, bits, size):
    torch.manual_seed(n)
    q = Bernoullis(torch.randn(n, bits, dtype=torch.float64) * size)
    found = mutual_information(q)
    assert math.isfinite(found)
    assert found <= math.log(n) + 1e-9


def test_mutual_information_is_the_exact_sum_over_codes_on_average():
    torch.manual_seed(1)
    q = Bernoullis(torch.randn(3000, 3, dtype=torch.float64) * 2)
    log_q = q.log_prob(all_codes(3).double()[:, None])
    log_marginal = torch.logsumexp(log_q, 1) - math.log(3000)
    each = (log_q.exp() * (log_q - log_marginal[:, None])).sum(0)
    spread = (log_q.exp() * (log_q - log_marginal[:, None] - each) ** 2).sum(0).mean()
    error = (mutual_information(q) - each.mean()) / (spread / 3000).sqrt()
    assert abs(error) < 4


def test_mutual_information_does_not_disturb_the_noise_of_others():
    q = Bernoullis(torch.randn(5, 3, dtype=torch.float64))
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    first = mutual_information(q)
    assert torch.equal(torch.rand(3), expected)
    assert mutual_information(q) == first


def test_information_of_a_bit_is_the_exact_one_and_a_silent_bit_is_not_active():
    logits = torch.tensor([[2.0, 0.1, -600.0], [-1.0, 0.1, -600.0], [0.5, 0.1, -600.0]]).double()
    pi = torch.sigmoid(logits[:, 0])
    mean = pi.mean()
    expected = sum((p * (p / m).log()).mean() for p, m in ((pi, mean), (1 - pi, 1 - mean))).item()
    q = Bernoullis(logits)
    found = information_per_bit(q).tolist()
    assert found == pytest.approx([expected, 0, 0], abs=1e-12)
    assert active_bits(q) == 1


def corpus(words=WORDS):
    return Corpus.from_words(words, Alphabet("ab"))


def test_the_figures_of_words_are_sums_over_words():
    model = tiny_model()
    torch.manual_seed(2)
    scores = score_words(model, corpus(), 20)
    torch.manual_seed(2)
    figures = evaluate(model, corpus(), 20)
    n, symbols = len(WORDS), sum(len(word) + 1 for word in WORDS)
    assert (figures.words, figures.symbols, figures.samples) == (n, symbols, 20)
    assert figures.nll == pytest.approx(-scores.log_prob.mean())
    assert figures.perplexity_per_symbol == pytest.approx(
        math.exp(-scores.log_prob.sum() / symbols)
    )
    assert figures.elbo == pytest.approx(scores.elbo.mean())
    assert figures.elbo == pytest.approx(-figures.distortion - figures.rate)
    assert figures.rate == pytest.approx(scores.rate.mean())
    assert figures.nll_se == pytest.approx(scores.log_prob.std(ddof=1) / math.sqrt(n))
    assert 1 <= figures.ess <= 20


def test_the_rate_is_information_and_divergence_of_the_marginal():
    figures = evaluate(tiny_model(), corpus(), 5)
    assert figures.rate == pytest.approx(figures.mutual_information + figures.marginal_kl)
    assert figures.mutual_information <= math.log(len(WORDS))


def test_one_word_has_no_standard_error_and_no_information():
    figures = evaluate(tiny_model(), corpus(["ab"]), 5)
    assert math.isnan(figures.nll_se)
    assert figures.mutual_information == pytest.approx(0, abs=1e-9)


def test_zero_bits_have_no_rate_and_no_information():
    figures = evaluate(tiny_model(bits=0), corpus(), 50)
    assert (figures.rate, figures.mutual_information, figures.marginal_kl) == (0, 0, 0)
    assert (figures.active_bits, figures.samples) == (0, 1)
    assert figures.nll == pytest.approx(-figures.elbo)
