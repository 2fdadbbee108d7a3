"""Words given constraints, against brute force over a closed language.

A sample of n words of m different kinds is at most ½ √(m / n) from its distribution on average, in
total variation, and with probability 1 − δ at most √(ln(1/δ) / 2n) more (McDiarmid).
"""

import math
from collections import Counter
from functools import cache
from itertools import islice

import numpy as np
import pytest
import torch

from lexbits.alphabet import END, UNKNOWN, Alphabet
from lexbits.decoding import Constraints, conditional, draw_constrained
from lexbits.decoding.conditional import draw_population
from lexbits.decoding.lookahead import Lookahead
from tests.exact import all_codes, language, next_log_probs, tiny_model

ALPHABET = Alphabet("abc")
LONGEST = 4
DRAWN = 8000
UNLIKELY = 1e-6

CASES = {
    "a beginning": Constraints(starts_with="ba"),
    "a rare beginning": Constraints(starts_with="cc"),
    "an end": Constraints(ends_with="ab"),
    "a part": Constraints(contains=("cb",)),
    "a length": Constraints(length=(3, 3)),
    "letters": Constraints(letters="ac"),
    "forbidden parts": Constraints(forbid=("ab", "cc")),
    "all together": Constraints(starts_with="a", ends_with="b", length=(3, 4), forbid=("cc",)),
}


@pytest.fixture(scope="module")
def model():
    with torch.no_grad():
        model = tiny_model("abc", gain=4.0)
        model.decoder.logits.bias.data[END] += 2
        return model


@pytest.fixture(params=CASES.values(), ids=CASES)
def constraints(request):
    return request.param


def meets(constraints, word):
    low, high = constraints.length or (1, LONGEST)
    return (
        word.startswith(constraints.starts_with)
        and word.endswith(constraints.ends_with)
        and all(part in word for part in constraints.contains)
        and low <= len(word) <= high
        and (not constraints.letters or set(word) <= set(constraints.letters))
        and not any(part in word for part in constraints.forbid)
    )


def spell(symbols):
    return "".join("abc"[s - 2] for s in symbols if s != END)


@cache
def joint(model, temperature=1.0):
    """Return P(z, x) of each code, by number, and each word that ends within the limit."""
    codes = all_codes(model.bits)
    prior = model.prior().log_prob(codes).exp().tolist()
    return {
        (number, spell(symbols)): prior[number] * math.exp(log_prob)
        for number, z in enumerate(codes)
        for symbols, log_prob in language(model.decoder, z, LONGEST + 1, temperature).items()
        if symbols[-1] == END
    }


def given(constraints, of_all):
    """Return P(z, x | constraints), and P(constraints)."""
    found = {key: p for key, p in of_all.items() if meets(constraints, key[1])}
    total = sum(found.values())
    return {key: p / total for key, p in found.items()}, total


def drawn(model, constraints, count, **how):
    pattern = constraints.pattern(ALPHABET, LONGEST)
    found = []
    for piece in draw_constrained(model, pattern, seed=1, **how):
        numbers = (piece.codes @ torch.tensor([4.0, 2.0, 1.0])).long().tolist()
        found += zip(numbers, map(spell, piece.symbols), strict=True)
        if len(found) >= count:
            return found[:count]
    raise AssertionError


def distance(one, other):
    """Return the total variation distance of two distributions."""
    return sum(abs(one.get(key, 0) - other.get(key, 0)) for key in {*one, *other}) / 2


def bound(kinds, count):
    return math.sqrt(kinds / count) / 2 + math.sqrt(math.log(1 / UNLIKELY) / (2 * count))


def test_words_and_codes_have_the_conditional_distribution(model, constraints):
    exact, _ = given(constraints, joint(model))
    found = Counter(drawn(model, constraints, DRAWN))
    assert set(found) <= set(exact)
    shares = {key: n / DRAWN for key, n in found.items()}
    assert distance(shares, exact) < bound(len(exact), DRAWN)


def test_a_temperature_is_that_of_plain_sampling(model):
    constraints = Constraints(ends_with="ab")
    exact, _ = given(constraints, joint(model, temperature=0.5))
    found = Counter(drawn(model, constraints, DRAWN, temperature=0.5))
    shares = {key: n / DRAWN for key, n in found.items()}
    assert distance(shares, exact) < bound(len(exact), DRAWN)


def test_the_wrong_versions_are_too_far_for_that_bound(model):
    constraints = Constraints(ends_with="ab")
    exact, _ = given(constraints, joint(model))
    most = bound(len(exact), DRAWN)
    assert distance(masked(model, constraints), exact) > 2 * most
    assert distance(codes_from_the_prior(model, constraints), exact) > 2 * most


def masked(model, constraints):
    """Return what comes out if symbols that lead nowhere are merely left out on the way."""
    hopeful = {w[:i] for _, w in joint(model) if meets(constraints, w) for i in range(len(w) + 1)}
    found = {}

    def grow(number, z, word, p):
        prob = next_log_probs(model.decoder, z, [ord(c) - ord("a") + 2 for c in word]).exp()
        allowed = {"": float(prob[END])} if meets(constraints, word) else {}
        for i, letter in enumerate("abc", 2):
            if word + letter in hopeful:
                allowed[letter] = float(prob[i])
        total = sum(allowed.values())
        for letter, value in allowed.items():
            if letter:
                grow(number, z, word + letter, p * value / total)
            else:
                found[number, word] = p * value / total

    with torch.no_grad():
        for number, z in enumerate(all_codes(model.bits)):
            grow(number, z, "", float(model.prior().log_prob(z).exp()))
    return found


def codes_from_the_prior(model, constraints):
    """Return what comes out if each code is drawn alike, whatever it makes of the constraints."""
    exact, _ = given(constraints, joint(model))
    of_code = Counter()
    for (number, _), p in exact.items():
        of_code[number] += p
    prior = model.prior().log_prob(all_codes(model.bits)).exp().tolist()
    return {key: p / of_code[key[0]] * prior[key[0]] for key, p in exact.items()}


def test_the_probability_of_constraints_is_unbiased(model, constraints, monkeypatch):
    monkeypatch.setattr(conditional, "PARTICLES", 2**10)
    _, exact = given(constraints, joint(model))
    pattern = constraints.pattern(ALPHABET, LONGEST)
    pieces = islice(draw_constrained(model, pattern, seed=2), 8)
    found = np.exp([piece.log_probability for piece in pieces])
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert abs(found.mean() - exact) < 5 * error + 1e-12


def test_a_bad_guess_costs_particles_and_no_truth(model, monkeypatch):
    def misled(self, words):
        prob = honest(self, words)
        prob[..., UNKNOWN + 1 :] *= np.array([0.1, 5.0, 2.0])  # of a, b, c
        return prob

    honest = Lookahead._counted
    constraints = CASES["all together"]
    exact, _ = given(constraints, joint(model))
    monkeypatch.setattr(Lookahead, "_counted", misled)
    found = Counter(drawn(model, constraints, DRAWN))
    shares = {key: n / DRAWN for key, n in found.items()}
    assert distance(shares, exact) < bound(len(exact), DRAWN)


def test_more_words_begin_with_the_same_ones(model):
    constraints = CASES["an end"]
    few, more = (drawn(model, constraints, n) for n in (5, 3000))
    assert more[:5] == few
    again = drawn(model, constraints, 5)
    assert again == few


def test_few_codes_are_decoded_as_many_are(model, monkeypatch):
    """Drawn anew early and often, the particles are fewer, and the distribution is the same."""
    monkeypatch.setattr(conditional, "ENOUGH", 0.99)
    monkeypatch.setattr(conditional, "GOING_ON", 2**10)
    constraints = CASES["all together"]
    exact, _ = given(constraints, joint(model))
    found = Counter(drawn(model, constraints, 5000))
    shares = {key: n / 5000 for key, n in found.items()}
    assert distance(shares, exact) < bound(len(exact), 5000)


def test_a_plain_model_meets_constraints_too():
    with torch.no_grad():
        plain = tiny_model("abc", bits=0, gain=4.0)
    pattern = Constraints(starts_with="ba").pattern(ALPHABET, LONGEST)
    piece = next(draw_constrained(plain, pattern, seed=1))
    assert piece.codes.shape == (len(piece.symbols), 0)
    assert all(spell(row).startswith("ba") for row in piece.symbols)


def test_what_the_decoder_gives_no_probability_dies_out(model):
    """Of words that cannot be spelled, none comes back and the probability is zero."""
    pattern = Constraints(starts_with="ba").pattern(ALPHABET, LONGEST)
    bias = model.decoder.logits.bias.data
    before = bias.clone()
    bias[3] = -torch.inf  # b
    try:
        lookahead = Lookahead(pattern, np.full((1, 2), END), model.decoder.symbols)
        z = all_codes(model.bits)
        found = draw_population(model.decoder, z, lookahead, 1.0, seed=0, number=0)
    finally:
        bias.copy_(before)
    assert found.log_probability == -math.inf
    assert len(found.take(0, 0)) == 0
