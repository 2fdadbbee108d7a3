import pytest
import torch

from lexbits.config import Settings
from lexbits.config.presets import PRESETS
from lexbits.errors import UsageError
from lexbits.training.needs import bytes_of_networks, memory_of, refuse_too_large
from tests.training.trainings import start


def gigabytes(number):
    return lambda device: number * 2**30


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"hidden_size": 200_000}, "reduce hidden_size"),
        ({"hidden_size": 2**31 - 1}, "reduce hidden_size"),
        ({"embedding_size": 2**31 - 1}, "embedding_size"),
        ({"encoder_hidden_size": 1_000_000}, "encoder_hidden_size"),
        ({"samples": 100_000_000}, "reduce samples"),
    ],
)
def test_what_cannot_fit_is_refused_with_what_it_needs_and_what_there_is(settings, named):
    with pytest.raises(UsageError, match=f"need .* and there are 16 GB.*{named}"):
        refuse_too_large(Settings(**settings), gigabytes(16))


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_fit_into_a_small_machine(preset):
    refuse_too_large(Settings(**PRESETS[preset]), gigabytes(2))


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": 2**31 - 1},  # all words of a list in a batch
        {"samples": 1_000_000, "bits": 0},
        {"samples": 1_000_000, "bits": 2, "hidden_size": 1024},  # four codes are read
    ],
)
def test_a_large_number_that_costs_little_is_taken(settings):
    refuse_too_large(Settings(**settings), gigabytes(16))


def test_the_networks_are_counted_as_they_are():
    session = start(bits=4)
    parameters = sum(p.numel() for p in session.model.parameters())
    found = bytes_of_networks(session.settings) / 16
    assert parameters == pytest.approx(found, rel=0.3)  # but for the alphabet


def test_counting_draws_no_random_numbers():
    before = torch.get_rng_state()
    bytes_of_networks(Settings())
    assert torch.equal(torch.get_rng_state(), before)


def test_where_nobody_says_how_much_there_is_nothing_is_refused():
    refuse_too_large(Settings(hidden_size=200_000), lambda device: None)
    assert memory_of("cpu") is None or memory_of("cpu") > 2**20
