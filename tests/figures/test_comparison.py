"""Gradient estimators side by side."""

from lexbits.figures.comparison import comparison_figure


def test_an_estimator_in_a_file_is_named_by_the_file_and_not_by_its_path():
    measured = {"variance_times_seconds": 0.1, "cosine": 0.9}
    rows = [
        {"estimator": "rloo", "unbiased": True, "variance_times_evaluations": 2.0, **measured},
        {
            "estimator": "/elsewhere/my.py:Mine",
            "unbiased": False,
            "variance_times_evaluations": 1.0,
            **measured,
        },
    ]
    (first, *_) = comparison_figure(rows).axes
    assert [label.get_text() for label in first.get_yticklabels()] == ["rloo", "my.py:Mine"]
