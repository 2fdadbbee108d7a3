"""A language small enough to be summed over, and words drawn from it given constraints.

A sample of n words of m different kinds is at most ½ √(m / n) from its distribution on average, in
total variation, and with probability 1 − δ at most √(ln(1/δ) / 2n) more (McDiarmid).

`python -m tests.decoding.closed_language` prints how far samples are from brute force.
"""

import math
from collections import Counter
from functools import cache

import torch

from lexbits.alphabet import END, Alphabet
from lexbits.decoding import Constraints, draw_constrained
from tests.exact import all_codes, language, tiny_model

ALPHABET = Alphabet("abc")
LONGEST = 4
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


@torch.no_grad()
def closed_model():
    """Return a model whose codes differ, and whose words mostly end in time."""
    model = tiny_model("abc", gain=4.0)
    model.decoder.logits.bias.data[END] += 2
    return model


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


def shares_of(found):
    """Return the distribution of what was found."""
    return {key: count / len(found) for key, count in Counter(found).items()}


def main(count=20_000):
    """Print the distance of samples from brute force, and its bound, for each kind of words."""
    model = closed_model()
    print(f"{count:,} words each; bound with probability 1 - {UNLIKELY:g}")
    print(f"{'constraints':20} {'P':>10} {'kinds':>6} {'distance':>9} {'bound':>7}")
    for name, constraints in CASES.items():
        exact, probability = given(constraints, joint(model))
        found = shares_of(drawn(model, constraints, count))
        most = bound(len(exact), count)
        print(
            f"{name:20} {probability:10.2e} {len(exact):6} {distance(found, exact):9.4f} "
            f"{most:7.4f}"
        )


if __name__ == "__main__":
    main()
