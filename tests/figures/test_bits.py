"""What each bit is used for."""

import math
from itertools import pairwise

import pytest

from lexbits.figures.bits import bits_figure


def heights(axis):
    return [bar.get_height() for bar in axis.patches]


def test_bits_are_sorted_by_what_they_know_and_carry_their_numbers():
    above, below = bits_figure([0.5, 0.1, 0.9], [0.3, -0.01, 0.6], 1000).axes
    assert heights(above) == [0.6, 0.3, 0.0]
    assert [label.get_text() for label in below.get_xticklabels()] == ["3", "1", "2"]
    assert [y for _, y in below.collections[-1].get_offsets()] == [90, 50, 10]
    assert above.get_title(loc="left").startswith("Active: 2 of 3 bits")
    assert "1,000 held-out words" in above.get_title(loc="left")


def test_the_most_that_a_bit_can_know_is_drawn():
    above, _ = bits_figure([0.5, 0.1, 1.0], [0.3, 0.1, 0.0], 10).axes
    marks, line = above.lines
    entropy = -0.1 * math.log(0.1) - 0.9 * math.log(0.9)
    assert [*marks.get_ydata()] == pytest.approx([math.log(2), entropy, 0])
    assert [*line.get_ydata()] == pytest.approx([math.log(2)] * 2)
    assert above.get_ylim()[1] > math.log(2)


@pytest.mark.parametrize("bits", [1, 16, 32, 256])
def test_any_number_of_bits_fits(bits):
    figure = bits_figure([0.5] * bits, [0.69] * bits, 10)
    figure.draw_without_rendering()
    above, below = figure.axes
    assert len(heights(above)) == bits
    labels = [label.get_window_extent() for label in below.get_xticklabels() if label.get_text()]
    assert all(a.x1 < b.x0 for a, b in pairwise(labels))
    left, right = below.get_xlim()
    assert left < 1
    assert bits < right
    assert right - left >= 8
