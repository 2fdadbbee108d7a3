"""A training on packed words goes on exactly where it was stopped, in constant memory."""

import torch

from lexbits.config import resolve
from lexbits.training.checkpoint import unpack
from lexbits.training.loop import train
from lexbits.training.session import Session
from tests.data.test_packed import make_words, pack
from tests.training.trainings import DEV, TINY, Hooks


def start(packed):
    settings = resolve(TINY | {"epochs": "auto", "steps": 24, "synthetic_words": 0.0})
    return Session.start(settings, packed.alphabet, packed, DEV)


def test_it_is_a_function_of_its_state(tmp_path):
    packed = pack(tmp_path, make_words())
    straight = start(packed)
    assert straight.epochs == 8
    assert straight.steps == 24
    assert train(straight, Hooks())
    stopped, hooks = start(packed), Hooks(stop_after=11)
    assert not train(stopped, hooks)
    torch.manual_seed(99)
    goes_on = start(packed)
    goes_on.restore(*unpack("state", hooks.saved, "state"), "state")
    assert train(goes_on, Hooks())
    expected = straight.state()[0]
    assert all(torch.equal(t, expected[name]) for name, t in goes_on.state()[0].items())


def test_samples_are_told_from_its_words(tmp_path):
    packed = pack(tmp_path, make_words())
    session, hooks = start(packed), Hooks()
    train(session, hooks)
    shown = [sample for record in hooks.records for sample in record["samples"]]
    assert {s["status"] for s in shown} <= {"train", "new"}
    assert all((s["status"] == "train") == packed.has(s["word"]) for s in shown)
