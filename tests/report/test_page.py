"""What the page shows and answers is what Python answers with the same rounded weights."""

import numpy as np
import pytest
import torch

from lexbits.data.corpus import Corpus
from tests.exact import all_codes
from tests.report.pages import spelled
from tests.report.shown import numbers

pytestmark = pytest.mark.browser

WITH_BITS = ("factorised", "made", "boltzmann")
TWO = ("factorised", "made")
"""Where a Boltzmann prior has no say."""

DRAW = """([code, seed, temperature]) => {
  const model = lexbits.load(JSON.parse(document.getElementById("data").textContent).models[0]);
  return model.sample([[...code].map(Number)], lexbits.random(seed), temperature)
    .map(({ symbols, ended }) => model.decode(symbols) + (ended ? "" : "…"));
}"""
"""What the script that is compared with Python elsewhere draws."""


def log_prob_by_symbol(model, word, code):
    """Return log p(x_i | x_<i, z) of a word, its end counted."""
    z = torch.tensor([[[float(bit) for bit in code]]])
    symbols = model.network.words(Corpus.from_words([word], model.alphabet), np.array([0]))
    with torch.no_grad():
        return model.network.decoder.symbol_log_prob(symbols, z).flatten().tolist()


def cells(row):
    """Return the numbers of a row, which begins with its name."""
    return [float(cell) for cell in row[1:]]


def expected_rate(model, word):
    """Return KL(Q(z|x) || P(z)), and how far off the page may be, which samples some of them."""
    (found,) = model.encode([word])
    if model.settings.bits > 6:
        return found.rate, 0.006
    codes = all_codes(model.settings.bits)[:, None]
    symbols = model.network.words(Corpus.from_words([word], model.alphabet), np.array([0]))
    with torch.no_grad():
        log_q = model.network.posterior(symbols).log_prob(codes)
        log_p = model.network.prior().log_prob(codes)
    return float((log_q.exp() * (log_q - log_p)).sum()), 0.8


@pytest.mark.parametrize("name", WITH_BITS)
def test_a_word_brings_its_bits_and_they_spell_what_python_says(look, name):
    shown, model = look(name)
    for word in ("hablé", "pasaste"):
        shown.type("word", word)
        (found,) = model.encode([word])
        assert shown.code == found.code
        assert shown.word("#spelled") == spelled(model, found.code)[0]
        if name != "made":  # where the means of a posterior with structure are sampled
            assert shown.probabilities == pytest.approx(found.probabilities, abs=0.002)


@pytest.mark.parametrize("name", TWO)
def test_every_switch_flips_its_bit_and_the_word_follows(look, name):
    shown, model = look(name)
    bits, seen = list(shown.code), set()
    for k in range(0, model.settings.bits, 2):
        shown.flip(k)
        bits[k] = "01"[bits[k] == "0"]
        assert shown.code == "".join(bits)
        assert shown.word("#spelled") == spelled(model, shown.code)[0]
        seen.add(shown.word("#spelled"))
    assert len(seen) > 1  # else nothing was seen


@pytest.mark.parametrize("name", WITH_BITS)
def test_buttons_set_all_bits(look, name):
    shown, model = look(name)
    own = shown.code
    shown.click("#none")
    assert shown.code == "0" * len(own)
    drawn = set()
    for _ in range(4):
        shown.click("#prior")
        drawn.add(shown.code)
    assert len(drawn) > 1
    assert shown.word("#spelled") == spelled(model, shown.code)[0]
    shown.click("#own")
    assert shown.code == own == model.encode(["cantas"])[0].code


@pytest.mark.parametrize("name", TWO)
def test_with_no_bit_flipped_the_word_is_itself_and_a_flip_gives_what_it_promised(look, name):
    shown, model = look(name, "word=hablaste")
    assert shown.word("#instead") == "hablaste"
    promised = shown.words("#flips button")
    assert len(promised) == model.settings.bits
    assert len(set(promised)) > 1
    own = shown.code
    assert shown.page.locator("#flips small").all_inner_texts() == [
        f"bit {k + 1} {'off' if bit == '1' else 'on'}" for k, bit in enumerate(own)
    ]
    for k in range(0, model.settings.bits, 5):
        shown.click(f"#flips li:nth-child({k + 1}) button")
        assert shown.code == own[:k] + str(1 - int(own[k])) + own[k + 1 :]
        assert shown.word("#instead") == promised[k]
    shown.click("#own")
    assert shown.word("#instead") == "hablaste"


@pytest.mark.parametrize("name", [*WITH_BITS, "plain"])
def test_letters_are_scored_as_in_python(look, name):
    shown, model = look(name)
    for word in ("salté", "mirabas"):
        shown.type("word", word)
        _, letters, *lines = shown.rows("#letters")
        given = log_prob_by_symbol(model, word, shown.code)
        assert letters[1:] == [*word, "end"]
        assert cells(lines[-1]) == pytest.approx([-each for each in given], abs=0.051)
        log_prob, *others = numbers(shown.page.inner_text("#score"))
        if name == "plain":
            assert log_prob == pytest.approx(sum(given), abs=0.006)
            continue
        *_, of_code, rate = others
        assert of_code == pytest.approx(sum(given), abs=0.006)
        assert rate == pytest.approx(*expected_rate(model, word))
        assert sum(cells(lines[0])) == pytest.approx(-log_prob, abs=0.5)  # they are rounded
        if name != "factorised":  # of whose codes there are too many
            exact = -model.exact([word]).exact_nll
            assert log_prob == pytest.approx(exact, abs=0.5)  # from 100 samples


@pytest.mark.parametrize("name", TWO)
def test_the_ways_to_another_word_are_those_of_python(look, name):
    shown, model = look(name)
    shown.type("to", "pasamos")
    for through in ("means", "bits"):
        found = shown.words(f"#path-{through} button")
        if (name, through) == ("made", "means"):
            continue  # whose means are sampled
        points = model.interpolate("cantas", "pasamos", steps=len(found), through=through)
        assert [word.rstrip("…") for word in found] == [point.word for point in points]
    shown.click("#path-bits li:last-child button")
    assert shown.code == model.encode(["pasamos"])[0].code


@pytest.mark.parametrize("name", WITH_BITS)
def test_a_word_made_up_brings_the_bits_it_was_made_from(look, name):
    shown, model = look(name)
    before = shown.words("#samples button")
    shown.click("#draw")
    words = shown.words("#samples button")
    assert words != before
    shown.click("#samples button", 2)
    if words[2].endswith("…"):
        return
    assert shown.page.input_value("#word") == words[2]
    assert shown.word("#spelled") == spelled(model, shown.code)[0]
    assert shown.word("#instead") == words[2]  # of the bits that it was made from
    assert f"base={shown.code}" in shown.address


def test_letters_are_drawn_by_seed_and_temperature(look):
    shown, model = look("factorised")
    shown.open_ways()
    shown.page.select_option("#how", "sample")
    seen = set()
    for temperature, seed in ((1, 5), (1, 6), (1, 5), (0.1, 5), (2, 5), (2, 7)):
        shown.choose("t", temperature)
        shown.type("seed", str(seed))
        (drawn,) = shown.page.evaluate(DRAW, [shown.code, seed, temperature])
        assert shown.word("#spelled") == drawn
        seen.add(drawn)
    assert len(seen) > 2
    shown.page.select_option("#how", "greedy")
    assert shown.word("#spelled") == spelled(model, shown.code)[0]


def test_a_word_of_the_map_is_found_and_taken(look):
    shown, model = look("factorised")
    words = shown.page.locator("#map g").evaluate_all("all => all.map(each => each.dataset.word)")
    shown.type("search", "ab")
    hits = shown.page.locator("#map g.hit").evaluate_all("all => all.map(g => g.dataset.word)")
    assert hits == [word for word in words if "ab" in word]
    assert f"{len(hits)} of {len(words)}" in shown.page.inner_text("#found")
    shown.page.locator(f"#map g[data-word='{hits[0]}'] circle").click()
    shown.wait()
    assert shown.page.input_value("#word") == hits[0]
    assert shown.code == model.encode([hits[0]])[0].code
    shown.type("search", "")
    assert shown.page.inner_text("#found") == ""


def test_another_word_is_another_word(look):
    shown, _ = look("plain")
    taken = set()
    for _ in range(5):
        shown.click("#another")
        taken.add(shown.page.input_value("#word"))
    assert len(taken) > 1


def test_a_plain_model_has_no_bits_to_show(look):
    shown, _ = look("plain")
    assert shown.switches.count() == 0
    assert not shown.page.is_visible("#flips")
    assert not shown.page.is_visible("#to")
    assert all(shown.words("#samples button"))
    shown.assert_sensible()
