"""The curve of a sweep."""

import math
import re

from lexbits.figures.style import as_inline_svg
from lexbits.figures.sweep import sweep_figure


def point(rate, **more):
    return {
        "rate_target": rate, "rate": rate + 0.1, "distortion": 18.0 - rate, "exact": 0.1 * rate,
        "mutual_information": rate, "nll": 17.0, "nll_difference": 0.5, "difference_low": 0.4,
        "difference_high": 0.6, **more,
    }  # fmt: skip


def test_a_page_can_mark_each_point_in_each_panel():
    points = [point(1.0), point(2.0, nll=math.nan), point(4.0)]
    svg = as_inline_svg(sweep_figure(points, {"nll": 16.5}), "sweep", "Rate and distortion")
    ids = {found for found in re.findall(r'id="([^"]*)"', svg) if "point" in found}
    assert ids == {f"sweep-point-{n}-{panel}" for n in range(3) for panel in "abc"} - {
        "sweep-point-1-b"  # of an NLL that is no number
    }


def test_points_lie_at_their_rates():
    (panel, *_) = sweep_figure([point(1.0), point(4.0)], None).axes
    places = {line.get_gid(): [*line.get_xydata()[0]] for line in panel.lines if line.get_gid()}
    assert places == {"point-0-a": [1.1, 17.0], "point-1-a": [4.1, 14.0]}
