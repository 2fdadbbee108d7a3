"""Words given constraints, against brute force over a closed language."""

import math
from collections import Counter
from itertools import islice

import numpy as np
import pytest
import torch

from lexbits.alphabet import END, UNKNOWN
from lexbits.decoding import Constraints, conditional, draw_constrained
from lexbits.decoding.conditional import draw_population
from lexbits.decoding.lookahead import Lookahead
from tests.decoding.closed_language import (
    ALPHABET,
    CASES,
    LONGEST,
    bound,
    closed_model,
    distance,
    drawn,
    given,
    joint,
    meets,
    shares_of,
    spell,
)
from tests.exact import all_codes, next_log_probs, tiny_model

DRAWN = 8000


@pytest.fixture(scope="module")
def model():
    return closed_model()


@pytest.fixture(params=CASES.values(), ids=CASES)
def constraints(request):
    return request.param


def test_words_and_codes_have_the_conditional_distribution(model, constraints):
    exact, _ = given(constraints, joint(model))
    found = shares_of(drawn(model, constraints, DRAWN))
    assert set(found) <= set(exact)
    assert distance(found, exact) < bound(len(exact), DRAWN)


def test_a_temperature_is_that_of_plain_sampling(model):
    constraints = Constraints(ends_with="ab")
    exact, _ = given(constraints, joint(model, temperature=0.5))
    found = shares_of(drawn(model, constraints, DRAWN, temperature=0.5))
    assert distance(found, exact) < bound(len(exact), DRAWN)


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
    found = shares_of(drawn(model, constraints, DRAWN))
    assert distance(found, exact) < bound(len(exact), DRAWN)


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
    found = shares_of(drawn(model, constraints, 5000))
    assert distance(found, exact) < bound(len(exact), 5000)


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
