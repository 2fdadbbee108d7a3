"""A model works where it is: nothing that it is asked needs the CPU's tensors."""

import copy
import pickle

import pytest
import torch

from lexbits import WordModel
from lexbits.data.corpus import Corpus
from lexbits.likelihood import workers
from lexbits.likelihood.exact import exact_log_prob
from lexbits.measures.position_gain import position_gain
from lexbits.measures.reconstruction import reconstruction
from lexbits.measures.sample_quality import sample_quality
from lexbits.report.weights import describe
from tests.elsewhere import CUDA, MPS, Device, move

STEMS = ("cant", "habl", "mir", "tom", "parl")
WORDS = [stem + ending for stem in STEMS for ending in ("ar", "o", "as", "a", "amos", "aba", "an")]
SIZES = {
    "bits": 6, "hidden_size": 16, "embedding_size": 8, "encoder_hidden_size": 8, "epochs": 1,
    "batch_size": 16, "synthetic_words": 0.0, "seed": 1, "dev_share": 0.3,
}  # fmt: skip
GRU = {"cell": "gru", "encoder_embedding": "borrowed"}
KINDS = {
    "default there": (MPS, {}),
    "default": (CUDA, {}),
    "gru": (CUDA, GRU),
    "made": (MPS, {"posterior": "made", "prior": "made"}),
    "boltzmann": (MPS, {"prior": "boltzmann"}),
    "layers": (CUDA, {"layers": 2, "posterior": "gru", "prior": "learned"}),
    "no start": (CUDA, {"layers": 2, "z_at_start": False}),
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
    "use of bits": lambda m: [use.active for use in m.bit_usage(WORDS)],
    "weights for a page": lambda m: describe(m.network, m.alphabet, m.settings, "half")["weights"],
    "pickle": lambda m: [s.word for s in pickle.loads(pickle.dumps(m)).sample(5, seed=1)],
    "rebuild": lambda m: reconstruction(m.network, corpus(m), True),
    "quality": lambda m: sample_quality(m.network, m.alphabet, WORDS[:20], WORDS[20:], 20, 30),
}
NUMBERS = {
    "score": lambda m: [s.log_prob for s in m.score(WORDS[:7])],
    "evaluate": lambda m: m.evaluate(WORDS, samples=20).nll,
    "exact": lambda m: exact_log_prob(m.network, corpus(m)).tolist(),
    "exact cost": lambda m: m.exact_cost(WORDS[:9]).codes,
    "information": lambda m: m.information(WORDS).mutual_information,
    "gaps": lambda m: m.exact(WORDS[:9]).gap,
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
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def model(kind):
    return WordModel.fit(WORDS, **SIZES, **kind[1])


@pytest.fixture
def moved(kind, model, monkeypatch):
    """The same model elsewhere."""
    monkeypatch.setattr(workers, "ThreadPoolExecutor", Here)
    there = copy.copy(model)
    there.network = move(copy.deepcopy(model.network), kind[0])
    return there


@pytest.mark.parametrize("job", WORDS_AND_CODES.values(), ids=WORDS_AND_CODES)
def test_words_and_codes_are_those_of_the_cpu(kind, model, moved, job):
    with Device(kind[0]):
        there = job(moved)
    assert there == job(model)


@pytest.mark.parametrize("job", NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_those_of_the_cpu(kind, model, moved, job):
    with Device(kind[0]):
        there = job(moved)
    assert there == pytest.approx(job(model), rel=1e-5)


def test_what_an_enumeration_costs_is_seen_once_a_gpu_has_done_it(kind, moved):
    with Device(kind[0]) as device:
        moved.exact_cost(WORDS[:9])
    assert device.waited == 4  # before and after each of two chunks


@pytest.mark.parametrize("there", [CUDA, MPS], ids=str)
def test_a_device_elsewhere_meets_nothing_from_the_cpu(there):
    with Device(there):
        ones, some = torch.ones(2, device=there), torch.tensor([1])
        assert (ones + torch.ones(2).to(ones)).cpu().tolist() == [2, 2]
        ones[some] = torch.zeros((), device=there)  # indices may be here, and numbers anywhere
        assert (ones * torch.tensor(3.0)).tolist() == [3, 0]
        with pytest.raises(RuntimeError, match="elsewhere"):
            ones + torch.ones(2)
        with pytest.raises(RuntimeError, match="elsewhere"):
            torch.stack([ones[0], torch.tensor(3.0)])
        with pytest.raises(RuntimeError, match="elsewhere"):
            torch.ones(2)[some.to(there)]
        with pytest.raises(RuntimeError, match="elsewhere"):
            ones[some] = torch.ones(1)
        with pytest.raises(TypeError, match="elsewhere"):
            ones.numpy()


def test_a_gpu_of_apple_has_no_double_precision():
    with Device(MPS), pytest.raises(TypeError, match="double precision"):
        torch.ones(2, device=MPS).double()
    with Device(CUDA):
        assert torch.ones(2, device=CUDA).double().dtype == torch.float64


def test_a_gpu_of_nvidia_wants_states_and_weights_in_one_piece():
    rnn, loose = move(torch.nn.GRU(2, 2, 2), CUDA), torch.zeros(3, 2, 2).transpose(0, 1)
    with Device(CUDA):
        inputs, states = torch.ones(1, 3, 2, device=CUDA), torch.zeros(2, 3, 2, device=CUDA)
        assert rnn(inputs, states)[0].shape == (1, 3, 2)
        with pytest.raises(RuntimeError, match="hx is not contiguous"):
            rnn(inputs, loose.to(CUDA))
        weights = [weight.clone() for weight in rnn.all_weights[0]]
        with pytest.raises(RuntimeError, match="not in one piece"):
            torch.gru(inputs, states[:1], weights, True, 1, 0.0, False, False, False)
