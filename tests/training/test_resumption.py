"""2N steps equal N steps, a stop, and N more, bit for bit."""

import dataclasses

import pytest
import torch

from lexbits.errors import RunError
from lexbits.estimators import ESTIMATORS
from lexbits.training.checkpoint import unpack
from lexbits.training.devices import cpu_has_bf16
from lexbits.training.loop import train
from tests.training.trainings import Hooks, continued, start

STEPS_PER_EPOCH = 5

needs_bf16 = pytest.mark.skipif(not cpu_has_bf16(), reason="this processor has no bf16 arithmetic")


def settings_for(estimator):
    """Return what an estimator needs besides its name."""
    multi_sample = ESTIMATORS[estimator].bound != "elbo"
    return {"estimator": estimator} | ({"free_nats": 0.0} if multi_sample else {})


def straight(**changes):
    session, hooks = start(**changes), Hooks()
    assert train(session, hooks)
    return session, hooks


def interrupted(*stops, **changes):
    """Train with a stop after each of `stops` steps, each time continued by a fresh session."""
    session, records, best = start(**changes), [], []
    for stop in (*stops, None):
        hooks = Hooks(stop_after=stop)
        assert train(session, hooks) == (stop is None)
        records += hooks.records
        best += hooks.best
        if stop is not None:
            assert session.progress.step == stop
            torch.manual_seed(99)  # the process that goes on has another past
            session = continued(hooks.saved, **changes)
    return session, records, best


def assert_same_state(first, second):
    (tensors, facts), (others, other_facts) = first.state(), second.state()
    assert facts == other_facts
    assert tensors.keys() == others.keys()
    for name, tensor in tensors.items():
        assert torch.equal(tensor, others[name]), name


@pytest.mark.parametrize(
    ("estimator", "stops"),
    [
        pytest.param("rloo", (7,), id="within an epoch"),
        pytest.param("rloo", (STEPS_PER_EPOCH,), id="after its last step, before its evaluation"),
        pytest.param("rloo", (15,), id="after the very last step"),
        *(pytest.param(name, (1, 2, 3, 9, 10, 14), id=name) for name in ESTIMATORS),
    ],
)
def test_a_stopped_training_goes_on_as_if_nothing_had_been(estimator, stops):
    whole, hooks = straight(**settings_for(estimator))
    pieces, records, best = interrupted(*stops, **settings_for(estimator))
    assert whole.progress.step == 3 * STEPS_PER_EPOCH
    assert_same_state(whole, pieces)
    assert records == hooks.records
    assert best == hooks.best


@pytest.mark.parametrize(
    "changes",
    [
        {"bits": 0},
        {"average_decay": 0.9, "variational_dropout": True, "input_dropout": 0.2},
        {"rate_target": 1.0, "free_nats": 0.0, "recurrent_dropout": 0.2, "encoder_dropout": 0.2},
        {"cell": "gru", "layers": 2, "dropout": 0.5, "embedding_dropout": 0.2},
        {"encoder_embedding": "borrowed", "encoder_bidirectional": False},
        {"schedule": "cosine", "kl_annealing_epochs": 1.5, "weight_decay": 0.1},
        pytest.param({"precision": "bf16"}, marks=needs_bf16),
        {"posterior": "made", "prior": "made"},
        {"posterior": "gru", "prior": "boltzmann", "estimator": "nvil"},
        {"prior": "learned", "kl": "sampled", "estimator": "double-cv"},
        {"patience": 1, "learning_rate": 1.0, "gradient_clip": 0},
    ],
)
def test_this_holds_for_other_settings_too(changes):
    whole, hooks = straight(**changes)
    pieces, records, _ = interrupted(4, 8, **changes)
    assert_same_state(whole, pieces)
    assert records == hooks.records


def test_a_state_saved_after_an_epoch_goes_on_with_the_next():
    whole, hooks = straight()
    saved = []

    class Keeping(Hooks):
        def save(self, session):
            super().save(session)
            saved.append(self.saved)

    train(start(), Keeping())
    assert len(saved) == 3
    session, more = continued(saved[0]), Hooks()
    assert session.progress.epoch == 1
    train(session, more)
    assert_same_state(whole, session)
    assert more.records == hooks.records[1:]


def test_a_finished_training_takes_no_step_more():
    _, hooks = straight()
    session, more = continued(hooks.saved), Hooks()
    assert session.progress.finished
    assert train(session, more)
    assert more.steps == 0
    assert more.records == []


def test_saving_changes_nothing():
    class Saving(Hooks):
        def save_due(self):
            return True

    whole, hooks = straight()
    session, saving = start(), Saving()
    train(session, saving)
    assert_same_state(whole, session)
    assert saving.records == hooks.records


def test_the_same_seed_is_the_same_training_and_another_is_another():
    first, second, other = straight()[0], straight()[0], straight(seed=1)[0]
    assert_same_state(first, second)
    with pytest.raises(AssertionError):
        assert_same_state(first, other)


def test_the_state_holds_weights_moments_estimator_and_counters():
    session, hooks = start(estimator="reinforce-average"), Hooks(stop_after=7)
    train(session, hooks)
    tensors, facts = unpack("state", hooks.saved, "state")
    assert float(tensors["objective/estimator.average.weight"]) > 0
    for name, parameter in session.objective.named_parameters():
        assert torch.equal(tensors[f"objective/{name}"], parameter)
        for key in ("exp_avg", "exp_avg_sq"):
            assert tensors[f"optimizer/{name}/{key}"].abs().max() > 0
        assert tensors[f"optimizer/{name}/step"] == 7
    assert facts == dataclasses.asdict(session.progress)
    assert (facts["step"], facts["epoch"], facts["batch"]) == (7, 1, 2)


def test_a_state_of_other_settings_is_refused():
    hooks = Hooks(stop_after=2)
    train(start(), hooks)
    for changes in ({"hidden_size": 16}, {"estimator": "reinforce-average"}, {"cell": "gru"}):
        with pytest.raises(RunError, match=r"^state: the state does not fit this run's settings"):
            continued(hooks.saved, **changes)


def test_counters_that_do_not_fit_are_refused():
    session = start()
    tensors, facts = session.state()
    with pytest.raises(RunError, match=r"^there: .*does not fit"):
        session.restore(tensors, facts | {"moon": "full"}, "there")


def test_the_seconds_of_an_interrupted_epoch_are_not_lost():
    class Timed(Hooks):
        def epoch_done(self, session, record, is_best):
            self.records.append(record["seconds"])

    session, hooks = start(), Timed(stop_after=3)
    session.progress.seconds = 100.0  # from before an earlier stop
    assert not train(session, hooks)
    session, hooks = continued(hooks.saved), Timed()
    assert session.progress.seconds >= 100
    assert train(session, hooks)
    assert [seconds >= 100 for seconds in hooks.records] == [True, False, False]
    assert session.progress.seconds == 0
