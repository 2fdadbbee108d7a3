"""Inverted dropout: what is kept is as much larger as there is less of it."""

import pytest
import torch

from lexbits.model.dropout import dropped, scaled_mask


@pytest.mark.parametrize("words", [1, None])
def test_the_noise_is_zero_or_what_makes_its_mean_one(words):
    torch.manual_seed(0)
    noise = scaled_mask((50, 40, 30), 0.6, torch.zeros(()), words)
    assert noise.unique().tolist() == [0, 2.5]
    assert noise.double().mean() == pytest.approx(1, abs=0.02)


def test_nothing_is_dropped_but_in_training():
    values = torch.randn(4, 5)
    assert dropped(values, 0.5, training=False, word_axis=0) is values
    assert dropped(values, 0.0, training=True, word_axis=0) is values
    assert (dropped(values, 0.5, training=True, word_axis=0) == 0).any()
