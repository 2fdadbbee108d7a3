"""Where no bar is shown, a line now and then says how far something is."""

import pytest

from lexbits.cli import progress
from lexbits.cli.progress import SILENCE, Signs


@pytest.fixture
def clock(monkeypatch):
    """Return the hour, which a test sets, and the lines that are said."""
    now, said = [0.0], []
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(progress, "say", said.append)
    return now, said


def test_a_long_silence_is_broken_by_how_far_it_is_and_how_long_it_takes(clock):
    now, said = clock
    signs = Signs()
    signs.begin(1000)
    for step in range(1001, 1100):
        now[0] += 2
        signs.tell("step", step, 1100)
    assert said == [
        "step 1,030 of 1,100, about 2 min left",
        "step 1,060 of 1,100, about 80 s left",
        "step 1,090 of 1,100, about 20 s left",
    ]


def test_what_was_said_begins_the_silence_anew(clock):
    now, said = clock
    signs = Signs()
    for step in range(10):
        now[0] += SILENCE / 2
        signs.tell("step", step, 10)
        signs.heard()
    assert said == []


def test_on_a_terminal_the_bar_is_enough(clock, monkeypatch):
    now, said = clock
    monkeypatch.setattr(progress.messages(), "_force_terminal", True)
    signs = Signs()
    now[0] += 10 * SILENCE
    signs.tell("step", 1, 10)
    assert said == []
