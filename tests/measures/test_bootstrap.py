"""The interval covers the true mean as often as it says."""

import numpy as np
import pytest

from lexbits.measures import bootstrap
from lexbits.measures.bootstrap import paired_bootstrap

TRIES, WORDS = 1000, 100


def covered(interval_of, seed=0):
    """Return how often an interval covers the mean of the Gaussian that its words come from."""
    random = np.random.default_rng(seed)
    hits = 0
    for i in range(TRIES):
        low, high = interval_of(random.normal(3.0, 2.0, WORDS), i)
        hits += low <= 3.0 <= high
    return hits / TRIES


def test_95_of_100_intervals_cover_the_mean_of_a_gaussian():
    share = covered(lambda words, seed: paired_bootstrap(words, 500, seed))
    # Three standard errors of a share; quantiles at N = 100 are a little too narrow.
    assert share == pytest.approx(0.945, abs=3 * np.sqrt(0.95 * 0.05 / TRIES))


def test_an_interval_of_the_words_instead_of_their_mean_would_be_found_out():
    assert covered(lambda words, _: tuple(np.quantile(words, (0.025, 0.975)))) == 1


def test_it_is_as_wide_as_theory_says():
    words = np.random.default_rng(1).normal(0.0, 2.0, 4000)
    low, high = paired_bootstrap(words)
    assert high - low == pytest.approx(2 * 1.96 * words.std() / np.sqrt(4000), rel=0.03)
    assert low < words.mean() < high


def test_it_is_repeatable_and_the_same_however_it_is_cut(monkeypatch):
    words = np.random.default_rng(2).normal(size=50)
    whole = paired_bootstrap(words, 999, seed=5)
    assert paired_bootstrap(words, 999, seed=5) == whole
    assert paired_bootstrap(words, 999, seed=6) != whole
    monkeypatch.setattr(bootstrap, "DRAWS_AT_ONCE", 77)
    assert paired_bootstrap(words, 999, seed=5) == whole


def test_equal_differences_leave_no_doubt():
    assert paired_bootstrap(np.full(7, 0.5), 100) == (0.5, 0.5)
    assert paired_bootstrap(np.array([2.0]), 10) == (2.0, 2.0)
