"""The map of words shows what principal components are known to be."""

import numpy as np
import pytest

from lexbits.measures.word_map import word_map


def test_points_of_a_plane_are_where_they_were():
    """Two directions of different variance, turned in space: the map turns them back."""
    flat = np.array([[0, 0], [4, 0], [0, 1], [4, 1], [2, 0.5]], dtype=float)
    turned = flat @ np.array([[0.6, 0.8, 0], [0, 0, 1]])
    expected = flat / [4, 1]
    np.testing.assert_allclose(word_map(turned), expected, atol=1e-12)


def test_the_first_coordinate_has_the_most_variance():
    means = np.random.default_rng(0).random((50, 4)) * [0.1, 1.0, 0.3, 0.05]
    points = word_map(means)
    by_first = np.corrcoef(points[:, 0], means[:, 1])[0, 1]
    by_second = np.corrcoef(points[:, 1], means[:, 2])[0, 1]
    assert by_first > 0.95
    assert by_second > 0.9
    assert points.min() == 0
    assert points.max() == 1


def test_the_sign_is_that_of_the_bit_that_counts_most():
    means = np.array([[0.0, 0.1], [1.0, 0.0]])
    np.testing.assert_allclose(word_map(means)[:, 0], [0, 1], atol=1e-12)
    np.testing.assert_allclose(word_map(means[::-1])[:, 0], [1, 0], atol=1e-12)


@pytest.mark.parametrize(
    "means",
    [np.full((4, 3), 0.3), np.full((1, 3), 0.3), np.full((4, 1), 0.3), np.full((1, 1), 1.0)],
    ids=["all the same", "one word", "one bit", "one word and bit"],
)
def test_words_that_do_not_differ_lie_in_the_middle(means):
    assert word_map(means).tolist() == [[0.5, 0.5]] * len(means)


def test_one_bit_makes_a_line():
    points = word_map(np.array([[0.2], [0.4], [0.6]]))
    np.testing.assert_allclose(points, [[0, 0.5], [0.5, 0.5], [1, 0.5]], atol=1e-12)


def test_bits_that_are_all_the_same_change_nothing():
    means = np.random.default_rng(0).random((20, 3))
    wider = np.hstack([means, np.full((20, 2), 0.7)])
    np.testing.assert_allclose(word_map(wider), word_map(means), atol=1e-9)
