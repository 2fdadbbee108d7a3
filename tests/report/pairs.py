"""Tiny models on both sides: as networks, and as node runs them from what a page holds."""

import json
import math
import unicodedata

import numpy as np
import torch

from lexbits.alphabet import Alphabet
from lexbits.config import Settings
from lexbits.model import LatentWordModel
from lexbits.report.weights import describe, rounded
from tests.report.node import SCRIPT

BOUND = 2e-5
"""Of logits, which differ by 4e-6 at most: torch sums in single precision."""

Z_SCORE = 4.5
"""A right mean is further from its estimate once in 150,000 times; seeds are fixed."""

ALPHABET = Alphabet("abcdefñé\u0301")
LONGEST = 9
WORDS = ["fadé", "a", "", "bañada", "zaz", "abcdefabcdefabc", "ñ\u0301e"]
"""Short, empty, of unknown characters, longer than the longest length, and combining ones."""

SIZES = {"bits": 5, "hidden_size": 12, "encoder_hidden_size": 9, "embedding_size": 7}
KINDS = {
    "default": {},
    "learned": {"prior": "learned", "cell": "gru", "embedding_size": 16, "hidden_size": 7},
    "borrowed": {
        "cell": "gru",
        "layers": 2,
        "encoder_bidirectional": False,
        "encoder_embedding": "borrowed",
        "z_at_every_step": False,
        "posterior": "made",
    },
    "chains": {"prior": "made", "posterior": "gru", "z_at_start": False, "z_at_logits": False},
    "couplings": {"prior": "boltzmann", "layers": 2, "z_at_logits": False},
    "deep": {"layers": 3, "posterior": "made", "z_at_start": False, "z_at_every_step": False},
    "start": {"cell": "gru", "prior": "boltzmann", "posterior": "gru", "z_at_every_step": False},
    "deep-start": {"layers": 2, "posterior": "gru", "prior": "learned"},
    "one": {"bits": 1, "prior": "made", "posterior": "made"},
    "one-gru": {"bits": 1, "prior": "boltzmann", "posterior": "gru"},
    "plain": {"bits": 0},
    "plain-deep": {"bits": 0, "cell": "gru", "layers": 2},
    "many": {"bits": 256, "prior": "made", "posterior": "made"},
}
WITH_BITS = [name for name, changes in KINDS.items() if changes.get("bits", 5)]
FEW_BITS = [name for name in WITH_BITS if name != "many"]


def make(changes, gain=0.8, sizes=SIZES, alphabet=ALPHABET):
    """Return random networks whose words and bits depend on all of their weights, and settings."""
    settings = Settings(**{**sizes, "alpha": [0.3], "max_length": LONGEST, **changes})
    torch.manual_seed(1)
    network = LatentWordModel(settings, alphabet)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, gain / max(1, parameter.shape[-1] / 12) ** 0.5)
    return network, settings


class Pair:
    """A model on both sides: the networks with the weights of the page, and the page's data."""

    def __init__(self, node, changes, precision="half", **more):
        network, settings = make(changes, **more)
        alphabet = more.get("alphabet", ALPHABET)
        self.node, self.bits = node, settings.bits
        self.model = describe(network, alphabet, settings, precision)
        self.text = json.dumps(self.model)
        self.network = rounded(network, precision)

    def ask(self, expression, script=SCRIPT, **given):
        """Return the value of an expression of `model`, `given` and `random`."""
        return self.node.run(f"return {expression};", script=script, model=self.text, **given)


def symbols(word):
    return ALPHABET.encode(unicodedata.normalize("NFC", word))


def codes(bits, number=200):
    """Return random codes [N, K], half of them means rather than bits."""
    z = torch.rand(number, bits, generator=torch.Generator().manual_seed(2))
    z[::2] = (z[::2] < 0.5).float()
    return z


@torch.no_grad()
def torch_logits(network, word, z):
    """Return the logits of every symbol of a word, [N, T, V]."""
    previous, state = network.decoder.start(z)
    found = []
    for symbol in word:
        logits, state = network.decoder.step(previous, state)
        found.append(logits)
        previous = torch.full_like(previous, symbol)
    return torch.stack(found, 1)


def furthest(found, expected):
    """Return the largest difference."""
    return float(np.abs(np.asarray(found, dtype=float) - np.asarray(expected)).max(initial=0))


def z_score(values, expected):
    """Return how many standard errors the mean of values [N, ...] is from `expected`."""
    values = np.asarray(values, dtype=float)
    error = values.std(0, ddof=1) / math.sqrt(len(values))
    return float(np.abs((values.mean(0) - expected) / np.maximum(error, 1e-12)).max())


def chi_square(numbers, probabilities):
    """Return how many standard deviations a chi-square statistic is above its expectation."""
    expected = np.asarray(probabilities) * np.sum(numbers)
    assert np.asarray(numbers)[expected == 0].sum() == 0
    kept = expected > 0
    statistic = ((np.asarray(numbers)[kept] - expected[kept]) ** 2 / expected[kept]).sum()
    freedom = kept.sum() - 1
    return (statistic - freedom) / math.sqrt(2 * freedom)
