"""What is said of a bit and a feature is what counting says."""

import numpy as np
import pytest

from lexbits.data.entry import feature_values
from lexbits.measures.bit_features import BitFeature, bit_features, mutual_information


def columns(*bits):
    """Return codes [N, K] from the bits as texts, one for each word."""
    return np.array([[bit == "1" for bit in row] for row in bits])


def test_shares_and_information_are_those_of_the_counts():
    codes = columns("1", "1", "1", "1", "0", "0", "0", "0")
    bundles = ["N;PL", "N;PL", "N;PL", "N;SG", "N;SG", "N;SG", "N;SG", "N;SG"]
    (found,) = bit_features(codes, bundles)
    joint = [3 / 8, 1 / 8, 4 / 8]
    plugin = (
        -(3 / 8 * np.log(3 / 8) + 5 / 8 * np.log(5 / 8))
        + np.log(2)
        + sum(p * np.log(p) for p in joint)
    )
    expected = BitFeature("PL", 0.75, 0.0, pytest.approx(plugin + (1 + 1 - 2) / 16))
    assert found == expected


def test_each_bit_has_the_value_that_it_tells_most_about():
    codes = columns("10", "11", "00", "01") * np.ones((5, 1, 1), dtype=bool)
    bundles = 5 * ["pos=V,num=PL", "pos=N,num=PL", "pos=V,num=SG", "pos=N,num=SG"]
    first, second = bit_features(codes.reshape(-1, 2), bundles)
    assert (first.value, first.share_on, first.share_off) == ("num=PL", 1, 0)
    assert (second.value, second.share_on, second.share_off) == ("pos=N", 1, 0)


def test_nothing_goes_with_a_bit_that_is_the_same_for_all_words():
    assert bit_features(columns("01", "01", "01"), ["A", "B", "A"]) == [None, None]


def test_nothing_goes_with_a_bit_that_is_independent():
    codes = columns("0", "1", "0", "1")
    assert bit_features(codes, ["A", "A", "B", "B"]) == [None]


def test_words_without_features_have_none():
    assert bit_features(columns("01", "10"), ["", ""]) == [None, None]


def test_a_word_may_lack_features_that_others_have():
    (found,) = bit_features(columns("1", "1", "1", "0", "0", "0"), ["A", "A", "A", "", "", ""])
    assert (found.value, found.share_on, found.share_off) == ("A", 1, 0)


def test_independent_counts_share_less_than_nothing_after_the_correction():
    assert mutual_information(np.array([[25, 25], [25, 25]])) == pytest.approx(-1 / 200)


def test_the_correction_takes_the_bias_away():
    """Of samples from independent coins, the corrected estimates are 0 on average."""
    drawn = np.random.default_rng(0).multinomial(50, [0.25] * 4, size=4000).reshape(-1, 2, 2)
    found = np.array([mutual_information(table) for table in drawn])
    assert abs(found.mean()) < 4 * found.std() / np.sqrt(len(found))
    assert found.mean() + 1 / 100 > 10 * found.std() / np.sqrt(len(found))  # what is corrected


@pytest.mark.parametrize(
    ("bundle", "values"),
    [
        ("", []),
        ("N", ["N"]),
        ("V;IND;PRS;3;SG", ["V", "IND", "PRS", "3", "SG"]),
        ("pos=V, per=1,", ["pos=V", "per=1"]),
    ],
)
def test_a_bundle_is_cut_at_its_separators(bundle, values):
    assert feature_values(bundle) == values
