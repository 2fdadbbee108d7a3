"""A decoder of another kind is one file: this one, without recurrence, does all that ours do.

It knows the last symbol and the bits. Whatever reads, samples, scores or trains knows no more of a
decoder than its abstract class.
"""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from lexbits import WordModel
from lexbits.errors import LexbitsWarning, UsageError
from lexbits.model import Decoder
from lexbits.model.latent import DECODERS
from lexbits.model.new_characters import extend_predicted, extend_read
from tests.exact import as_batch, tiny_model


@dataclass(frozen=True)
class LastSymbol:
    z: Tensor

    def take(self, rows):
        return LastSymbol(self.z.index_select(0, rows))


class BigramDecoder(Decoder):
    """logits_i = table[x_{i−1}] + dense(z)."""

    def __init__(self, settings, alphabet):
        super().__init__(alphabet)
        self.table = nn.Embedding(alphabet.inputs, alphabet.size)
        self.of_z = nn.Linear(settings.bits, alphabet.size, bias=False)

    def _logits_of_pairs(self, words, z, rows):
        words = words if rows is None else words[rows]
        starts = torch.full_like(words[:, :1], self.start_symbol)
        previous = torch.cat([starts, words[:, :-1]], 1)
        return (self.table(previous) + self.of_z(z)[:, None]).transpose(0, 1)

    def start(self, z):
        return torch.full((len(z),), self.start_symbol), LastSymbol(z)

    def step(self, symbols, state):
        return self.table(symbols) + self.of_z(state.z), state

    @property
    def bytes_per_prefix(self):
        return 4 * self.symbols

    def take_over(self, plain):
        self.table.load_state_dict(plain.table.state_dict())

    def _add_rows(self, count):
        columns = nn.Linear(self.table.num_embeddings, self.symbols, bias=False)
        columns.weight = nn.Parameter(self.table.weight.T)
        extend_predicted(columns, count)
        self.table.weight = nn.Parameter(columns.weight.T.contiguous())
        extend_read(self.table, count)
        extend_predicted(self.of_z, count)


@pytest.fixture(autouse=True)
def another(monkeypatch):
    monkeypatch.setitem(DECODERS, "gru", BigramDecoder)


SYLLABLES = [a + b for a in ("ca", "pe", "so", "lu") for b in ("sa", "no", "rro", "lu")]
FORMS = [a + b for a in SYLLABLES for b in ("", "s", "na", "mos", "ran")]


@pytest.fixture
def model():
    return WordModel.fit(
        FORMS, cell="gru", bits=3, encoder_hidden_size=8, epochs=2, teachers=1, teacher_epochs=1,
        synthetic_words=1.0,
    )  # fmt: skip


def test_it_is_trained_and_measured(model):
    assert isinstance(model.network.decoder, BigramDecoder)
    assert len(model.history) == 2
    words = ["casa", "perrona"]
    exact = -model.exact(words).exact_nll
    sampled = [score.log_prob for score in model.score(words, samples=2000)]
    assert sum(sampled) / 2 == pytest.approx(exact, abs=0.02)
    assert model.exact_cost(words).bytes > 0
    assert -model.lower_bound(words, codes=8).nll_upper_bound == pytest.approx(exact, abs=1e-3)
    assert model.position_gain(words).words == 2


def test_it_samples_searches_and_rebuilds(model):
    assert len(model.sample(5, seed=1)) == 5
    for decode in ("greedy", "beam"):
        assert model.decode(["010"], decode=decode)[0].code == "010"
    assert len(model.interpolate("casa", "perro")) == 5
    assert model.reconstruct(["casa"], search=True)[0].searched_code


def test_it_is_saved_and_loaded(model, tmp_path):
    model.save(tmp_path / "run")
    again = WordModel.load(tmp_path / "run")
    assert again.exact(["casa"]).exact_nll == model.exact(["casa"]).exact_nll


@pytest.mark.filterwarnings("ignore:.* are few", "ignore:.*dev NLL of the best")
def test_it_learns_characters_that_it_did_not_know(model):
    with pytest.warns(LexbitsWarning, match="1 character is new to the model"):
        more = model.fit_more([form + "é" for form in FORMS], epochs=1)
    assert more.alphabet.characters == (*model.alphabet.characters, "é")
    assert more.network.decoder.symbols == model.network.decoder.symbols + 1


def test_steps_are_its_teacher_forced_log_probability():
    decoder = tiny_model(cell="gru").decoder
    words, z = as_batch(["ab", "bba"]), torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    symbols, state = decoder.start(z)
    total = torch.zeros(2)
    for t in range(words.shape[1]):
        logits, state = decoder.step(symbols, state)
        symbols = words[:, t]
        inside = symbols != decoder.pad
        total[inside] += logits.log_softmax(-1)[inside, symbols[inside]]
    torch.testing.assert_close(total, decoder.log_prob(words, z[None])[0])


def test_what_it_cannot_lend_is_refused_in_words():
    with pytest.raises(UsageError, match="BigramDecoder has no embedding to lend"):
        tiny_model(cell="gru", encoder_embedding="borrowed").posterior(as_batch(["ab"]))
