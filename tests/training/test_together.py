"""A training in two processes is that of one: weights, figures, and what estimators keep."""

import multiprocessing
import os
import socket

import pytest
import torch

from lexbits.config import Settings
from lexbits.errors import UsageError
from lexbits.estimators import ESTIMATORS
from lexbits.training.checkpoint import pack
from lexbits.training.devices import make_fabric, start
from lexbits.training.loop import train
from tests.training.test_resumption import settings_for
from tests.training.trainings import Hooks, continued
from tests.training.trainings import start as start_session

NOISY = {"embedding_dropout": 0.1, "input_dropout": 0.1, "dropout": 0.2, "encoder_dropout": 0.2}
CASES = {name: settings_for(name) for name in ESTIMATORS} | {
    "dropout": NOISY | {"recurrent_dropout": 0.1, "variational_dropout": True},
    "enumeration in pieces": NOISY | {"estimator": "enumeration", "bits": 8, "batch_size": 39},
    "posterior and prior of dependent bits": {
        "estimator": "rloo",
        "posterior": "made",
        "prior": "made",
    },
    "rate target": {
        "rate_target": 0.02,
        "rate_learning_rate": 0.2,
        "free_nats": 0.0,
        "prior": "learned",
    },
    "free nats per bit": {"free_nats": 0.01, "free_nats_per": "bit"},
    "batches that cannot be shared evenly": {"batch_size": 13},
    "a batch of one word": {"batch_size": 39},
    "average of weights": {"average_decay": 0.9},
    "plain language model": {"bits": 0, "dropout": 0.2},
}
SHORT = {"epochs": 2}


def outcome(fabric=None, **changes):
    """Return state and figures of a short training, as numbers and arrays."""
    session, hooks = start_session(fabric=fabric, **SHORT, **changes), Hooks()
    assert train(session, hooks)
    tensors, facts = session.state()
    arrays = {name: tensor.detach().double().numpy() for name, tensor in tensors.items()}
    return arrays, facts, hooks.records


def work(rank, port, saved, results):
    """Be one of two processes that run all cases; send what came of them.

    They also stop when one of them is asked to, go on from what one process saved, and refuse
    something.
    """
    torch.set_num_threads(1)
    os.environ |= {"LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "NODE_RANK": "0"}
    os.environ |= {"MASTER_ADDR": "localhost", "MASTER_PORT": str(port)}
    fabric = make_fabric(Settings(precision="fp32"), devices=2)
    processes = start(fabric)
    found = {name: outcome(fabric, **changes) for name, changes in CASES.items()}
    session, hooks = start_session(fabric=fabric), Hooks(stop_after=7 if rank else None)
    assert not train(session, hooks)  # the first process was not asked itself
    taken_over = continued(saved, fabric=fabric)
    assert train(taken_over, Hooks())
    try:
        processes.run_on_main(refuse)
        refusal = "nothing"
    except UsageError as error:
        refusal = str(error)
    results.put((rank, found, hooks.saved, refusal, taken_over.state()[1]))


def refuse():
    raise UsageError("found by the first process")


@pytest.fixture(scope="module")
def together():
    """Return for each rank what `work` found."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    stopped, hooks = start_session(), Hooks(stop_after=7)
    assert not train(stopped, hooks)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    given = (port, hooks.saved, results)
    workers = [context.Process(target=work, args=(rank, *given)) for rank in range(2)]
    for worker in workers:
        worker.start()
    found = {rank: rest for rank, *rest in (results.get(timeout=150) for _ in workers)}
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    return found


@pytest.mark.multiprocess
@pytest.mark.parametrize("case", CASES)
def test_two_processes_train_as_one_does(together, case):
    arrays, facts, records = outcome(**CASES[case])
    for rank in (0, 1):
        others, other_facts, other_records = together[rank][0][case]
        assert arrays.keys() == others.keys()
        for name, array in arrays.items():
            assert others[name] == pytest.approx(array, rel=2e-3, abs=2e-5), name
        assert_alike(facts, other_facts)
        for record, other in zip(records, other_records, strict=True):
            assert_alike(record, other)


def assert_alike(first, second):
    for name, value in first.items():
        if isinstance(value, float):
            assert second[name] == pytest.approx(value, rel=1e-4, abs=1e-5), name
        else:
            assert second[name] == value, name


@pytest.mark.multiprocess
def test_the_two_hold_the_same_weights_to_the_bit(together):
    for case in CASES:
        (first, *_), (second, *_) = (together[rank][0][case] for rank in (0, 1))
        for name, array in first.items():
            assert (second[name] == array).all(), (case, name)


@pytest.mark.multiprocess
def test_asked_to_stop_one_both_stop_and_a_single_process_goes_on(together):
    saved = together[0][1]
    session, hooks = continued(saved), Hooks()
    assert session.progress.step == 7
    assert train(session, hooks)
    straight = start_session()
    assert train(straight, Hooks())
    assert session.progress.best_score == pytest.approx(straight.progress.best_score, rel=1e-4)
    expected = straight.model.state_dict()
    for name, tensor in session.model.state_dict().items():
        assert torch.allclose(tensor, expected[name], rtol=2e-3, atol=2e-5), name


@pytest.mark.multiprocess
def test_what_one_process_saved_two_go_on_with(together):
    straight = start_session()
    assert train(straight, Hooks())
    for rank in (0, 1):
        assert_alike(straight.state()[1], together[rank][3])


@pytest.mark.multiprocess
def test_what_the_first_process_refuses_all_refuse(together):
    assert {rest[2] for rest in together.values()} == {"found by the first process"}


def test_the_state_does_not_say_how_many_processes_wrote_it():
    session = start_session(epochs=1)
    train(session, Hooks())
    content = pack("state", *session.state(), "test")
    assert b"rank" not in content


def test_a_launcher_that_started_another_number_of_processes_is_named(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "4")
    with pytest.raises(UsageError, match=r"make 4 processes.*found 2 × 1"):
        make_fabric(Settings(precision="fp32"), devices=2)
