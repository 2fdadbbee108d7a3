"""A bar on a terminal or in a notebook, and nothing elsewhere."""

import io
import sys
import types

import pytest
from rich.console import Console

from lexbits.training import display
from lexbits.training.display import SILENT, Bar, TrainingBar, showing
from lexbits.training.memory import train_in_memory
from tests.training.trainings import ALPHABET, DEV, TINY, TRAIN, resolve

SETTINGS = resolve(TINY | {"teachers": 1, "teacher_epochs": 1, "epochs": 2, "synthetic_words": 1.0})


def shown_on(console):
    with Bar(console) as bar:
        train_in_memory(SETTINGS, ALPHABET, TRAIN, DEV, TrainingBar(bar))


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def test_on_a_terminal_there_are_teachers_synthetic_words_epochs_and_the_dev_nll(
    terminal, monkeypatch
):
    said = []
    move = Bar.move

    def moved(self, description, done):
        said.append(description)
        move(self, description, done)

    monkeypatch.setattr(Bar, "move", moved)
    shown_on(terminal)
    assert said[0].startswith("teacher 1 of 1, epoch 1/1, training ELBO -")
    assert "synthetic words" in said
    assert said[said.index("synthetic words") + 1].startswith("epoch 1/2, training ELBO -")
    assert said[-1].startswith("epoch 2/2, dev NLL ")
    assert "steps, left" in terminal.file.getvalue()


def test_what_is_counted_may_change_and_is_that_of_the_bar_again(terminal):
    with Bar(terminal) as bar:
        bar.begin("synthetic words", 3, unit="words")
        bar._bar.refresh()
        assert "words, left" in terminal.file.getvalue()
        bar.begin("epoch 1/2", 3)
        bar._bar.refresh()
        assert "steps, left" in terminal.file.getvalue()


def test_the_bar_is_gone_after_an_error_and_the_cursor_is_back(terminal):
    with pytest.raises(KeyError), Bar(terminal) as bar:
        bar.begin("counting", 3)
        raise KeyError
    text = terminal.file.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")


def test_elsewhere_nothing_is_written(capsys):
    plain = Console(file=io.StringIO())
    shown_on(plain)
    assert plain.file.getvalue() == ""
    with showing(True) as shown:
        train_in_memory(SETTINGS, ALPHABET, TRAIN, DEV, shown)
    assert capsys.readouterr() == ("", "")


def test_what_is_not_wanted_is_not_shown_on_a_terminal_either(monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with showing(False) as shown:
        assert shown is SILENT
    with showing(True) as shown:
        assert isinstance(shown, TrainingBar)


class Place:
    """What `display` of a notebook returns."""

    def __init__(self, drawn):
        self.drawn = drawn

    def update(self, bar):
        self.drawn.append(bar._repr_mimebundle_((), ())["text/plain"])


def test_in_a_notebook_one_output_is_drawn_again_and_stays(monkeypatch):
    drawn, places = [], []

    def show(bar, display_id):
        assert display_id is True
        places.append(Place(drawn))
        places[0].update(bar)
        return places[0]

    module = types.ModuleType("IPython.display")
    module.display = show
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", module)
    monkeypatch.setattr(display, "NOTEBOOK_SECONDS", 0.0)
    shown_on(Console(file=io.StringIO(), force_jupyter=True))
    assert len(places) == 1
    assert "teacher 1 of 1, epoch 1/1" in drawn[0]
    assert "epoch 2/2, dev NLL" in drawn[-1]
    assert "0:00:00" in drawn[-1]
