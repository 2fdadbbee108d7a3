"""Coordinate ascent against dense grids, restarts and sums written out."""

import pytest
import torch

from lexbits.likelihood import mean_field
from lexbits.likelihood.mean_field import best_factorised_elbo, coordinate_ascent, marginals, sweep
from tests.exact import all_codes

pytestmark = pytest.mark.usefixtures("float64")


def elbo(log_joint, mean):
    """Return E_q[log p(x, z)] + H(q), [N], with q(z) = Π π^z (1 − π)^(1 − z), term by term."""
    z = all_codes(mean.shape[1])
    q = torch.where(z == 1, mean[:, None], 1 - mean[:, None]).prod(-1)
    return (q * log_joint - torch.special.xlogy(q, q)).sum(1)


def tables(n, bits, spread=2.0):
    return torch.randn(n, 2**bits) * spread - 40


def test_marginals_are_sums_over_codes():
    for bits in (0, 1, 2, 5):
        probabilities = torch.softmax(tables(7, bits), 1)
        torch.testing.assert_close(marginals(probabilities), probabilities @ all_codes(bits))


def test_the_elbo_of_a_sweep_is_that_of_its_means():
    for bits in (0, 1, 2, 5):
        log_joint = tables(7, bits)
        mean, found = sweep(log_joint, torch.rand(7, bits))
        torch.testing.assert_close(found, elbo(log_joint, mean), rtol=0, atol=1e-10)


def test_a_sweep_sets_each_bit_to_the_best_value_given_the_others():
    log_joint, start = tables(5, 3), torch.rand(5, 3)
    mean, _ = sweep(log_joint, start)
    grid = torch.linspace(0, 1, 1001)
    for k in range(3):
        around = torch.cat([mean[:, : k + 1], start[:, k + 1 :]], 1)
        best = elbo(log_joint, around)
        for value in grid:
            moved = around.clone()
            moved[:, k] = value
            assert (elbo(log_joint, moved) <= best + 1e-10).all()


def test_no_sweep_lowers_the_elbo():
    log_joint, mean = tables(50, 4, spread=4.0), torch.rand(50, 4)
    last = elbo(log_joint, mean)
    for _ in range(20):
        mean, now = sweep(log_joint, mean)
        assert (now >= last - 1e-10).all()
        last = now


def test_two_bits_reach_the_best_point_of_a_dense_grid():
    log_joint = tables(20, 2)
    axis = torch.linspace(0, 1, 401)
    grid = torch.cartesian_prod(axis, axis)
    best = elbo(log_joint[:, None].expand(-1, len(grid), -1).reshape(-1, 4), grid.repeat(20, 1))
    posterior = torch.softmax(log_joint, 1)
    mode = all_codes(2)[log_joint.argmax(1)]
    found = best_factorised_elbo(log_joint, [marginals(posterior), mode])
    on_grid = best.view(20, -1).amax(1)
    assert (found >= on_grid - 1e-5).all()
    torch.testing.assert_close(found, on_grid, rtol=0, atol=1e-3)


def test_three_bits_reach_the_best_of_many_starts():
    log_joint = tables(30, 3)
    restarts = torch.stack([coordinate_ascent(log_joint, torch.rand(30, 3))[1] for _ in range(50)])
    corners = [corner.expand(30, -1) for corner in all_codes(3)]
    found = best_factorised_elbo(log_joint, corners)
    torch.testing.assert_close(found, restarts.amax(0), rtol=0, atol=1e-5)


def test_it_never_passes_the_log_likelihood_and_meets_it_for_independent_bits():
    log_joint = tables(30, 4)
    start = torch.full((30, 4), 0.5)
    assert (coordinate_ascent(log_joint, start)[1] < torch.logsumexp(log_joint, 1)).all()
    logits = torch.randn(30, 4) * 3
    independent = logits @ all_codes(4).T - 40
    mean, found = coordinate_ascent(independent, start)
    torch.testing.assert_close(found, torch.logsumexp(independent, 1), rtol=0, atol=1e-10)
    torch.testing.assert_close(mean, torch.sigmoid(logits), rtol=0, atol=1e-10)


def test_a_local_optimum_holds_one_start_and_not_the_best_of_two():
    """Two codes share the posterior; between them lies a point that no single bit can leave."""
    log_joint = torch.full((1, 4), -60.0)
    log_joint[0, 0], log_joint[0, 3] = -40.5, -40.0
    low, high = torch.zeros(1, 2), torch.ones(1, 2)
    assert coordinate_ascent(log_joint, low)[1].item() == pytest.approx(-40.5, abs=1e-6)
    assert best_factorised_elbo(log_joint, [low, high]).item() == pytest.approx(-40, abs=1e-6)


def test_words_are_ascended_independently():
    log_joint, start = tables(9, 4, spread=5.0), torch.rand(9, 4)
    together = coordinate_ascent(log_joint, start)
    for i in range(9):
        alone = coordinate_ascent(log_joint[i : i + 1], start[i : i + 1])
        torch.testing.assert_close(alone[1][0], together[1][i], rtol=0, atol=1e-12)
        torch.testing.assert_close(alone[0][0], together[0][i], rtol=0, atol=1e-12)


def test_the_start_is_not_changed_and_sweeps_are_bounded(monkeypatch):
    log_joint, start = tables(9, 4, spread=5.0), torch.rand(9, 4)
    kept = start.clone()
    monkeypatch.setattr(mean_field, "SWEEPS", 1)
    mean, _ = coordinate_ascent(log_joint, start)
    torch.testing.assert_close(start, kept)
    torch.testing.assert_close(mean, sweep(log_joint, start)[0])
