"""How probable the page finds words, and what words it makes under noise and on paths."""

import math

import numpy as np
import pytest
import torch

from lexbits.bits.codes import all_codes
from lexbits.bits.divergence import exact_kl_per_bit
from lexbits.bits.paths import bit_path, mean_path
from lexbits.decoding.methods import decode
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
    z_score,
)

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
    others = [[1 - bit if j == k else bit for j, bit in enumerate(z)] for k in range(len(z))]
    together = pair.ask(
        "model.withNoise(given.others, model.noiseOf(given.x, given.z, random), random)",
        x=x,
        z=z,
        others=others,
        seed=3,
    )
    for flipped, word in zip(others, together, strict=True):
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
