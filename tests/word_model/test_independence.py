"""What comes out for a word depends on the word and the seed, not on what stands beside it."""

import random
import threading

import pytest
import torch

from lexbits.bits import Autoregressive, keyed_samples
from lexbits.data.corpus import Corpus
from lexbits.measures.position_gain import symbol_gains
from lexbits.word_model import coding
from tests.word_model.conftest import WORDS, fit


@pytest.fixture(scope="module", params=[{}, {"posterior": "made", "prior": "made"}], ids=str)
def trained(request):
    """A model whose posterior is unsure of its bits, so that samples differ."""
    model = fit(WORDS, **request.param)
    with torch.no_grad():
        for parameter in model.network.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=torch.manual_seed(1)))
    return model


def scores(model, words):
    return {s.word: s.log_prob for s in model.score(words, samples=5, seed=3)}


@pytest.mark.parametrize("others", [1, 7, 30, len(WORDS)])
def test_a_score_does_not_depend_on_the_words_beside_it(trained, others):
    whole = scores(trained, WORDS)
    some = random.Random(others).sample(WORDS, others)
    assert scores(trained, some) == pytest.approx({word: whole[word] for word in some}, abs=1e-4)
    errors = [s.standard_error for s in trained.score(WORDS, samples=5, seed=3)]
    assert max(errors) > 0.01  # other noise would be seen


def test_other_seeds_give_other_scores(trained):
    one, other = (trained.score(WORDS, samples=5, seed=seed) for seed in (3, 4))
    assert sum(a.log_prob != b.log_prob for a, b in zip(one, other, strict=True)) > 50


def test_the_mean_score_is_the_likelihood_of_an_evaluation(trained):
    mean = sum(scores(trained, WORDS).values()) / len(WORDS)
    assert trained.evaluate(WORDS, samples=5, seed=3).nll == pytest.approx(-mean, abs=1e-4)


def test_an_evaluation_does_not_depend_on_the_order_of_its_words(trained):
    one = trained.evaluate(WORDS, samples=5)
    other = trained.evaluate(WORDS[::-1], samples=5)
    for name in ("nll", "elbo", "rate", "mutual_information", "total_correlation"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-4), name


def test_fewer_samples_are_the_first_of_more(trained):
    few, many = (trained.evaluate(WORDS, samples=s).nll_by_samples["1"] for s in (1, 10))
    assert few != pytest.approx(many, abs=1e-6)
    q = trained._posterior(Corpus.from_words(WORDS, trained.alphabet))
    keys = torch.arange(len(WORDS))
    assert torch.equal(keyed_samples(q, keys, 9)[:4], keyed_samples(q, keys, 4))


@pytest.mark.parametrize("method", ["sample", "greedy", "beam"])
def test_more_words_begin_with_the_same_ones(trained, method):
    more = trained.sample(20, decode=method, seed=7)
    for n in (1, 3, 4, 19):
        fewer = trained.sample(n, decode=method, seed=7)
        assert [(s.word, s.code) for s in fewer] == [(s.word, s.code) for s in more[:n]]


def test_new_words_are_those_of_any_number_too(trained):
    more = [s.word for s in trained.sample(20, new_only=True, seed=7)]
    assert [s.word for s in trained.sample(4, new_only=True, seed=7)] == more[:4]
    assert len(set(more)) == 20


def test_codes_are_sampled_from_by_themselves_and_repeated_ones_anew(trained):
    alone = trained.decode(["0101"], decode="sample", seed=2)[0].word
    beside = trained.decode(["1111", "0101", "0000"], decode="sample", seed=2)
    assert beside[1].word == alone
    assert len({s.word for s in trained.decode(["0101"] * 30, decode="sample", seed=2)}) > 5


def test_codes_and_rebuilt_words_do_not_depend_on_the_words_beside_them(trained):
    whole = trained.encode(WORDS)
    for i in (0, 17, len(WORDS) - 1):
        alone = trained.encode([WORDS[i]])[0]
        assert (alone.word, alone.code) == (whole[i].word, whole[i].code)
        assert alone.rate == pytest.approx(whole[i].rate, abs=1e-4)
        assert alone.probabilities == pytest.approx(whole[i].probabilities, abs=1e-4)
    rebuilt = trained.reconstruct(WORDS, samples=4, seed=5)
    for i in (0, 17, len(WORDS) - 1):
        assert trained.reconstruct([WORDS[i]], samples=4, seed=5)[0] == rebuilt[i]
    assert any(len(set(r.samples)) > 1 for r in rebuilt)
    other = trained.reconstruct(WORDS, samples=4, seed=6)
    assert [r.samples for r in other] != [r.samples for r in rebuilt]


def test_a_word_longer_than_those_of_the_training_is_rebuilt_at_its_length(trained):
    long = "cantabas" * 6
    found = trained.reconstruct([long, "canto"])
    assert found[1] == trained.reconstruct(["canto"])[0]
    assert len(found[0].mode) <= len(long)


def test_gains_do_not_depend_on_the_words_beside_them(trained):
    whole = symbol_gains(trained.network, Corpus.from_words(WORDS, trained.alphabet), 4)
    some = Corpus.from_words(WORDS[5:9], trained.alphabet)
    alone = symbol_gains(trained.network, some, 4)
    width = alone.shape[1]
    assert abs(whole[5:9, :width] - alone).max() < 1e-4


def test_threads_of_a_program_find_what_one_finds_and_torchs_noise_is_left_alone(trained):
    jobs = {
        "scores": lambda: scores(trained, WORDS),
        "words": lambda: [s.word for s in trained.sample(50, seed=1)],
        "rebuilt": lambda: trained.reconstruct(WORDS[:9], seed=1),
        "codes": lambda: [e.code for e in trained.encode(WORDS)],
    }
    state = torch.get_rng_state()
    expected = {name: job() for name, job in jobs.items()}
    found = []
    threads = [
        threading.Thread(target=lambda n=name, j=job: found.append((n, j())))
        for name, job in jobs.items()
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(threads)
    for name, result in found:
        if name == "scores":
            assert result == pytest.approx(expected[name], abs=1e-4)
        else:
            assert result == expected[name]
    assert torch.equal(torch.get_rng_state(), state)


def test_the_mean_of_dependent_bits_is_that_of_many_samples():
    base, context = torch.randn(3, 4, generator=torch.manual_seed(2)), torch.zeros(3, 0)

    def follow(z, _):
        return torch.cat([torch.zeros_like(z[..., :1]), 3 * (2 * z[..., :-1] - 1)], -1)

    q = Autoregressive(follow, base, context)
    many = keyed_samples(q, torch.arange(3), 20_000).mean(0)
    torch.testing.assert_close(q.mean, many, atol=0.1, rtol=0)
    alone = Autoregressive(follow, base[:1], context[:1])
    torch.testing.assert_close(alone.mean, q.mean[:1])
    assert not torch.equal(q.mean, q.mean.round())


def test_posteriors_are_asked_in_pieces(trained, monkeypatch):
    whole = trained.encode(WORDS), trained.reconstruct(WORDS, samples=2)
    held = []
    mean = Autoregressive.mean

    def counted(q):
        held.append(len(q.base))
        return mean.fget(q)

    monkeypatch.setattr(Autoregressive, "mean", property(counted))
    monkeypatch.setattr(coding, "WORDS_AT_ONCE", 7)
    pieces = trained.encode(WORDS), trained.reconstruct(WORDS, samples=2)
    assert [e.code for e in pieces[0]] == [e.code for e in whole[0]]
    assert pieces[1] == whole[1]
    assert max(held, default=0) <= 7


def test_threads_that_train_at_the_same_time_find_what_one_finds():
    small = {"hidden_size": 4, "embedding_size": 4, "epochs": 1}
    expected = [s.log_prob for s in fit(WORDS, **small).score(WORDS[:5])]
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(fit(WORDS, **small).score(WORDS[:5])))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [[s.log_prob for s in scores] for scores in found] == [expected] * 2
