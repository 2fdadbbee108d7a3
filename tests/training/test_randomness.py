import torch

from lexbits.training.randomness import derive_seed, seed_torch, seeded_torch


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
