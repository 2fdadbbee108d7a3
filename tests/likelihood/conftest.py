import pytest
import torch

from tests.exact import tiny_model


@pytest.fixture
def model(float64):
    with torch.no_grad():
        yield tiny_model(alpha=[0.3, 0.5, 0.6])
