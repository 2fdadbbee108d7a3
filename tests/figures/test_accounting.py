"""What a word costs, in bars that add up."""

from dataclasses import replace

import pytest

from lexbits.figures.accounting import Account, accounting_figure
from lexbits.figures.style import UNLIKE
from lexbits.measures import Evaluation
from lexbits.measures.frozen import FrozenDict
from lexbits.training.floors import Floor

FOUND = Evaluation(
    words=1000, symbols=9000, samples=100, elbo=-18.5, rate=4.25, distortion=14.25, nll=18.0,
    nll_by_samples=FrozenDict({"100": 18.0}), nll_se=0.1, perplexity_per_symbol=7.4, ess=20.0,
    mutual_information=4.0, marginal_kl=0.25, total_correlation=0.1, active_bits=9, unseen_words=0,
    unseen_characters=0, seen_nll=18.0,
)  # fmt: skip
FLOORS = (Floor("8-gram", 17.5), Floor("plain teacher", 17.0))


def account(name="run", bits=16, floors=FLOORS, words="ours", **found):
    return Account(name, bits, replace(FOUND, **found), floors, words)


def bars(figure):
    """Return (row, start, end) of each part."""
    (axis,) = figure.axes
    places = [(b.get_y() + b.get_height() / 2, b.get_x(), b.get_width()) for b in axis.patches]
    return [(round(y, 6), round(x, 6), round(x + width, 6)) for y, x, width in places]


def texts(figure):
    (axis,) = figure.axes
    return [text.get_text() for text in axis.texts]


def rows(figure):
    (axis,) = figure.axes
    return [label.get_text() for label in axis.get_yticklabels()]


def heights_of_lines(figure):
    """Return the value of each line that is a floor."""
    found = {
        round(path.vertices[0][0], 6)
        for lines in figure.axes[0].collections
        for path in lines.get_paths()
    }
    return found & {17.5, 17.0}


def test_the_parts_of_one_model_add_up():
    figure = accounting_figure([account()])
    (distortion, rate), (known, rest), (nll, gap) = (
        [part for part in bars(figure) if part[0] == row] for row in (0, 1, 2.15)
    )
    assert distortion[1:] == (0, 14.25)
    assert rate[1:] == (14.25, 18.5)
    assert known[1:] == (14.25, 18.25)
    assert rest[1:] == (18.25, 18.5)
    assert nll[1:] == (0, 18.0)
    assert gap[1:] == (18.0, 18.5)
    assert rows(figure) == [
        "−ELBO 18.50", "rate 4.25", "NLL 18.00", "8-gram 17.50", "plain teacher 17.00",
    ]  # fmt: skip
    said = " ".join(texts(figure))
    for part in (
        "distortion 14.25", "rate 4.25", "mutual information 4.00", "marginal KL 0.25",
        "gap of the bound 0.50",
    ):  # fmt: skip
        assert part in said
    assert heights_of_lines(figure) == {17.5, 17.0}
    assert figure.axes[0].get_xlabel() == "nats per word, mean of 1,000 held-out words"


def test_a_plain_model_has_an_nll_beside_its_floors():
    figure = accounting_figure([account(bits=0, elbo=-18.0, rate=0.0, distortion=18.0)])
    assert bars(figure) == [(0, 0, 18.0)]
    assert rows(figure) == ["NLL 18.00", "8-gram 17.50", "plain teacher 17.00"]
    assert "rate" not in " ".join(texts(figure))


@pytest.mark.parametrize(
    "found",
    [
        {"rate": 0.0, "distortion": 18.5, "mutual_information": 0.0, "marginal_kl": 0.0},
        {"rate": 0.1, "distortion": 18.4, "mutual_information": 0.2, "marginal_kl": -0.1},
        {"rate": 18.0, "distortion": 0.5, "mutual_information": 5.0, "marginal_kl": 13.0},
        {"nll": 18.6},
    ],
)
def test_nothing_lies_outside_whatever_the_parts_are(found):
    figure = accounting_figure([account(**found)])
    figure.draw_without_rendering()
    (axis,) = figure.axes
    window = figure.get_window_extent()
    for text in axis.texts:
        extent = text.get_window_extent()
        assert window.x0 <= extent.x0 < extent.x1 <= window.x1, text.get_text()


def test_several_models_have_a_bar_each_in_the_order_given():
    plain = account("plain", bits=0, elbo=-18.0, rate=0.0, distortion=18.0)
    figure = accounting_figure([plain, account("a"), account("b", nll=18.25)])
    assert rows(figure) == ["plain", "a", "b"]
    assert bars(figure) == [
        (0, 0, 18.0),
        *((row, *part) for row in (1, 2) for part in ((0, 14.25), (14.25, 18.25), (18.25, 18.5))),
    ]
    assert [text for text in texts(figure) if text.startswith("18")] == [
        "18.00", "18.00", "18.50", "18.00", "18.50", "18.25",
    ]  # fmt: skip
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "distortion", "mutual information", "marginal KL", "NLL",
        "8-gram", "plain teacher", "plain",
    ]  # fmt: skip
    assert figure.get_suptitle() == ""


def test_the_plain_model_is_a_floor_of_the_others_on_its_words():
    plain = account("plain", bits=0, floors=(), elbo=-17.25, distortion=17.25, nll=17.25)
    others = account("a", floors=()), account("b", floors=(), words="theirs")
    (axis,) = accounting_figure([plain, *others]).axes
    (line,) = [path.vertices for lines in axis.collections for path in lines.get_paths()]
    assert line.tolist() == [[17.25, 0.5], [17.25, 1.5]]  # beside the bar of "a" only


def test_models_on_words_of_their_own_are_drawn_and_it_is_said():
    other = account("b", words="theirs", floors=(Floor("3-gram", 17.0),))
    figure = accounting_figure([account("a"), other])
    assert figure.get_suptitle() == UNLIKE
    assert {"8-gram", "3-gram"} <= {text.get_text() for text in figure.legends[0].get_texts()}
