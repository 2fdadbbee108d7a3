"""What an n-gram model teaches of the words that it has generated."""

import math

import numpy as np
import pytest
import torch

from lexbits.config import Settings, resolve
from lexbits.data.corpus import Corpus
from lexbits.data.training_words import ListedWords
from lexbits.errors import UsageError
from lexbits.training.ngrams import NgramTargets, ngram_of
from lexbits.training.session import Session
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN

GENERATED = ["abcab", "cca", "b"]


@pytest.fixture
def ngram():
    return ngram_of(ListedWords(TRAIN), DEV, ALPHABET, resolve(TINY))


def test_real_words_teach_their_symbols_and_synthetic_ones_the_distributions_they_came_from(ngram):
    corpus = Corpus.from_words([*TRAIN, *GENERATED], ALPHABET)
    real = len(TRAIN)
    indices = np.array([real + 1, 0, real])
    words = corpus.batch(indices)
    targets = NgramTargets(ngram, real).of(indices, words).numpy()
    inside = words != ALPHABET.pad
    np.testing.assert_allclose(targets.sum(2), inside, atol=1e-6)
    own = targets[1][inside[1]]
    assert (own.argmax(1) == words[1][inside[1]]).all()
    assert (own.max(1) == 1).all()
    expected = ngram.next_prob(Corpus.from_words([GENERATED[0]], ALPHABET))[0]
    np.testing.assert_allclose(targets[2][inside[2]], expected, rtol=1e-6)


def start(**changes):
    chosen = {"bits": 0, "synthetic_words": 1.0, "ngram_targets": True} | changes
    return Session.start(Settings(**TINY | chosen), ALPHABET, TRAIN, DEV, GENERATED)


def test_a_decoder_that_says_what_the_ngram_says_has_no_gradient_from_its_words(ngram):
    session = start()
    decoder = session.model.decoder
    corpus = session.corpus
    indices = np.arange(len(TRAIN), len(corpus))
    words = corpus.batch(indices)
    targets = session.targets.of(indices, words)
    logits = targets.clamp(min=1e-30).log().transpose(0, 1).requires_grad_()
    decoder._logits_of_pairs = lambda *_: logits
    symbols = torch.from_numpy(words).long()
    soft = session.objective(symbols, 1.0, targets).loss
    hard = session.objective(symbols, 1.0).loss
    (of_soft,) = torch.autograd.grad(soft, logits)
    (of_hard,) = torch.autograd.grad(hard, logits)
    assert of_soft.abs().max() < 1e-6
    assert of_hard.abs().max() > 0.01
    entropy = -(targets * targets.clamp(min=1e-30).log()).sum((1, 2)).mean()
    assert math.isclose(soft.item(), entropy.item(), rel_tol=1e-5)


def test_only_models_without_bits_and_teachers_learn_what_the_ngram_says():
    assert start().targets is not None
    assert start(ngram_targets=False).targets is None
    assert start(bits=3).targets is None
    assert start(teachers=1).targets is None


def test_asking_for_targets_that_nothing_would_learn_from_is_refused():
    with pytest.raises(UsageError, match="ngram_targets True would change nothing: there are bits"):
        resolve({"ngram_targets": True})
