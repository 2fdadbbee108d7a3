"""Shares of a batch: together they are the batch, and their noise is its noise."""

import pytest
import torch

from lexbits.bits import FactorisedBernoulli
from lexbits.errors import UsageError
from lexbits.processes import ALONE, Processes, batch_mean, bernoulli_mask, rand, randint


def shares(count, total):
    return [Processes(rank, count).share(total) for rank in range(count)]


@pytest.mark.parametrize(("count", "total"), [(1, 5), (2, 5), (2, 64), (3, 7), (4, 4)])
def test_shares_follow_one_another_and_differ_by_at_most_a_word(count, total):
    parts = shares(count, total)
    assert [part.begin for part in parts] == [0, *(part.end for part in parts[:-1])]
    assert parts[-1].end == total
    sizes = [part.end - part.begin for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert sum(part.gradient_weight for part in parts) / count == pytest.approx(1)


def test_a_process_without_words_reads_one_that_counts_for_nothing():
    idle = [part for part in shares(3, 2) if part.weight == 0]
    assert [(part.begin, part.end) for part in idle] == [(0, 1)]


@pytest.mark.parametrize("draw", ["bits", "numbers", "integers", "coins"])
def test_the_noise_of_shares_is_that_of_the_batch(draw):
    logits = torch.linspace(-1, 1, 5)[:, None] * torch.ones(4)

    def drawn(of_words):
        torch.manual_seed(1)
        if draw == "bits":
            return FactorisedBernoulli(of_words).sample(3)
        if draw == "numbers":
            return rand((3, *of_words.shape), 1, of_words)
        if draw == "coins":
            return bernoulli_mask(0.3, (3, *of_words.shape), 1, of_words.device)
        return randint(9, (3, len(of_words)), 1, of_words.device)

    parts = []
    for share in shares(2, 5):
        with share.active():
            parts.append(drawn(logits[share.begin : share.end]))
    assert torch.equal(torch.cat(parts, dim=1), drawn(logits))


@pytest.mark.parametrize("chance", [0.0, 0.1, 0.4, 0.999])
def test_coins_fall_with_their_chance_and_each_for_itself(chance):
    torch.manual_seed(0)
    fallen = bernoulli_mask(chance, (200, 333), None, torch.device("cpu")).double()
    error = 4 * (chance * (1 - chance)) ** 0.5
    assert abs(fallen.mean() - chance) <= error / fallen.numel() ** 0.5
    for neighbour in (fallen[1:] * fallen[:-1], fallen[:, 1:] * fallen[:, :-1]):
        assert abs(neighbour.mean() - chance**2) <= 2 * error / neighbour.numel() ** 0.5
    assert not torch.equal(bernoulli_mask(0.5, (99,), None, fallen.device), fallen[0, :99])


def test_coins_come_from_the_seed_of_torch():
    found = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        found += [bernoulli_mask(0.5, (64,), None, torch.device("cpu")) for _ in range(2)]
    assert torch.equal(found[0], found[2])
    assert torch.equal(found[1], found[3])
    assert not torch.equal(found[0], found[1])
    assert not torch.equal(found[0], found[4])


def test_a_whole_batch_of_noise_that_is_not_of_words_is_the_same_for_all():
    found = []
    for share in shares(2, 5):
        torch.manual_seed(1)
        with share.active():
            found.append(bernoulli_mask(0.5, (7, 3), None, torch.device("cpu")))
    assert torch.equal(*found)


def test_noise_for_another_number_of_words_than_are_at_hand_is_refused():
    with Processes(0, 2).share(6).active(), pytest.raises(ValueError, match="expected 3 words"):
        rand((2, 6), 1, torch.zeros(()))


def test_alone_a_process_has_all_words_and_waits_for_nobody():
    share = ALONE.share(7)
    assert (share.begin, share.end, share.weight, share.gradient_weight) == (0, 7, 1.0, 1.0)
    value = torch.tensor(3.0)
    with share.active():
        assert batch_mean(value) == 3
    assert ALONE.sum(value) is value
    assert ALONE.any(True)
    assert not ALONE.any(False)
    assert ALONE.run_on_main(lambda: "done") == "done"
    with pytest.raises(UsageError, match="what went wrong"):
        ALONE.run_on_main(fail)
    ALONE.wait()


def fail():
    raise UsageError("what went wrong")
