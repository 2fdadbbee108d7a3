import pytest
import torch
from torch import nn
from torch.nn import functional as F

from lexbits.alphabet import Alphabet
from lexbits.model.cells import CELLS, run_layer, symbol_inputs
from lexbits.model.encoder import Encoder
from lexbits.objective import TrainingObjective
from lexbits.training.devices import make_optimizer
from tests.exact import as_batch, gradients, tiny_model, tiny_settings

WORDS = ["ab", "b", "", "abbabab", "ba"]


@pytest.mark.parametrize("embedding_size", [2, 16])
@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_padding_changes_nothing(cell, bidirectional, embedding_size):
    model = tiny_model(
        cell=cell, encoder_bidirectional=bidirectional, embedding_size=embedding_size
    )
    together = model.posterior(as_batch(WORDS)).logits
    for i, word in enumerate(WORDS):
        alone = model.posterior(as_batch([word])).logits[0]
        torch.testing.assert_close(together[i], alone, rtol=0, atol=1e-6)
    assert together.std(0).min() > 0.01  # while words differ


def read_symbols(rnn, symbols, table):
    weight, *others = rnn.all_weights[0]
    inputs, weight = symbol_inputs(symbols, table, weight)
    zeros = table.new_zeros((1, symbols.shape[1], rnn.hidden_size))
    return run_layer(rnn, inputs, (zeros, zeros), [weight, *others])


@pytest.mark.parametrize("cell", CELLS)
def test_multiplying_the_embedding_into_the_weights_changes_nothing(cell):
    rnn = CELLS[cell](12, 8)
    table = nn.Parameter(torch.randn(6, 12))
    symbols = torch.randint(0, 6, (7, 5))
    parameters = [table, *rnn.parameters()]
    plain = rnn(F.embedding(symbols, table))[0]
    quick = read_symbols(rnn, symbols, table)
    torch.testing.assert_close(quick, plain, rtol=0, atol=1e-6)
    goal = torch.randn_like(plain)
    for a, b in zip(
        torch.autograd.grad((quick * goal).sum(), parameters),
        torch.autograd.grad((plain * goal).sum(), parameters),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_small_embedding_is_looked_up(cell):
    rnn = CELLS[cell](3, 8)
    table = torch.randn(6, 3)
    symbols = torch.randint(0, 6, (7, 5))
    assert torch.equal(read_symbols(rnn, symbols, table), rnn(F.embedding(symbols, table))[0])


def test_reading_in_both_directions_sees_the_first_character_at_the_end():
    encoder = tiny_model(gain=1.0).encoder
    with torch.no_grad():
        for parameter in encoder.forwards.parameters():
            parameter.zero_()
    words = as_batch(["abbb", "bbbb", "abba"])
    first, second, third = encoder(words)
    assert not torch.allclose(first, second, atol=1e-4)
    assert not torch.allclose(first, third, atol=1e-6)


@pytest.mark.parametrize("embedding_size", [2, 16])
def test_a_borrowed_embedding_gets_no_gradient_from_the_encoder(embedding_size):
    model = tiny_model(encoder_embedding="borrowed", embedding_size=embedding_size)
    found = gradients(model.posterior(as_batch(WORDS)).logits.pow(2).sum(), model)
    assert found["decoder.embedding.weight"].abs().max() == 0
    assert found["encoder.logits.weight"].abs().max() > 0
    before = model.posterior(as_batch(WORDS)).logits
    with torch.no_grad():
        model.decoder.embedding.weight.add_(torch.randn_like(model.decoder.embedding.weight))
    assert not torch.allclose(before, model.posterior(as_batch(WORDS)).logits)


def test_an_embedding_of_its_own_learns_from_the_encoder_alone():
    model = tiny_model(encoder_embedding="own")
    found = gradients(model.posterior(as_batch(WORDS)).logits.pow(2).sum(), model)
    assert found["encoder.embedding.weight"].abs().max() > 0
    assert found["decoder.embedding.weight"].abs().max() == 0


def test_an_encoder_without_an_embedding_says_so():
    encoder = Encoder(tiny_settings(encoder_embedding="borrowed"), Alphabet("ab"))
    with pytest.raises(ValueError, match="hand it one"):
        encoder(as_batch(["ab"]))


@pytest.mark.parametrize("embedding", ["own", "borrowed"])
def test_each_parameter_is_trained_once(embedding):
    settings = tiny_settings(encoder_embedding=embedding)
    objective = TrainingObjective(tiny_model(encoder_embedding=embedding), settings)
    optimizer = make_optimizer(objective, 0.0)
    trained = [id(p) for group in optimizer.param_groups for p in group["params"]]
    every = [id(p) for _, p in objective.named_parameters(remove_duplicate=False)]
    assert sorted(trained) == sorted(every)
    assert len(set(every)) == len(every)
    names = {name for name, _ in objective.named_parameters()}
    assert ("model.encoder.embedding.weight" in names) == (embedding == "own")
