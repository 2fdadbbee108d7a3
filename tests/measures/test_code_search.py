"""Codes that are searched for are as good as flips of single bits can make them."""

import itertools

import pytest
import torch

from lexbits.config import resolve
from lexbits.data.corpus import Corpus
from lexbits.measures.code_search import LEAST_GAIN, searched_codes
from lexbits.measures.reconstruction import reconstruction
from lexbits.training.memory import train_in_memory
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN


@pytest.fixture(scope="module", params=["fixed", "made"])
def model(request):
    settings = resolve(
        TINY | {"bits": 6, "kl_weight": 0.0, "free_nats": 0.0, "prior": request.param, "epochs": 6}
    )
    return train_in_memory(settings, ALPHABET, TRAIN, DEV)[0]


@pytest.fixture(scope="module")
def corpus():
    return Corpus.from_words([*TRAIN, *DEV], ALPHABET)


def log_likelihood(model, corpus, z):
    words = torch.from_numpy(corpus.symbols).long()
    with torch.no_grad():
        return model.decoder.log_prob(words, z)


def test_no_flip_of_a_single_bit_makes_them_better(model, corpus):
    found = searched_codes(model, corpus)
    flipped = (found - torch.eye(model.bits)[:, None]).abs()
    gains = log_likelihood(model, corpus, flipped) - log_likelihood(model, corpus, found[None])
    assert gains.max() < LEAST_GAIN + 1e-4


def test_they_are_at_least_as_good_as_the_mode_and_often_better(model, corpus):
    mode = model.posterior(torch.from_numpy(corpus.symbols).long()).mode
    found = searched_codes(model, corpus)
    gain = log_likelihood(model, corpus, found[None]) - log_likelihood(model, corpus, mode[None])
    assert gain.min() >= 0
    assert gain.max() > 0.01


def test_most_are_the_best_of_all_codes(model, corpus):
    codes = torch.tensor(list(itertools.product([0.0, 1.0], repeat=6)))
    all_values = log_likelihood(model, corpus, codes[:, None].expand(-1, len(corpus), -1))
    found = log_likelihood(model, corpus, searched_codes(model, corpus)[None])[0]
    reached = found >= all_values.max(0).values - LEAST_GAIN
    mode = model.posterior(torch.from_numpy(corpus.symbols).long()).mode
    by_mode = log_likelihood(model, corpus, mode[None])[0] >= all_values.max(0).values - LEAST_GAIN
    assert reached.float().mean() > by_mode.float().mean()
    assert (found <= all_values.max(0).values + 1e-4).all()


def test_the_order_of_words_does_not_matter(model, corpus):
    turned = Corpus.from_words([*DEV[::-1], *TRAIN[::-1]], ALPHABET)
    assert torch.equal(searched_codes(model, turned).flip(0), searched_codes(model, corpus))


def test_words_come_back_from_them_if_asked(model, corpus):
    assert reconstruction(model, corpus).searched_exact is None
    quality = reconstruction(model, corpus, search=True)
    assert 0 <= quality.searched_exact <= 1
    assert quality.searched_edit_distance >= 0
    assert quality.exact == reconstruction(model, corpus).exact
