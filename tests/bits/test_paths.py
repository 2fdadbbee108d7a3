import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.bits.paths import bit_path, mean_path

Q = FactorisedBernoulli(torch.tensor([[3.0, -2.0, 0.5, -1.0, 0.0], [-3.0, -1.0, -0.5, 2.0, 4.0]]))


@pytest.mark.parametrize("path", [mean_path, bit_path])
@pytest.mark.parametrize("steps", [2, 3, 5, 12])
def test_a_path_has_its_ends_and_its_length(path, steps):
    points = path(Q, steps)
    ends = Q.mean if path is mean_path else Q.mode
    assert points.shape == (steps, 5)
    torch.testing.assert_close(points[[0, -1]], ends)


def test_a_path_of_means_is_a_straight_line_of_probabilities():
    points = mean_path(Q, 5)
    torch.testing.assert_close(points.diff(n=2, dim=0), torch.zeros(3, 5), rtol=0, atol=1e-6)
    assert ((points >= 0) & (points <= 1)).all()


def test_a_path_of_bits_flips_the_differing_bits_one_after_another():
    assert Q.mode.int().tolist() == [[1, 0, 1, 0, 0], [0, 0, 0, 1, 1]]
    assert bit_path(Q, 5).int().tolist() == [
        [1, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 1],
    ]


def test_with_more_steps_than_differing_bits_points_repeat_and_none_flips_two():
    points = bit_path(Q, 12)
    assert points.diff(dim=0).abs().sum(-1).max() == 1
    assert set(points.unique().tolist()) == {0.0, 1.0}


def test_between_equal_codes_nothing_moves():
    q = FactorisedBernoulli(torch.tensor([[1.0, -1.0], [2.0, -0.1]]))
    assert (bit_path(q, 4) == torch.tensor([1.0, 0.0])).all()
