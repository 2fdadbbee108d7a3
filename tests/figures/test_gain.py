"""Where the bits help, from both ends of a word."""

from lexbits.figures.gain import Gains, gain_figure
from lexbits.figures.style import UNLIKE
from lexbits.measures.position_gain import Gain, PositionGain


def side(*values):
    """Return gains at positions that all of 1,000 words have, but for the last: one word has it."""
    last = len(values)
    return tuple(Gain(i, v, 1 if i == last else 1000) for i, v in enumerate(values, 1))


def gains(name="run", total=2.5, words="ours"):
    found = PositionGain(1000, total, side(1.5, 1.0, -0.1, 9.0), side(0.2, 0.8, 1.5, 9.0))
    return Gains(name, found, words)


def curves(axis):
    return [[*line.get_ydata()] for line in axis.lines if len(line.get_ydata()) > 2]


def test_a_model_is_drawn_from_the_start_and_from_the_end_which_is_on_the_right():
    figure = gain_figure([gains()])
    start, end, *_ = figure.axes
    assert curves(start) == [[1.5, 1.0, -0.1, 9.0], [1.5, 1.0, -0.1]]
    assert curves(end) == [[0.2, 0.8, 1.5, 9.0], [0.2, 0.8, 1.5]]
    assert end.xaxis_inverted()
    assert not start.xaxis_inverted()
    assert "2.50 nats on a word, mean of 1,000 held-out words" in figure.get_suptitle()
    assert [0, 0] in [[*line.get_ydata()] for line in start.lines]


def test_what_few_words_have_is_faint_and_sets_no_limit():
    start = gain_figure([gains()]).axes[0]
    assert [line.get_alpha() for line in start.lines if len(line.get_ydata()) > 2] == [0.3, None]
    assert start.get_ylim()[1] < 2
    assert start.get_ylim()[0] < -0.1


def test_the_share_of_the_words_that_have_a_position_is_below():
    below = gain_figure([gains()]).axes[2]
    assert curves(below) == [[100, 100, 100, 0.1]]


def test_several_models_are_told_apart_without_colour():
    figure = gain_figure([gains("a"), gains("b", 3.0)])
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "a: 2.50 nats on a word",
        "b: 3.00 nats on a word",
    ]
    assert len({str(line._dash_pattern) for line in legend.get_lines()}) == 2
    assert len(curves(figure.axes[2])) == 1  # they have the same words
    assert UNLIKE not in figure.get_suptitle()
    assert UNLIKE in gain_figure([gains("a"), gains("b", words="theirs")]).get_suptitle()


def test_bits_that_save_nothing_are_drawn():
    nothing = PositionGain(1, 0.0, (Gain(1, 0.0, 1),), (Gain(1, 0.0, 1),))
    low, high = gain_figure([Gains("run", nothing)]).axes[0].get_ylim()
    assert low < 0 < high
