"""Words, and models that have hardly learned them."""

import warnings

import pytest

from lexbits import WordModel
from lexbits.errors import LexbitsWarning

WORDS = [
    stem + ending
    for stem in ("cant", "habl", "mir", "tom", "salt", "pas")
    for ending in ("o", "as", "a", "amos", "an", "aba", "abas", "é", "aste", "ó")
]
TINY = {
    "bits": 4,
    "hidden_size": 16,
    "encoder_hidden_size": 8,
    "embedding_size": 8,
    "samples": 2,
    "dev_samples": 2,
    "free_nats": 1.0,
    "epochs": 2,
}


def fit(words, dev=None, **changes):
    """Train a tiny model; that its dev words are few is no news."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* are few", LexbitsWarning)
        return WordModel.fit(words, dev, **TINY | changes)


@pytest.fixture(scope="session")
def model():
    return fit(WORDS)


@pytest.fixture(scope="session")
def plain():
    return fit(WORDS, bits=0)
