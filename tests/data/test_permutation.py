import numpy as np
import pytest

from lexbits.data.permutation import Permutation


@pytest.mark.parametrize("n", [1, 2, 3, 64, 65, 1000, 4097])
def test_every_number_stands_at_one_place(n):
    assert sorted(Permutation(n, 5)(np.arange(n)).tolist()) == list(range(n))


def test_a_piece_is_that_of_the_whole():
    order = Permutation(1000, 7, 3)
    assert (order(np.arange(200, 300)) == order(np.arange(1000))[200:300]).all()


def test_the_key_makes_the_order():
    orders = {tuple(Permutation(50, *key)(np.arange(50))) for key in ((0, 0), (0, 1), (1, 0))}
    assert len(orders) == 3
    assert (Permutation(50, 2**63 - 1, 4)(np.arange(50)) < 50).all()


def test_places_and_numbers_are_not_related():
    n = 10_000
    found = Permutation(n, 1)(np.arange(n))
    assert abs(np.corrcoef(np.arange(n), found)[0, 1]) < 0.03  # three standard errors
    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 0.03
    fixed = (found == np.arange(n)).sum()
    assert fixed <= 6  # one is expected
    # The first tenth of the places holds numbers from everywhere: chi-squared with 9 degrees.
    counts = np.histogram(found[: n // 10], bins=10, range=(0, n))[0]
    assert ((counts - 100) ** 2 / 100).sum() < 27.9  # p = 0.001


def test_a_hundred_million_numbers_cost_no_memory():
    some = Permutation(10**8, 3)(np.arange(10**8 - 1000, 10**8))
    assert len(set(some.tolist())) == 1000
    assert (some >= 0).all()
    assert (some < 10**8).all()
