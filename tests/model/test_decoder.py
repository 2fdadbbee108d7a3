import itertools

import pytest
import torch

from lexbits.alphabet import END, UNKNOWN
from tests.exact import all_codes, as_batch, tiny_model

WORDS = ["ab", "b", "", "abbabab", "ba"]
PLACES = ("z_at_start", "z_at_every_step", "z_at_logits")
SHAPES = list(itertools.product(["lstm", "gru"], [1, 2], [0, 3]))


def random_bits(samples, batch, bits):
    return torch.randint(0, 2, (samples, batch, bits)).to(torch.get_default_dtype())


def only(*places):
    return {place: place in places for place in PLACES}


@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
def test_padding_changes_nothing(cell, layers, bits):
    decoder = tiny_model(cell=cell, layers=layers, bits=bits).decoder
    z = random_bits(2, len(WORDS), bits)
    together = decoder.log_prob(as_batch(WORDS), z)
    for i, word in enumerate(WORDS):
        alone = decoder.log_prob(as_batch([word]), z[:, i : i + 1])
        torch.testing.assert_close(together[:, i], alone[:, 0], rtol=0, atol=1e-5)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
def test_the_probabilities_of_a_closed_language_sum_to_one(cell, layers, bits):
    """Words of up to `limit` symbols, and the prefixes that have not ended by then."""
    decoder = tiny_model(cell=cell, layers=layers, bits=bits).decoder
    pad, limit = decoder.pad, 4
    rows = [
        [*prefix, END] + [pad] * (limit - length - 1)
        for length in range(limit)
        for prefix in itertools.product([UNKNOWN, 2, 3], repeat=length)
    ]
    rows += [list(prefix) for prefix in itertools.product([UNKNOWN, 2, 3], repeat=limit)]
    words = torch.tensor(rows)
    z = all_codes(bits)[:, None].expand(-1, len(words), -1)
    total = decoder.log_prob(words, z).exp().sum(1)
    torch.testing.assert_close(total, torch.ones(2**bits), rtol=0, atol=1e-12)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize(("cell", "layers", "bits"), SHAPES)
def test_steps_sum_to_the_teacher_forced_log_probability(cell, layers, bits):
    decoder = tiny_model(cell=cell, layers=layers, bits=bits).decoder
    words = as_batch(WORDS)
    z = random_bits(1, len(WORDS), bits)
    symbols, state = decoder.start(z[0])
    total = torch.zeros(len(WORDS))
    for t in range(words.shape[1]):
        logits, state = decoder.step(symbols, state)
        symbols = words[:, t]
        there = symbols != decoder.pad
        chosen = symbols.where(there, torch.zeros(()).long())[:, None]
        total += torch.where(there, logits.log_softmax(-1).gather(1, chosen)[:, 0], 0.0)
    torch.testing.assert_close(total, decoder.log_prob(words, z)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("switches", list(itertools.product([True, False], repeat=3)))
def test_the_bits_matter_exactly_where_they_enter(cell, switches):
    places = dict(zip(PLACES, switches, strict=True))
    decoder = tiny_model(cell=cell, **places).decoder
    assert (decoder.z_to_h is not None) == places["z_at_start"]
    assert (decoder.z_to_c is not None) == (places["z_at_start"] and cell == "lstm")
    assert (decoder.z_to_logits is not None) == places["z_at_logits"]
    assert decoder.rnn.input_size == 4 + (3 if places["z_at_every_step"] else 0)
    z = random_bits(2, 5, 3).requires_grad_()
    (gradient,) = torch.autograd.grad(
        decoder.log_prob(as_batch(WORDS), z).sum(), z, allow_unused=True, materialize_grads=True
    )
    assert (gradient.abs().max() > 0) == any(switches)

    with torch.no_grad():  # cutting each of the connections cuts them all
        if decoder.z_to_h is not None:
            decoder.z_to_h.weight.zero_()
        if decoder.z_to_c is not None:
            decoder.z_to_c.weight.zero_()
        if decoder.z_to_logits is not None:
            decoder.z_to_logits.weight.zero_()
        decoder.rnn.weight_ih_l0[:, 4:].zero_()
    (gradient,) = torch.autograd.grad(
        decoder.log_prob(as_batch(WORDS), z).sum(), z, allow_unused=True, materialize_grads=True
    )
    assert gradient.abs().max() == 0


def test_bits_at_the_logits_add_the_same_at_every_step():
    decoder = tiny_model(**only("z_at_logits")).decoder
    z = all_codes(3)
    symbols, state = decoder.start(z)
    for _ in range(3):
        logits, state = decoder.step(symbols, state)
        difference = logits - logits[:1]
        torch.testing.assert_close(difference, z @ decoder.z_to_logits.weight.T)
        symbols = torch.full((8,), 2)


def test_bits_at_the_start_set_both_states_with_separate_projections():
    decoder = tiny_model(layers=2, **only("z_at_start")).decoder
    z = all_codes(3)
    hidden, cell = decoder.start(z)[1].hidden
    assert hidden.shape == cell.shape == (2, 8, 8)
    h = torch.tanh(z @ decoder.z_to_h.weight.T + decoder.z_to_h.bias)
    c = z @ decoder.z_to_c.weight.T + decoder.z_to_c.bias
    torch.testing.assert_close(torch.cat(list(hidden), -1), h)
    torch.testing.assert_close(torch.cat(list(cell), -1), c)
    assert hidden.abs().max() <= 1 < cell.abs().max()
    assert decoder.z_to_h.weight is not decoder.z_to_c.weight


def test_without_bits_at_the_start_the_states_are_zero():
    for changes in (only("z_at_logits"), {"bits": 0}):
        decoder = tiny_model(**changes).decoder
        z = torch.ones(2, changes.get("bits", 3))
        assert all((part == 0).all() for part in decoder.start(z)[1].hidden)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_taking_prefixes_is_decoding_these_prefixes(cell):
    decoder = tiny_model(cell=cell, layers=2).decoder
    symbols, state = decoder.start(all_codes(3))
    _, state = decoder.step(symbols, state)
    rows = torch.tensor([5, 0, 5, 7])
    symbols = torch.tensor([2, 3, 0, 1, 2, 3, 2, 3])
    logits, after = decoder.step(symbols, state)
    fewer_logits, fewer_after = decoder.step(symbols[rows], state.take(rows))
    torch.testing.assert_close(fewer_logits, logits[rows])
    assert torch.equal(fewer_after.z, after.z[rows])
    for part, fewer in zip(after.hidden, fewer_after.hidden, strict=True):
        torch.testing.assert_close(fewer, part[:, rows])


def test_samples_and_words_keep_their_axes():
    decoder = tiny_model().decoder
    z = random_bits(3, 5, 3)
    values = decoder.log_prob(as_batch(WORDS), z)
    assert values.shape == (3, 5)
    for s in range(3):
        torch.testing.assert_close(decoder.log_prob(as_batch(WORDS), z[s : s + 1])[0], values[s])


def test_dropout_acts_in_training_only():
    decoder = tiny_model(dropout=0.5, embedding_dropout=0.5, layers=2).decoder
    words, z = as_batch(WORDS), random_bits(2, 5, 3)
    assert torch.equal(decoder.log_prob(words, z), decoder.log_prob(words, z))
    decoder.train()
    assert not torch.equal(decoder.log_prob(words, z), decoder.log_prob(words, z))


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_two_layers_without_noise_are_the_same_in_training(cell):
    decoder = tiny_model(cell=cell, layers=2, dropout=1e-9).decoder
    words, z = as_batch(WORDS), random_bits(2, 5, 3)
    expected = decoder.log_prob(words, z)
    torch.testing.assert_close(decoder.train().log_prob(words, z), expected)


@pytest.mark.parametrize("variational", [False, True])
def test_a_code_that_a_word_has_twice_is_read_once_and_counts_twice(variational, monkeypatch):
    decoder = tiny_model(
        dropout=0.5,
        input_dropout=0.3,
        symbol_dropout=0.2,
        layers=2,
        variational_dropout=variational,
    ).decoder.train()
    words = as_batch(WORDS)
    few = all_codes(3)[[1, 6]]
    z = few[torch.randint(2, (7, len(WORDS)))]

    def values_and_gradients(log_prob):
        torch.manual_seed(1)
        values = log_prob(words, z)
        weights = torch.linspace(-1, 2, values.numel()).view_as(values)
        return values, torch.autograd.grad((weights * values).sum(), list(decoder.parameters()))

    read = []
    of_pairs = decoder._log_prob_of_pairs

    def recording(words, z, rows):
        read.append(len(z))
        return of_pairs(words, z, rows)

    expected, gradients = values_and_gradients(lambda *pair: decoder.symbol_log_prob(*pair).sum(0))
    monkeypatch.setattr(decoder, "_log_prob_of_pairs", recording)
    found, found_gradients = values_and_gradients(decoder.log_prob)
    assert read == [len({(b, *code) for row in z.tolist() for b, code in enumerate(row)})]
    assert read[0] <= 2 * len(WORDS)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(found_gradients, gradients)


def test_soft_bits_are_never_taken_for_one_another():
    decoder = tiny_model().decoder
    z = torch.full((2, len(WORDS), 3), 0.2)
    z[1] = 0.4
    values = decoder.log_prob(as_batch(WORDS), z)
    assert not torch.isclose(values[0], values[1]).any()
