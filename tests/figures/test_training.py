"""The course of a training as a figure, and what its lines say."""

import pytest

from lexbits.config import Settings
from lexbits.figures.course import Course, short_names
from lexbits.figures.style import as_file, colour, dashes, is_ours
from lexbits.figures.training import DIFFERENT, training_figure
from lexbits.training.floors import Floor

FLOORS = (Floor("6-gram", 16.0),)


def record(epoch, **more):
    values = {"elbo": -21.0, "rate": 3.0 - 1 / epoch, "distortion": 18.0}
    found = {f"{split}_{name}": v for name, v in values.items() for split in ("train", "dev")}
    return found | {
        "epoch": epoch, "step": 40 * epoch, "dev_nll": 20.0 - epoch, "dev_score": 20.0 - epoch,
        "dev_perplexity_per_symbol": 8.0, "dev_mutual_information": 2.0, "dev_active_bits": 3,
        **more,
    }  # fmt: skip


def course(name="run", epochs=3, floors=FLOORS, words="ours", **settings):
    chosen = Settings(bits=4, **settings) if "bits" not in settings else Settings(**settings)
    return Course(name, chosen, [record(n) for n in range(1, epochs + 1)], floors, words)


def panels(figure):
    return {axis.get_title(loc="left"): axis for axis in figure.axes}


def lines(axis):
    """Return the y of each horizontal line by its label."""
    found = {line.get_label(): list(line.get_ydata()) for line in axis.lines}
    return {label: y[0] for label, y in found.items() if len(y) == 2 and y[0] == y[1]}


@pytest.mark.parametrize(
    ("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_a_figure_is_a_file_that_is_always_the_same_and_known_as_ours(kind, begins):
    content = as_file(training_figure([course()]), kind)
    assert content.startswith(begins)
    assert as_file(training_figure([course()]), kind) == content
    assert is_ours(content)
    assert not is_ours(content.replace(b"lexbits", b"somebody"))


def test_one_training_shows_what_its_bits_know_and_the_lines_it_is_read_by():
    shown = panels(
        training_figure([course(floors=(Floor("6-gram", 16.0), Floor("teacher", 17.0)))])
    )
    assert [*shown] == [
        "ELBO, nats per word", "NLL, nats per word", "Perplexity per symbol",
        "Rate (KL), nats per word", "Distortion, nats per word", "Active bits",
    ]  # fmt: skip
    assert lines(shown["NLL, nats per word"]) == {"6-gram": 16.0, "teacher": 17.0}
    rate = lines(shown["Rate (KL), nats per word"])
    assert rate == {"free nats": 4.0, "4 bits: at most 2.8": pytest.approx(2.7726, abs=1e-4)}
    labels = {line.get_label() for line in shown["Rate (KL), nats per word"].lines}
    assert {"rate", "mutual information"} <= labels


def test_a_rate_that_is_held_is_a_line_and_what_is_far_above_is_only_named():
    figure = training_figure([course(bits=64, rate_target=3.0, free_nats=0)])
    rate = panels(figure)["Rate (KL), nats per word"]
    assert lines(rate) == {"rate target": 3.0}
    assert "64 bits: at most 44.4, above" in [line.get_label() for line in rate.lines]
    assert rate.get_ylim()[1] < 10


def test_a_plain_model_has_panels_that_mean_something():
    assert [*panels(training_figure([course(bits=0)]))] == [
        "NLL, nats per word",
        "Perplexity per symbol",
    ]


def test_a_single_epoch_is_a_point_at_a_whole_number():
    figure = training_figure([course(epochs=1)])
    as_file(figure, "png")
    assert {tick for tick in figure.axes[0].get_xticks() if 0.5 <= tick <= 1.5} == {1}


def test_a_steep_beginning_does_not_flatten_what_follows():
    steep = Course("run", Settings(bits=4), [record(1, dev_nll=90.0), *map(record, range(2, 31))])
    assert panels(training_figure([steep]))["NLL, nats per word"].get_ylim()[1] < 25


def test_several_trainings_are_told_apart_without_colour_and_share_one_line():
    figure = training_figure([course("a"), course("b", epochs=5), course("c", bits=0)])
    nll = panels(figure)["NLL, nats per word"]
    assert lines(nll) == {"6-gram": 16.0}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]
    assert len({str(line._dash_pattern) for line in legend.get_lines()}) == 3
    assert nll.get_xscale() == "linear"
    assert figure.get_suptitle() == ""


def test_trainings_of_unlike_lengths_and_words_are_drawn_and_it_is_said():
    other = course("b", epochs=200, words="theirs", floors=(Floor("3-gram", 12.0),))
    figure = training_figure([course("a"), other])
    nll = panels(figure)["NLL, nats per word"]
    assert nll.get_xscale() == "log"
    assert lines(nll)["each its 6-gram"] == 16.0
    assert figure.get_suptitle() == DIFFERENT


def test_no_two_of_many_curves_look_alike():
    assert len({(colour(n), str(dashes(n))) for n in range(28)}) == 28


def test_a_notebook_shows_a_figure_though_pyplot_was_never_loaded():
    assert training_figure([course()])._repr_png_().startswith(b"\x89PNG")


def test_equal_names_say_in_what_the_trainings_differ():
    settings = [Settings(bits=8), Settings(bits=16), Settings(bits=8), Settings(bits=8, data="x")]
    assert short_names(["a", "a", "b", "c"], settings) == ["a bits 8", "a bits 16", "b", "c"]
    assert short_names(["a", "a"], settings[2:]) == ["a (1)", "a (2)"]
