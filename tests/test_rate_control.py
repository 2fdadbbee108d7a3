import pytest
import torch

from lexbits.config import resolve
from lexbits.errors import UsageError
from lexbits.objective import LARGEST_WEIGHT, RateControl, TrainingObjective
from tests.exact import as_batch, gradients, tiny_model, tiny_settings


def objective(**changes):
    return TrainingObjective(tiny_model(**changes), tiny_settings(**changes))


def test_the_weight_rises_above_the_target_and_falls_below_it():
    control = RateControl(target=2.0, learning_rate=0.1)
    assert control.weight == 0
    control.update(torch.tensor(5.0))
    assert control.weight.item() == pytest.approx(0.3)
    control.update(torch.tensor(1.0))
    assert control.weight.item() == pytest.approx(0.2)


def test_the_weight_stays_within_its_bounds():
    control = RateControl(target=2.0, learning_rate=100.0)
    control.update(torch.tensor(0.0))
    assert control.weight == 0
    control.update(torch.tensor(5.0))
    assert control.weight == LARGEST_WEIGHT


def test_it_settles_where_the_rate_is_at_its_target():
    control = RateControl(target=3.0, learning_rate=0.02)
    for _ in range(2000):
        control.update(8 * torch.exp(-control.weight))  # the dearer, the less information
    assert (8 * torch.exp(-control.weight)).item() == pytest.approx(3, abs=0.01)


@pytest.mark.usefixtures("float64")
def test_the_gradient_is_that_of_the_weight_which_holds_the_rate():
    words = as_batch(["ab", "bbab"])
    held = objective(estimator="enumeration", rate_target=1.0)
    held.eval().control.weight.fill_(0.3)
    scheduled = objective(estimator="enumeration")
    found = gradients(held(words, 1.0).loss, held)
    torch.testing.assert_close(found, gradients(scheduled(words, 0.3).loss, scheduled))
    assert held.kl_weight(1.0) == pytest.approx(0.3)


def test_only_training_moves_the_weight():
    held = objective(rate_target=0.1)
    words = as_batch(["ab", "bbab"])
    held.eval()(words, 1.0)
    assert held.control.weight == 0
    held.train()(words, 1.0)
    assert held.control.weight > 0


@pytest.mark.usefixtures("float64")
def test_a_multi_sample_bound_gets_the_kl_that_is_missing_to_the_weight():
    """Averaged over many samples: its gradient in the inference model, plus (w − 1) ∇KL."""
    words = as_batch(["bbab"]).expand(4000, -1)
    held, free = objective(estimator="vimco", rate_target=1.0), objective(estimator="vimco")
    held.control.weight.fill_(3.0)
    torch.manual_seed(0)
    with_weight = gradients(held.eval()(words, 1.0).loss, held)
    torch.manual_seed(0)
    without = gradients(free(words, 1.0).loss, free)
    q, p = free.model.posterior(words[:1]), free.model.prior()
    kl = gradients(2 * q.kl_per_bit(p).sum(), free)
    name = "model.encoder.logits.bias"
    torch.testing.assert_close(with_weight[name] - without[name], kl[name], rtol=0.1, atol=0.05)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"rate_target": 5, "free_nats": 4}, "free_nats has to be 0"),
        ({"rate_target": 5, "free_nats": 0, "kl_weight": 0.5}, "kl_weight has to be 1"),
        ({"rate_target": 12, "free_nats": 0}, "16 bits hold at most 11.09 nats.*takes 18 bits"),
    ],
)
def test_what_does_not_go_with_a_held_rate_is_refused(flags, message):
    with pytest.raises(UsageError, match=message):
        resolve(flags)
