import math
import threading

import numpy as np
import pytest
import torch

from lexbits import randomness
from lexbits.alphabet import Alphabet
from lexbits.data.corpus import Corpus
from lexbits.randomness import (
    derive_seed,
    number_keys,
    seed_torch,
    seeded_torch,
    uniform,
    word_keys,
)
from tests.elsewhere import CUDA, MPS, Device

M64 = 2**64 - 1


def keys_of(words, seed=0, purpose="test"):
    return word_keys(Corpus.from_words(words, Alphabet("abc")), seed, purpose)


def test_a_derived_seed_is_the_same_in_every_process_and_version():
    assert derive_seed(0, "weights") == 4283426181684004966
    assert derive_seed(7, "step", 12) == 2502686455956323913


def test_seeds_differ_by_seed_purpose_and_counter():
    seeds = [
        derive_seed(seed, purpose, counter)
        for seed in (0, 1)
        for purpose in ("step", "dev")
        for counter in range(100)
    ]
    seeds.append(derive_seed(0, "step"))
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_noise_is_a_function_of_seed_and_purpose():
    draws = []
    for purpose in (("step", 1), ("step", 2), ("step", 1)):
        seed_torch(3, *purpose)
        draws.append(torch.rand(4))
    assert torch.equal(draws[0], draws[2])
    assert not torch.equal(draws[0], draws[1])


def test_a_seeded_block_leaves_the_noise_outside_as_it_was():
    torch.manual_seed(1)
    expected = torch.rand(4)
    torch.manual_seed(1)
    with seeded_torch(0, "sample"):
        inside = torch.rand(4)
    assert torch.equal(torch.rand(4), expected)
    with seeded_torch(0, "sample"):
        assert torch.equal(torch.rand(4), inside)


def test_a_stream_is_that_of_splitmix64():
    def splitmix64(state):
        while True:
            state = (state + 0x9E3779B97F4A7C15) & M64
            z = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & M64
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & M64
            yield z ^ (z >> 31)

    keys = number_keys(0, 3, 5, "test")
    found = uniform(keys, 0, 4, 2)
    for n, key in enumerate(keys.tolist()):
        stream = splitmix64(key & M64)
        expected = [(next(stream) >> 40) / 2**24 for _ in range(8)]
        assert found[:, n].flatten().tolist() == expected


def test_a_key_of_a_word_depends_on_its_symbols_alone():
    words = ["ab", "b", "abc", "ab", "cccccccccccc", "ba"]
    keys = keys_of(words).tolist()
    assert keys[0] == keys[3]
    assert len(set(keys)) == 5
    for word, key in zip(words, keys, strict=True):
        assert keys_of([word]).tolist() == [key]
    assert not set(keys) & set(keys_of(words, seed=1).tolist())
    assert not set(keys) & set(keys_of(words, purpose="another").tolist())


def test_keys_of_numbers_are_those_of_any_part_of_them():
    assert torch.equal(number_keys(0, 9, 3, "a")[4:], number_keys(4, 5, 3, "a"))
    assert len(set(number_keys(0, 1000, 3, "a").tolist())) == 1000


@pytest.mark.parametrize("chunk", [1, 7, 100, 10_000])
def test_numbers_do_not_depend_on_pieces_and_neighbours(monkeypatch, chunk):
    keys = number_keys(0, 5, 0, "a")
    whole = uniform(keys, 0, 12, 3)
    monkeypatch.setattr(randomness, "CHUNK", chunk)
    assert torch.equal(uniform(keys, 0, 12, 3), whole)
    assert torch.equal(uniform(keys[2:4], 0, 12, 3), whole[:, 2:4])
    assert torch.equal(uniform(keys, 4, 5, 3), whole[4:9])


def moments(values):
    """Return z-scores of mean, variance and fourth moment of values that should be uniform."""
    centred, n = values.double() - 0.5, values.numel()
    spread = [1 / 12, 1 / 80 - 1 / 144, 1 / 2304 - 1 / 6400]
    found = [centred.mean(), (centred**2).mean() - 1 / 12, (centred**4).mean() - 1 / 80]
    return [abs(float(f)) / math.sqrt(s / n) for f, s in zip(found, spread, strict=True)]


@pytest.mark.parametrize("kind", ["numbers", "words"])
def test_numbers_are_uniform_and_independent_in_every_direction(kind):
    words = ["".join("abc"[n // 3**i % 3] for i in range(7)) for n in range(2000)]
    keys = keys_of(words) if kind == "words" else number_keys(0, 2000, 0, "a")
    values = uniform(keys, 0, 50, 4)
    assert 0 <= values.min() < 1e-4
    assert 1 - 1e-4 < values.max() < 1
    assert max(moments(values)) < 4
    counts = torch.bincount((values * 256).long().flatten(), minlength=256).double()
    expected = values.numel() / 256
    chi = float(((counts - expected) ** 2 / expected).sum())
    assert abs(chi - 255) < 4 * math.sqrt(2 * 255)
    centred = values.double() - 0.5
    for axis in range(3):  # samples, words, bits; in neighbouring pairs
        size = values.shape[axis]
        a, b = centred.narrow(axis, 0, size - 1), centred.narrow(axis, 1, size - 1)
        assert abs(float((a * b).mean())) * 12 * math.sqrt(a.numel()) < 4
    for bit in range(24):  # each binary digit is a fair coin
        ones = ((values * 2**24).long() >> bit & 1).double().mean()
        assert abs(float(ones) - 0.5) * 2 * math.sqrt(values.numel()) < 4.5


def test_streams_of_different_seeds_are_unlike():
    one, other = (uniform(number_keys(0, 2000, seed, "a"), 0, 20, 1) for seed in (0, 1))
    both = (one.double() - 0.5) * (other.double() - 0.5)
    assert abs(float(both.mean())) * 12 * math.sqrt(both.numel()) < 4


@pytest.mark.parametrize("device", [CUDA, MPS], ids=str)
def test_a_device_draws_the_numbers_of_the_cpu(device):
    keys = number_keys(0, 5, 0, "a")
    with Device(device):
        there = uniform(keys.to(device), 3, 7, 2)
        assert torch.equal(there.cpu(), uniform(keys, 3, 7, 2))


class Cuda:
    """The generators of two GPUs, once they are in use."""

    def __init__(self, in_use):
        self.states = [torch.tensor([7]), torch.tensor([8])] if in_use else None

    def is_initialized(self):
        return self.states is not None

    def manual_seed_all(self, seed):
        self.states = [torch.tensor([seed])] * 2

    def get_rng_state_all(self):
        return [state.clone() for state in self.states]

    def set_rng_state_all(self, states):
        self.states = states


@pytest.fixture
def cuda(monkeypatch):
    """Replace the generators of GPUs."""

    def put(in_use):
        found = Cuda(in_use)
        for name in ("is_initialized", "manual_seed_all", "get_rng_state_all", "set_rng_state_all"):
            monkeypatch.setattr(torch.cuda, name, getattr(found, name))
        return found

    return put


def test_a_block_seeds_the_generators_of_gpus_and_restores_them(cuda):
    gpus = cuda(in_use=True)
    with seeded_torch(3, "test"):
        assert gpus.states == [derive_seed(3, "test")] * 2
    assert gpus.states == [7, 8]


def test_gpus_first_used_in_a_block_begin_with_the_seed_of_the_program_after_it(cuda):
    gpus = cuda(in_use=False)
    torch.default_generator.manual_seed(11)
    with seeded_torch(3, "test"):
        gpus.manual_seed_all(0)  # what is used first is there from then on
    assert gpus.states == [11, 11]


def test_the_generator_of_a_gpu_of_apple_is_restored(monkeypatch):
    seeds = [5]
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch.mps, "manual_seed", seeds.append)
    monkeypatch.setattr(torch.mps, "get_rng_state", lambda: seeds[-1])
    monkeypatch.setattr(torch.mps, "set_rng_state", seeds.append)
    with seeded_torch(3, "test"):
        assert seeds == [5, derive_seed(3, "test")]
    assert seeds[-1] == 5


def test_threads_draw_what_one_draws_and_leave_torchs_noise_alone():
    expected = uniform(number_keys(0, 500, 0, "a"), 0, 20, 3)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(uniform(number_keys(0, 500, 0, "a"), 0, 20, 3))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(torch.equal(values, expected) for values in found)
    assert torch.equal(torch.get_rng_state(), state)


def test_symbols_after_the_end_do_not_count():
    symbols = np.array([[2, 3, 0, 9, 9], [2, 3, 0, 7, 8]])
    keys = word_keys(Corpus.from_rows(symbols, np.array([3, 3])), 0, "a")
    assert keys[0] == keys[1]
