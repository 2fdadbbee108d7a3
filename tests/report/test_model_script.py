"""The model in the page is the same function as the networks, weights rounded alike.

Bounds are absolute. On these tiny networks logits differ by at most 4e-6 from those of torch, which
sums in single precision, and log-probabilities of words of 256 bits by 2e-5.
"""

import json
import math
import unicodedata

import numpy as np
import pytest
import torch

from lexbits.alphabet import Alphabet
from lexbits.bits.codes import all_codes
from lexbits.bits.divergence import exact_kl_per_bit
from lexbits.bits.paths import bit_path, mean_path
from lexbits.config import Settings
from lexbits.decoding.methods import decode
from lexbits.model import LatentWordModel
from lexbits.report.weights import describe, rounded
from tests.report.node import SCRIPT, Node, ScriptError

BOUND = 2e-5
"""Of logits; the issue of summation order in single precision."""

Z_SCORE = 4.5
"""A right mean is further from its estimate once in 150,000 times; seeds are fixed."""

ALPHABET = Alphabet("abcdefñé\u0301")
LONGEST = 9
WORDS = ["fadé", "a", "", "bañada", "zaz", "abcdefabcdefabc", "ñ\u0301e"]
"""Short, empty, of unknown characters, longer than the longest length, and combining ones."""

SIZES = {"bits": 5, "hidden_size": 12, "encoder_hidden_size": 9, "embedding_size": 7}
KINDS = {
    "default": {},
    "learned": {"prior": "learned", "cell": "gru", "embedding_size": 16, "hidden_size": 7},
    "borrowed": {
        "cell": "gru",
        "layers": 2,
        "encoder_bidirectional": False,
        "encoder_embedding": "borrowed",
        "z_at_every_step": False,
        "posterior": "made",
    },
    "chains": {"prior": "made", "posterior": "gru", "z_at_start": False, "z_at_logits": False},
    "couplings": {"prior": "boltzmann", "layers": 2, "z_at_logits": False},
    "deep": {"layers": 3, "posterior": "made", "z_at_start": False, "z_at_every_step": False},
    "start": {"cell": "gru", "prior": "boltzmann", "posterior": "gru", "z_at_every_step": False},
    "deep-start": {"layers": 2, "posterior": "gru", "prior": "learned"},
    "one": {"bits": 1, "prior": "made", "posterior": "made"},
    "one-gru": {"bits": 1, "prior": "boltzmann", "posterior": "gru"},
    "plain": {"bits": 0},
    "plain-deep": {"bits": 0, "cell": "gru", "layers": 2},
    "many": {"bits": 256, "prior": "made", "posterior": "made"},
}
WITH_BITS = [name for name, changes in KINDS.items() if changes.get("bits", 5)]
FEW_BITS = [name for name in WITH_BITS if name != "many"]


def make(changes, gain=0.8, sizes=SIZES, alphabet=ALPHABET):
    """Return random networks whose words and bits depend on all of their weights, and settings."""
    settings = Settings(**{**sizes, "alpha": [0.3], "max_length": LONGEST, **changes})
    torch.manual_seed(1)
    network = LatentWordModel(settings, alphabet)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, gain / max(1, parameter.shape[-1] / 12) ** 0.5)
    return network, settings


class Pair:
    """A model on both sides: the networks with the weights of the page, and the page's data."""

    def __init__(self, node, changes, precision="half", **more):
        network, settings = make(changes, **more)
        alphabet = more.get("alphabet", ALPHABET)
        self.node, self.bits = node, settings.bits
        self.model = describe(network, alphabet, settings, precision)
        self.text = json.dumps(self.model)
        self.network = rounded(network, precision)

    def ask(self, expression, script=SCRIPT, **given):
        """Return the value of an expression of `model`, `given` and `random`."""
        return self.node.run(f"return {expression};", script=script, model=self.text, **given)


@pytest.fixture(scope="module")
def node():
    started = Node()
    yield started
    started.close()


@pytest.fixture(scope="module")
def pairs(node):
    made = {}

    def pair(name):
        if name not in made:
            made[name] = Pair(node, KINDS[name], "int8" if name in ("chains", "start") else "half")
        return made[name]

    return pair


def symbols(word):
    return ALPHABET.encode(unicodedata.normalize("NFC", word))


def codes(bits, number=200):
    """Return random codes [N, K], half of them means rather than bits."""
    z = torch.rand(number, bits, generator=torch.Generator().manual_seed(2))
    z[::2] = (z[::2] < 0.5).float()
    return z


@torch.no_grad()
def torch_logits(network, word, z):
    """Return the logits of every symbol of a word, [N, T, V]."""
    previous, state = network.decoder.start(z)
    found = []
    for symbol in word:
        logits, state = network.decoder.step(previous, state)
        found.append(logits)
        previous = torch.full_like(previous, symbol)
    return torch.stack(found, 1)


def furthest(found, expected):
    """Return the largest difference."""
    return float(np.abs(np.asarray(found, dtype=float) - np.asarray(expected)).max(initial=0))


def z_score(values, expected):
    """Return how many standard errors the mean of values [N, ...] is from `expected`."""
    values = np.asarray(values, dtype=float)
    error = values.std(0, ddof=1) / math.sqrt(len(values))
    return float(np.abs((values.mean(0) - expected) / np.maximum(error, 1e-12)).max())


def chi_square(numbers, probabilities):
    """Return how many standard deviations a chi-square statistic is above its expectation."""
    expected = np.asarray(probabilities) * np.sum(numbers)
    assert np.asarray(numbers)[expected == 0].sum() == 0
    kept = expected > 0
    statistic = ((np.asarray(numbers)[kept] - expected[kept]) ** 2 / expected[kept]).sum()
    freedom = kept.sum() - 1
    return (statistic - freedom) / math.sqrt(2 * freedom)


# The decoder


@pytest.mark.parametrize("kind", KINDS)
def test_logits_are_those_of_the_network_at_every_step(pairs, kind):
    pair, z = pairs(kind), codes(KINDS[kind].get("bits", 5))
    for word in WORDS:
        x = symbols(word)
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


# How probable a word is


@pytest.mark.parametrize("kind", ["plain", "plain-deep"])
def test_without_bits_a_score_is_exact(pairs, kind):
    pair = pairs(kind)
    for word in WORDS:
        x = symbols(word)
        found = pair.ask("model.score(given.x, random, 100)", x=x)
        logits = torch_logits(pair.network, x, torch.zeros(1, 0))[0]
        expected = torch.log_softmax(logits, -1)[range(len(x)), x]
        assert furthest(found["marginal"], expected) < BOUND
        assert furthest(found["given"], found["marginal"]) < 1e-12
        assert abs(found["logProb"] - float(expected.sum())) < 1e-4
        assert max(abs(found["standardError"]), abs(found["rate"])) < 1e-12


@torch.no_grad()
def exact_prefixes(network, x):
    """Return log p(x_≤i), [T], and the rate, by summing over all codes."""
    z, prior, q = all_codes(network.bits), network.prior(), network.posterior(torch.tensor([x]))
    steps = torch.log_softmax(torch_logits(network, x, z), -1)[:, range(len(x)), x]
    log_q, log_p = q.log_prob(z), prior.log_prob(z)
    rate = (log_q.exp() * (log_q - log_p)).sum()
    return torch.logsumexp(log_p[:, None] + steps.cumsum(1), 0).numpy(), float(rate)


@pytest.mark.parametrize("kind", ["default", "borrowed", "chains", "couplings", "one"])
def test_scores_are_unbiased_at_every_symbol(pairs, kind):
    pair = pairs(kind)
    for word in ("fadé", "zaz"):
        x = symbols(word)
        found = pair.ask(
            "Array.from({length: 100}, () => model.score(given.x, random, 20))", x=x, seed=5
        )
        expected, rate = exact_prefixes(pair.network, x)
        prefix = np.array([score["marginal"] for score in found]).cumsum(1)
        relative = np.exp(prefix - expected)
        assert z_score(relative, 1.0) < Z_SCORE
        assert furthest(prefix[:, -1], [score["logProb"] for score in found]) < 1e-9
        rates = [score["rate"] for score in found]
        assert furthest(rates, rate) < BOUND or z_score(rates, rate) < Z_SCORE
        # The error that is told is the one that is made.
        errors = [score["standardError"] for score in found] * relative[:, -1]
        assert 0.6 < np.sqrt(np.mean(errors**2)) / relative[:, -1].std() < 1.6


def test_the_rate_of_independent_bits_is_exact(pairs):
    for kind in ("default", "learned"):
        pair, x = pairs(kind), symbols("bañada")
        with torch.no_grad():
            q, prior = pair.network.posterior(torch.tensor([x])), pair.network.prior()
            exact = float(exact_kl_per_bit(q, prior).sum())
        assert abs(pair.ask("model.score(given.x, random, 4).rate", x=x) - exact) < BOUND


@pytest.mark.parametrize("kind", WITH_BITS)
def test_a_score_tells_each_symbol_given_the_mode(pairs, kind):
    pair, x = pairs(kind), symbols("bañada")
    found = pair.ask("model.score(given.x, random, 10)", x=x)
    mode = pair.network.posterior(torch.tensor([x])).mode
    expected = pair.network.decoder.symbol_log_prob(torch.tensor([x]), mode[None])[:, 0, 0]
    assert furthest(found["given"], expected.detach()) < 1e-4
    assert all(math.isfinite(value) for value in [found["standardError"], *found["marginal"]])


# Words under noise


@pytest.mark.parametrize("kind", KINDS)
def test_a_word_is_itself_under_its_own_noise(pairs, kind):
    pair, z = pairs(kind), codes(KINDS[kind].get("bits", 5), 6).tolist()
    xs = [symbols(word) for word in WORDS]
    found = pair.ask(
        "given.xs.map((x) => given.z.map((z) => Array.from({length: 10}, () => "
        "model.withNoise([z, z], model.noiseOf(x, z, random), random))))",
        xs=xs,
        z=z,
    )
    for x, of_codes in zip(xs, found, strict=True):
        for words in of_codes:
            assert all(word == {"symbols": x, "ended": True} for pair in words for word in pair)


def test_a_flip_is_the_word_of_the_flipped_code_under_the_noise_of_the_word(pairs):
    pair, x, z = pairs("default"), symbols("fadé"), [1, 0, 1, 1, 0]
    together = pair.ask("model.flips(given.x, given.z, random)", x=x, z=z, seed=3)
    for k, word in enumerate(together):
        flipped = [1 - bit if j == k else bit for j, bit in enumerate(z)]
        alone = pair.ask(
            "model.withNoise([given.other], model.noiseOf(given.x, given.z, random), random)",
            x=x,
            z=z,
            other=flipped,
            seed=3,
        )
        assert alone == [word]
    assert len({tuple(word["symbols"]) for word in together}) > 1


def test_noise_of_words_of_the_model_is_gumbel_noise(pairs):
    """Words drawn at one code, with their noise, give at another the words of that other code.

    Noise has the law that it had before the word was seen, so it does not depend on the logits.
    """
    pair, z, other = pairs("default"), [1, 0, 1, 1, 0], [0, 1, 1, 0, 0]
    found = pair.ask(
        "Array.from({length: 3000}, () => {"
        " const word = model.sample([given.z], random)[0].symbols;"
        " const noise = model.noiseOf(word, given.z, random);"
        " return {word, noise: Array.from(noise[0]).slice(2),"
        "  other: model.withNoise([given.other], noise, random)[0].symbols}; })",
        z=z,
        other=other,
        seed=8,
    )
    noise = np.array([each["noise"] for each in found])
    assert z_score(noise, np.euler_gamma) < Z_SCORE
    assert z_score((noise - np.euler_gamma) ** 2, math.pi**2 / 6) < Z_SCORE
    for code, name in ((z, "word"), (other, "other")):
        words = [each[name] for each in found]
        shares = allowed_shares(
            torch_logits(pair.network, [0], torch.tensor([code]).float())[0, 0], 0
        )
        first = np.bincount([word[0] for word in words], minlength=ALPHABET.size)
        assert chi_square(first, shares) < Z_SCORE
        usual = int(first.argmax())
        logits = torch_logits(pair.network, [usual, 0], torch.tensor([code]).float())[0, 1]
        second = np.bincount(
            [word[1] for word in words if word[0] == usual], minlength=ALPHABET.size
        )
        assert chi_square(second, allowed_shares(logits, 1)) < Z_SCORE


def allowed_shares(logits, position):
    """Return the probabilities of the symbols that a word may have at a position."""
    logits = logits.clone()
    logits[1] = -torch.inf
    if position == 0:
        logits[0] = -torch.inf
    return torch.softmax(logits.double(), -1).numpy()


def test_the_largest_of_logits_and_noise_is_what_was_observed(pairs):
    pair, x, z = pairs("chains"), symbols("zañ"), [1, 0, 1, 1, 0]
    found = pair.ask(
        "((logits) => Array.from({length: 2000}, () => model.noiseOf(given.x, given.z, random).map("
        "(noise, i) => Array.from(noise, (value, v) => Math.max(-1e9, value + logits[i][v])))))"
        "(model.logits(given.x, [given.z])[0])",
        x=x,
        z=z,
    )
    perturbed = np.array(found)
    assert (perturbed.argmax(-1) == x).all()
    logits = torch_logits(pair.network, x, torch.tensor([z]).float())[0].double()
    for i, symbol in enumerate(x):
        if symbol != 1:
            logits[i, 1] = -torch.inf
    logits[0, 0] = -torch.inf  # no word ends before it begins
    tops = perturbed.max(-1)
    assert z_score(tops, torch.logsumexp(logits, -1).numpy() + np.euler_gamma) < Z_SCORE
    # What a word cannot have is as far away as can be.
    assert (perturbed[:, 0, 0] == -1e9).all() and (perturbed[:, 1:, 1] == -1e9).all()
    assert (perturbed[:, 0, 1] > -1e9).all()  # this word has it


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_words_are_sampled_at_a_temperature(pairs, temperature):
    pair, z = pairs("default"), [1, 0, 1, 1, 0]
    words = pair.ask(
        "Array.from({length: 3000}, () => model.sample([given.z], random, given.t)[0].symbols)",
        z=z,
        t=temperature,
    )
    logits = torch_logits(pair.network, [0], torch.tensor([z]).float())[0, 0] / temperature
    first = np.bincount([word[0] for word in words], minlength=ALPHABET.size)
    assert chi_square(first, allowed_shares(logits, 0)) < Z_SCORE
    assert all(1 not in word and word[0] != 0 for word in words)


def test_codes_share_the_noise_they_are_sampled_with(pairs):
    pair, z = pairs("default"), codes(5, 9).tolist()
    together = pair.ask("model.sample(given.z, random)", z=z, seed=2)
    alone = [pair.ask("model.sample([given.z], random)[0]", z=each, seed=2) for each in z]
    assert together == alone
    assert pair.ask("model.sample(given.z, random)", z=z, seed=3) != together


def test_random_numbers_are_uniform_and_follow_from_the_seed(node):
    body = (
        "const draw = (seed) => { const random = lexbits.random(seed);"
        " return Array.from({length: 5000}, random); }; return given.seeds.map(draw);"
    )
    one, other, again = node.run(body, seeds=[1, 2, 1])
    assert one == again != other
    for numbers in (one, other):
        assert min(numbers) >= 0 and max(numbers) < 1
        assert chi_square(np.histogram(numbers, 20, (0, 1))[0], np.full(20, 0.05)) < Z_SCORE
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.06


# The way between two words


@pytest.mark.parametrize(
    ("through", "kind"),
    [("bits", kind) for kind in FEW_BITS]
    # The mean of bits that depend on one another is sampled, by other noise.
    + [("means", kind) for kind in FEW_BITS if KINDS[kind].get("posterior") is None],
)
def test_a_path_is_that_of_python(pairs, kind, through):
    pair, ends = pairs(kind), [symbols("fadé"), symbols("bañada")]
    words = torch.zeros((2, max(map(len, ends))), dtype=torch.long) + ALPHABET.pad
    for row, x in zip(words, ends, strict=True):
        row[: len(x)] = torch.tensor(x)
    with torch.no_grad():
        q = pair.network.posterior(words)
    for steps in (1, 2, 3, 4, 7, 8):
        found = pair.ask(
            "model.path(...given.ends, given.steps, given.through).map((point) => "
            "[Array.from(point.z), model.decode(point.symbols)])",
            ends=ends,
            steps=steps,
            through=through,
        )
        with torch.no_grad():
            z = mean_path(q, steps) if through == "means" else bit_path(q, steps)
        assert furthest([z for z, _ in found], z) < (1e-6 if through == "means" else 1e-12)
        expected = decode(pair.network.decoder, z, LONGEST + 1, "greedy")
        assert [word for _, word in found] == expected.spell(ALPHABET, LONGEST)


def test_a_path_through_bits_flips_as_many_as_python(node):
    """Also where a number of bits is a half, or nearly so in single precision."""
    pair = Pair(node, {"bits": 48})
    ends = [symbols("fadé"), symbols("ñ")]
    modes = [pair.network.posterior(torch.tensor([x])).mode[0] for x in ends]
    assert int((modes[0] != modes[1]).sum()) > 10

    class Ends:
        mode = torch.stack(modes)

    for steps in range(2, 40, 3):
        found = pair.ask(
            "model.path(...given.ends, given.steps, 'bits').map((p) => p.z)", ends=ends, steps=steps
        )
        assert found == bit_path(Ends, steps).tolist()


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
