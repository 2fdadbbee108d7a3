"""One thread, fixed noise, and float64 where a test asks for it."""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # also for the processes that tests start

import hypothesis
import pytest
import torch
from benchmarks.chromium import chromium, program

from tests.visits import visits

torch.set_num_threads(1)
hypothesis.settings.register_profile("fixed", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("fixed")


@pytest.fixture(autouse=True)
def fixed_noise():
    torch.manual_seed(0)


@pytest.fixture
def float64(monkeypatch):
    """Compute everything in float64, also where the networks end in `.float()` on purpose."""
    monkeypatch.setattr(torch.Tensor, "float", torch.Tensor.double)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture(scope="session")
def browser():
    """Chromium, started once."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    if program() is None:
        pytest.skip("there is no Chromium here")
    with chromium() as started:
        yield started


@pytest.fixture
def visit(browser):
    """Open files with the network off; whatever they asked for or complained of fails the test."""
    with visits(browser) as visit:
        yield visit
