"""The model in the page is the same function as the networks with the weights that it holds."""

import unicodedata

import numpy as np
import pytest
import torch

from lexbits.bits.codes import all_codes
from lexbits.decoding.methods import decode
from tests.report.node import SCRIPT, ScriptError
from tests.report.pairs import (
    ALPHABET,
    BOUND,
    FEW_BITS,
    KINDS,
    LONGEST,
    WITH_BITS,
    WORDS,
    Z_SCORE,
    Pair,
    chi_square,
    codes,
    furthest,
    symbols,
    torch_logits,
)

# The decoder


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_the_network_at_every_step(pairs, kind):
    pair = pairs(kind)
    for i, word in enumerate(WORDS):
        x, z = symbols(word), codes(pair.bits, 200 if i == 0 else 8)
        found = pair.ask("model.logits(given.x, given.z)", x=x, z=z.tolist())
        assert furthest(found, torch_logits(pair.network, x, z)) < BOUND


@pytest.mark.parametrize("kind", KINDS)
def test_log_probability_given_bits_is_that_of_the_network(pairs, kind):
    pair, z = pairs(kind), codes(KINDS[kind].get("bits", 5), 13)
    for word in WORDS:
        x = symbols(word)
        found = np.array(pair.ask("model.symbolLogProb(given.x, given.z)", x=x, z=z.tolist()))
        words = torch.tensor([x]).expand(len(z), -1)
        expected = pair.network.decoder.symbol_log_prob(words, z[None])[:, 0].T.detach()
        assert furthest(found, expected) < 1e-4
        assert furthest(found.sum(1), expected.sum(1)) < 1e-4


@pytest.mark.parametrize("size", ["default", "best"])
def test_logits_of_large_networks_are_those_of_torch(node, size):
    sizes = {
        "default": {"bits": 16, "hidden_size": 256, "embedding_size": 32},
        "best": {"bits": 16, "hidden_size": 512, "embedding_size": 64},
    }[size]
    pair = Pair(node, {}, sizes={**sizes, "encoder_hidden_size": 128})
    x, z = symbols("abcdefabcde"), codes(16, 20)
    found = pair.ask("model.logits(given.x, given.z)", x=x, z=z.tolist())
    assert furthest(found, torch_logits(pair.network, x, z)) < BOUND


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_words_are_those_of_python(pairs, kind):
    pair, z = pairs(kind), codes(KINDS[kind].get("bits", 5))
    for longest in (LONGEST, 3):
        found = pair.ask(
            "model.greedy(given.z, given.longest).map("
            "(word) => [model.decode(word.symbols), word.ended, word.symbols.length])",
            z=z.tolist(),
            longest=longest,
        )
        expected = decode(pair.network.decoder, z, longest + 1, "greedy")
        assert [word for word, *_ in found] == expected.spell(ALPHABET, longest)
        assert [ended for _, ended, _ in found] == expected.ended.tolist()
        assert max(length for *_, length in found) <= longest + 1


def test_some_greedy_words_end_and_some_are_cut(pairs):
    ended = {
        ended
        for kind in KINDS
        for ended in pairs(kind).ask(
            "model.greedy(given.z).map((word) => word.ended)",
            z=codes(KINDS[kind].get("bits", 5)).tolist(),
        )
    }
    assert ended == {True, False}


def test_a_code_is_decoded_alike_whatever_stands_beside_it(pairs):
    pair, z = pairs("default"), codes(5, 23).tolist()
    together = pair.ask("model.logits(given.x, given.z)", x=symbols("fadé"), z=z)
    alone = pair.ask("given.z.map((z) => model.logits(given.x, [z])[0])", x=symbols("fadé"), z=z)
    assert together == alone  # to the last bit


# The posterior and the prior


@pytest.mark.parametrize("kind", WITH_BITS)
def test_the_posterior_is_that_of_the_network(pairs, kind):
    pair = pairs(kind)
    for word in WORDS if pair.bits < 10 else WORDS[:2]:
        x = symbols(word)
        z = (codes(pair.bits, 7) > 0.5).float()
        with torch.no_grad():
            q = pair.network.posterior(torch.tensor([x]))
            logits = q.logits(z) if callable(q.logits) else q.logits.expand(len(z), -1)
            mode, log_prob = q.mode[0], q.log_prob(z)
        found = pair.ask(
            "((q) => ({logits: given.z.map(q.logits), mode: q.mode(), at: given.z.map(q.logProb)}))"
            "(model.posterior(given.x))",
            x=x,
            z=z.tolist(),
        )
        assert furthest(found["logits"], logits) < BOUND
        assert furthest(found["at"], log_prob) < 1e-4 * max(1, pair.bits / 16)
        assert found["mode"] == mode.tolist()


@pytest.mark.parametrize("kind", FEW_BITS)
def test_the_mean_of_a_posterior_is_exact_or_nearly_so(pairs, kind):
    pair, x, z = pairs(kind), symbols("bañada"), all_codes(pairs(kind).bits)
    with torch.no_grad():
        q = pair.network.posterior(torch.tensor([x]))
        exact = q.log_prob(z).exp() @ z
    found = pair.ask("[model.posterior(given.x).mean(), model.posterior(given.x).mean()]", x=x)
    assert found[0] == found[1]
    assert furthest(found[0], exact) < (BOUND if KINDS[kind].get("posterior") is None else 0.2)


@pytest.mark.parametrize("kind", WITH_BITS)
def test_the_prior_is_that_of_the_network(pairs, kind):
    pair = pairs(kind)
    few = pair.bits < 10
    z = all_codes(pair.bits) if few else (codes(pair.bits, 10) > 0.5).float()
    found = np.array(pair.ask("given.z.map(model.prior.logProb)", z=z.tolist()))
    with torch.no_grad():
        assert furthest(found, pair.network.prior().log_prob(z)) < (1e-4 if few else 1e-3)
    if few:
        assert abs(np.exp(found).sum() - 1) < 1e-9


@pytest.mark.parametrize("kind", FEW_BITS)
def test_codes_are_drawn_as_often_as_they_are_probable(pairs, kind):
    pair, x, z = pairs(kind), symbols("bañada"), all_codes(pairs(kind).bits)
    with torch.no_grad():
        q, p = pair.network.posterior(torch.tensor([x])), pair.network.prior()
        expected = {
            "model.prior": p.log_prob(z).exp(),
            "model.posterior(given.x)": q.log_prob(z).exp(),
        }
    for part, probabilities in expected.items():
        drawn = pair.ask(
            f"((p) => Array.from({{length: 4000}}, () => p.sample(random)))({part})", x=x
        )
        places = 2 ** np.arange(pair.bits)[::-1]
        numbers = np.bincount(np.array(drawn) @ places, minlength=len(z))
        rare = probabilities.numpy() * 4000 < 5  # together, as a chi-square test wants it
        pooled = [*numbers[~rare], numbers[rare].sum()]
        shares = [*probabilities.numpy()[~rare], probabilities.numpy()[rare].sum()]
        assert chi_square(pooled, np.array(shares) / sum(shares)) < Z_SCORE


# Text


@pytest.mark.parametrize(
    "text",
    [
        "fadé",
        "fade\u0301",
        "xyx",
        "",
        "🙂a🙂",
        "\u202eab",
        "ñ\u0301",
        "\ufffd",
        "<b>&\"'",
        "\ud800",
    ],
)
def test_text_is_read_and_spelled_as_by_the_alphabet(pairs, text):
    form = unicodedata.normalize("NFC", text)
    found = pairs("default").ask(
        "[model.encode(given.text), model.decode(model.encode(given.text)),"
        " model.unknown(given.text)]",
        text=text,
    )
    x = ALPHABET.encode(form)
    assert found == [x, ALPHABET.decode(x), ALPHABET.unseen(form)]


def test_the_model_says_what_it_is(pairs):
    expected = [[5, True, ALPHABET.size, LONGEST], [0, False, ALPHABET.size, LONGEST]]
    ask = "[model.bits, model.hasBits, model.symbols, model.maxLength]"
    assert [pairs(kind).ask(ask) for kind in ("default", "plain")] == expected
    assert pairs("plain").ask("model.characters") == list(ALPHABET.characters)


# What would be wrong

WRONG = {
    "the gates of the LSTM in another order": (
        "default",
        "c[j] = two * c[j] + one *",
        "c[j] = one * c[j] + two *",
    ),
    "the reset gate of the GRU inside its product": (
        "learned",
        "Math.tanh(input[k] + one * own[k])",
        "Math.tanh(one * (input[k] + own[k]))",
    ),
    "the update gate of the GRU turned": (
        "learned",
        "h[j] = (1 - two) *",
        "h[j] = two *",
    ),
    "no tanh at the start": ("default", "(zToH, size).map(Math.tanh)", "(zToH, size)"),
    "no start symbol": ("default", "START = V,", "START = END,"),
    "z not at the logits": ("default", "add(from(zToLogits, V), output.b)", "output.b.slice()"),
    "z not at every step": ("default", "gates: from(zToGates, W.length)", "gates: zeros(W.length)"),
    "layers of the state mixed up": (
        "deep-start",
        "all.slice(l * H, (l + 1) * H)",
        "all.slice(0, H)",
    ),
    "the encoder reading the end": ("default", "x.length > 1 ? x.slice(0, -1) : x", "x"),
    "both networks reading forwards": ("default", "forwards.slice().reverse()", "forwards"),
    "an embedding of its own for the borrower": (
        "borrowed",
        "?? embedding;",
        "?? embedding.map((row) => row.map(() => 0));",
    ),
    "bits as 0 and 1 where they are −1 and 1": ("deep", "row[k] * (2 * bit - 1)", "row[k] * bit"),
    "a state of the chain read too late": ("chains", "[[2 * bit - 1]]", "[[1 - 2 * bit]]"),
    "couplings the wrong way round": ("couplings", "W[j][k]", "W[k][j]"),
    "halves without their sign": ("default", "word >> 15 ? -1 : 1", "1"),
    "one scale for all rows": ("chains", "scales + 4 * r", "scales"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_usual_mistakes_are_found(pairs, name):
    """The comparisons above fail for a script with any of them."""
    kind, right, wrong = WRONG[name]
    assert SCRIPT.count(right) == 1
    pair, x = pairs(kind), symbols("bañada")
    z = codes(pair.bits, 5)
    ask = (
        "[model.logits(given.x, given.z), given.z.map(model.posterior(given.x).logits),"
        " given.z.map((z) => model.prior.logits(z))]"
    )
    found, other = (
        pair.ask(ask, script=script, x=x, z=(z > 0.5).float().tolist())
        for script in (SCRIPT, SCRIPT.replace(right, wrong))
    )
    differences = [furthest(one, another) for one, another in zip(found, other, strict=True)]
    assert not max(differences) < 100 * BOUND


# What is damaged


@pytest.mark.parametrize(
    "change",
    [
        lambda weights: {**weights, "data": weights["data"][: len(weights["data"]) // 2]},
        lambda weights: {**weights, "data": "%" + weights["data"][1:]},
        lambda weights: {
            **weights,
            "tensors": {k: v for k, v in weights["tensors"].items() if "rnn" not in k},
        },
    ],
    ids=["truncated", "foreign", "incomplete"],
)
def test_damaged_weights_are_refused_in_a_sentence(pairs, change):
    model = pairs("default").model
    broken = {**model, "weights": change(model["weights"])}
    with pytest.raises(ScriptError, match=r"^The weights are damaged .*: make"):
        pairs("default").node.run("lexbits.load(given.description)", description=broken)
