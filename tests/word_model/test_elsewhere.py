"""A model works where it is: nothing that it is asked needs the CPU's tensors."""

import copy

import pytest
import torch

from lexbits import WordModel
from lexbits.data.corpus import Corpus
from lexbits.likelihood import workers
from lexbits.measures.position_gain import position_gain
from lexbits.measures.reconstruction import reconstruction
from lexbits.measures.sample_quality import sample_quality
from tests.elsewhere import ELSEWHERE, Device, move

STEMS = ("cant", "habl", "mir", "tom", "parl")
WORDS = [stem + ending for stem in STEMS for ending in ("ar", "o", "as", "a", "amos", "aba", "an")]
SIZES = {
    "bits": 6, "hidden_size": 16, "embedding_size": 8, "encoder_hidden_size": 8, "epochs": 1,
    "batch_size": 16, "synthetic_words": 0.0, "seed": 1, "dev_share": 0.3,
}  # fmt: skip
KINDS = {
    "default": {},
    "gru": {"cell": "gru", "encoder_embedding": "borrowed"},
    "made": {"posterior": "made", "prior": "made"},
    "boltzmann": {"posterior": "gru", "prior": "boltzmann"},
    "layers": {"layers": 2, "prior": "learned", "z_at_start": False},
}
WORDS_AND_CODES = {
    "sample": lambda m: [s.word for s in m.sample(5, seed=1)],
    "sample new ones": lambda m: [s.word for s in m.sample(5, seed=1, new_only=True)],
    "sample by beam": lambda m: [s.word for s in m.sample(5, seed=1, decode="beam")],
    "sample given constraints": lambda m: [
        s.word for s in m.sample(5, seed=1, ends_with="o", length=(2, 6), score=True)
    ],
    "sample like a word": lambda m: [s.word for s in m.sample(5, seed=1, like="cantar")],
    "decode": lambda m: [s.word for s in m.decode(["000111", "101010"])],
    "encode": lambda m: [e.code for e in m.encode(WORDS[:7])],
    "search": lambda m: [e.code for e in m.encode(WORDS[:7], search=True)],
    "reconstruct": lambda m: m.reconstruct(WORDS[:7], search=True),
    "interpolate means": lambda m: m.interpolate("cantar", "miro"),
    "interpolate bits": lambda m: m.interpolate("cantar", "miro", through="bits"),
    "rebuild": lambda m: reconstruction(m.network, corpus(m), True),
    "quality": lambda m: sample_quality(m.network, m.alphabet, WORDS[:20], WORDS[20:], 20, 30),
}
NUMBERS = {
    "score": lambda m: [s.log_prob for s in m.score(WORDS[:7])],
    "evaluate": lambda m: m.evaluate(WORDS, samples=20).nll,
    "exact": lambda m: m.exact(WORDS[:9]).exact_nll,
    "exact cost": lambda m: m.exact_cost(WORDS[:9]).codes,
    "lower bound": lambda m: m.lower_bound(WORDS[:9], codes=20).nll_upper_bound,
    "gain": lambda m: position_gain(m.network, corpus(m), None).total,
}


def corpus(model):
    return Corpus.from_words(WORDS[:12], model.alphabet)


class Here:
    """A pool of workers in the thread that asks: a simulated device is one thread's."""

    def __init__(self, *args, **kwargs):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    map = staticmethod(map)


@pytest.fixture(scope="module", params=KINDS.values(), ids=KINDS)
def model(request):
    return WordModel.fit(WORDS, **SIZES, **request.param)


@pytest.fixture
def moved(model, monkeypatch):
    """The same model elsewhere."""
    monkeypatch.setattr(workers, "ThreadPoolExecutor", Here)
    there = copy.copy(model)
    there.network = move(copy.deepcopy(model.network))
    return there


@pytest.mark.parametrize("job", WORDS_AND_CODES.values(), ids=WORDS_AND_CODES)
def test_words_and_codes_are_those_of_the_cpu(model, moved, job):
    with Device():
        there = job(moved)
    assert there == job(model)


@pytest.mark.parametrize("job", NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_those_of_the_cpu(model, moved, job):
    with Device():
        there = job(moved)
    assert there == pytest.approx(job(model), rel=1e-5)


def test_elsewhere_meets_nothing_from_the_cpu():
    with Device():
        there = torch.ones(2, device=ELSEWHERE)
        assert (there + torch.ones(2).to(there)).cpu().tolist() == [2, 2]
        with pytest.raises(RuntimeError, match="elsewhere"):
            there + torch.ones(2)
        with pytest.raises(TypeError, match="elsewhere"):
            there.numpy()
        with pytest.raises(TypeError, match="double precision"):
            there.double()
        rnn, loose = torch.nn.GRU(2, 2, 2), torch.zeros(3, 2, 2).transpose(0, 1)
        with pytest.raises(RuntimeError, match="not contiguous"):
            move(rnn)(torch.ones(1, 3, 2, device=ELSEWHERE), loose.to(ELSEWHERE))
