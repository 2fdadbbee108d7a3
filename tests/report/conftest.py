"""Pages that several tests look at."""

from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from benchmarks.chromium import opened

from tests.report.node import Node
from tests.report.pages import write_kind
from tests.report.pairs import KINDS, Pair
from tests.report.shown import Shown

DESK = {"width": 1280, "height": 720}


@pytest.fixture(scope="session")
def kind(browser, tmp_path_factory):
    """Give by its name in KINDS a page, which is opened once, its file and its models."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    with ExitStack() as open_ones:

        def kind(name):
            if name not in found:
                file = folder / f"{name}.html"
                models = write_kind(name, file)
                visited = open_ones.enter_context(opened(browser, file, viewport=DESK))
                found[name] = SimpleNamespace(visited=visited, models=models, file=file)
            return found[name]

        yield kind


@pytest.fixture
def look(kind):
    """Give a page of KINDS and its models; whatever it asks for or complains of is a failure.

    It is as it was when it was opened: with its first words and without rubbish.
    """
    seen = []

    def look(name, state="word=cantas"):
        each = kind(name)
        seen.append(each.visited)
        shown = Shown(each.visited.page)
        shown.open_ways(False)
        shown.at(state)
        return shown, *each.models

    yield look
    for visited in seen:
        visited.page.emulate_media(media="null", color_scheme="null")
        visited.page.set_viewport_size(DESK)
        assert (visited.requests, visited.complaints) == ([], [])


@pytest.fixture(scope="session")
def node():
    """Give a process of node; where there is none, what needs it is skipped."""
    started = Node()
    yield started
    started.close()


@pytest.fixture(scope="session")
def pairs(node):
    """Give by its name in KINDS a model on both sides."""
    made = {}

    def pair(name):
        if name not in made:
            made[name] = Pair(node, KINDS[name], "int8" if name in ("chains", "start") else "half")
        return made[name]

    return pair
