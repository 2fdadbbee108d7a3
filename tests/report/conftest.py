"""Pages that several tests look at."""

from types import SimpleNamespace

import pytest
from benchmarks.chromium import opened

from tests.report.pages import as_in_page, described, tiny, write_page
from tests.report.shown import Shown
from tests.word_model.conftest import WORDS

KINDS = {
    "factorised": {"bits": 16},
    "made": {"bits": 6, "prior": "made", "posterior": "made", "cell": "gru"},
    "boltzmann": {"bits": 6, "prior": "boltzmann"},
    "plain": {"bits": 0},
}


@pytest.fixture(scope="session")
def kind(browser, tmp_path_factory):
    """Give for each of KINDS its page, opened once, and the model with the weights of the page."""
    folder, found = tmp_path_factory.mktemp("pages"), {}

    def kind(name):
        if name not in found:
            model = tiny(**KINDS[name])
            file = write_page(folder / f"{name}.html", described(model, WORDS[::4], unused=[1, 4]))
            visit = opened(browser, file)
            found[name] = SimpleNamespace(
                visit=visit, visited=visit.__enter__(), model=as_in_page(model), file=file
            )
        return found[name]

    yield kind
    for each in found.values():
        each.visit.__exit__(None, None, None)


@pytest.fixture
def look(kind):
    """Give the page of a kind and its model; whatever it asks for or complains of is a failure."""
    seen = []

    def look(name, state=""):
        each = kind(name)
        seen.append(each.visited)
        shown = Shown(each.visited.page)
        if state:
            shown.at(state)
        return shown, each.model

    yield look
    for visited in seen:
        assert (visited.requests, visited.complaints) == ([], [])
