"""Trainings small enough to be run many times, and hooks that keep all in memory."""

import itertools

from lexbits.alphabet import Alphabet
from lexbits.config import resolve
from lexbits.training.checkpoint import pack, unpack
from lexbits.training.session import Session

ALPHABET = Alphabet("abc")
TRAIN = ["".join(w) for w in itertools.product("abc", repeat=3)] + [
    "".join(w) for w in itertools.product("ac", "bc", "ab", "ab")
][:13]
DEV = ["abca", "cab", "bb", "ccba", "acbac"]
TINY = {
    "bits": 3,
    "embedding_size": 4,
    "hidden_size": 8,
    "encoder_hidden_size": 8,
    "batch_size": 8,
    "epochs": 3,
    "samples": 2,
    "dev_samples": 2,
    "free_nats": 0.5,
    "learning_rate": 0.02,
    "symbol_dropout": 0.1,
}


def start(fabric=None, **changes):
    return Session.start(resolve(TINY | changes), ALPHABET, TRAIN, DEV, fabric=fabric)


def continued(content, settings=None, drawn=(), fabric=None, **changes):
    """Return a fresh session that takes over a saved state."""
    settings = settings or resolve(TINY | changes)
    session = Session.start(settings, ALPHABET, TRAIN, DEV, drawn, fabric=fabric)
    session.restore(*unpack("state", content, "state"), "state")
    return session


class Hooks:
    """Keeps records and saved states; stops after the steps given."""

    def __init__(self, stop_after=None, at_step=None):
        self.stop_after = stop_after
        self.at_step = at_step or {}
        self.steps = 0
        self.step_now = 0
        self.records, self.best, self.saved = [], [], None

    def step_done(self, session):
        self.steps += 1
        self.step_now = session.progress.step
        if session.progress.step in self.at_step:
            self.at_step[session.progress.step](session)

    def save_due(self):
        return False

    def stop_requested(self):
        return self.step_now == self.stop_after

    def save(self, session):
        self.saved = pack("state", *session.state(), "test")

    def epoch_done(self, session, record, is_best):
        self.records.append({k: v for k, v in record.items() if k != "seconds"})
        self.best.append(is_best)
