"""Words that meet constraints, drawn from the model given the constraints.

P(z, x | x meets them) is proportional to P(z) P(x|z) where x does. Many codes go forward together,
symbol by symbol: each is drawn from the decoder's distribution times what a guess says of the
symbols to come (`lookahead`), and carries as its weight what was drawn over what should have been.
Once few of them carry most of the weight they are drawn anew in proportion to it, and go on alike.
So codes are drawn in proportion to P(z) P(constraints | z), words as the model spells them, and the
mean weight is P(constraints), without bias. References: Gordon, Salmond and Smith (1993), Novel
approach to nonlinear/non-Gaussian Bayesian state estimation; Whiteley and Lee (2014), Twisted
particle filters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lexbits.alphabet import END
from lexbits.bits.distinct import distinct_codes
from lexbits.decoding.lookahead import Floats, Lookahead, Pattern
from lexbits.decoding.methods import allowed, draw_codes, draw_words
from lexbits.model import Decoder, LatentWordModel
from lexbits.randomness import number_keys, uniform

COUNTED = 2**11
"""Words of the model that the guess is counted from."""

PARTICLES = 2**13
"""Codes that go forward together at first: those that suit a rare beginning are few among them."""

GOING_ON = 2**12
"""And after they have been drawn anew."""

ENOUGH = 0.25
"""Share of the particles that are to carry the weight; with fewer, they are drawn anew."""


@dataclass(frozen=True)
class Population:
    """N codes with words that meet the constraints, each with a weight.

    Attributes:
        code: [N] the row of z that each was decoded from: equal codes may be different rows.
        symbols: [N, L + 1], END from the end of a word on.
        log_weight: [N] in nats; −inf for what has died out.
        log_probability: log of an estimate of P(constraints), which is unbiased.
        effective: the least effective number of particles on the way.
    """

    code: NDArray[np.int64]
    symbols: NDArray[np.int64]
    log_weight: Floats
    log_probability: float
    effective: float

    def take(self, seed: int, number: int) -> NDArray[np.int64]:
        """Return some of them in a random order, drawn in proportion to their weights.

        Half as many as there are effective ones, where copies of one particle that have not parted
        count as one: so few are drawn that each is almost a draw of its own.
        """
        weight = _relative(self.log_weight)
        if not weight.any():
            return np.empty(0, np.int64)
        history = np.concatenate([self.code[:, None], self.symbols], axis=1)
        _, which = np.unique(history, axis=0, return_inverse=True)
        parted = _effective(np.bincount(which.ravel(), weight).astype(np.float64))
        count = max(1, int(min(self.effective, parted) / 2))
        order = np.argsort(which.ravel(), kind="stable")
        taken = order[_systematic(weight[order], count, _noise(1, seed, number, 0, "take")[0])]
        return taken[np.argsort(_noise(count, seed, number, 0, "order"), kind="stable")]


@dataclass(frozen=True)
class Constrained:
    """M words that meet constraints.

    Attributes:
        codes: [M, K] the codes they were decoded from.
        symbols: [M, L + 1], END from the end of a word on.
        log_probability: log of an estimate of P(constraints), which is unbiased.
    """

    codes: Tensor
    symbols: NDArray[np.int64]
    log_probability: float


def draw_constrained(
    model: LatentWordModel,
    pattern: Pattern,
    seed: int,
    temperature: float = 1.0,
    codes: Callable[[range], Tensor] | None = None,
) -> Iterator[Constrained]:
    """Yield words from the model given a pattern, without end; each time as many as come out.

    Args:
        model: the model.
        pattern: what the words meet.
        seed: other seeds give other words.
        temperature: as in `ancestral`.
        codes: returns the codes of some numbers, [M, K]; else they are drawn from the prior.
    """
    codes = codes or (lambda numbers: draw_codes(model, numbers, seed))
    _, counted = draw_words(model, range(COUNTED), seed, pattern.longest, temperature=temperature)
    lookahead = Lookahead(pattern, counted.symbols.cpu().numpy(), model.decoder.symbols)
    at_once = model.decoder.rows_at_once(PARTICLES)
    for number in count():
        z = codes(range(number * at_once, (number + 1) * at_once))
        found = draw_population(model.decoder, z, lookahead, temperature, seed, number)
        taken = found.take(seed, number)
        rows = torch.from_numpy(found.code[taken]).to(z.device)
        yield Constrained(z[rows], found.symbols[taken], found.log_probability)


@torch.no_grad()
def draw_population(
    decoder: Decoder, z: Tensor, lookahead: Lookahead, temperature: float, seed: int, number: int
) -> Population:
    """Draw words that meet the pattern of `lookahead`, from codes z [M, K].

    Args:
        decoder: the decoder.
        z: draws from the prior, or from what takes its place.
        lookahead: the pattern, and the guess.
        temperature: as in `ancestral`.
        seed: of the noise.
        number: of the population: another one has other noise.
    """
    longest = lookahead.pattern.longest
    which, codes = distinct_codes(z)
    p = _Particles.start(len(z), lookahead)
    prefixes = decoder.prefixes(codes)
    read, parents = torch.full_like(which, decoder.start_symbol), which
    for position in range(longest + 1):
        prob = _next_symbols(prefixes.step(read, parents), position, temperature)
        going = np.nonzero(p.row >= 0)[0]
        ahead = lookahead.after(position, p.state[going], p.context[going])
        prob *= ahead
        p.weigh(going, prob.sum(1))
        # Where all have to read one symbol, as in a beginning, nobody gains by drawing anew.
        choice = bool((np.count_nonzero(prob, axis=1) > 1).any())
        if choice and p.note_effective() < ENOUGH * len(p.code):
            p = p.drawn_anew(_noise(1, seed, number, position, "anew")[0])
        going = np.nonzero(p.row >= 0)[0]
        rows = p.row[going]
        if len(rows) == 0:
            break
        reached = prob[rows].cumsum(1)
        noise = _noise(len(p.code), seed, number, position, "symbols")[going]
        symbol = (reached <= (noise * reached[:, -1])[:, None]).sum(1)
        p.read(going, symbol, position, ahead[rows, symbol], lookahead)
        goes_on = symbol != END
        if not goes_on.any():
            break
        parents = torch.from_numpy(rows[goes_on]).to(z.device)
        read = torch.from_numpy(symbol[goes_on]).to(z.device)
    p.note_effective()
    return p.population()


@dataclass
class _Particles:
    """N codes on their way.

    Attributes:
        code, symbols, log_weight, log_probability, effective: as of `Population`.
        state: [N] of the automaton.
        context: [N] of the guess.
        log_value: [N] log of the guess as it stands.
        row: [N] the row of each in the step under way; −1 once its word has ended, or cannot.
    """

    code: NDArray[np.int64]
    symbols: NDArray[np.int64]
    state: NDArray[np.int64]
    context: NDArray[np.int64]
    log_value: Floats
    log_weight: Floats
    row: NDArray[np.int64]
    log_probability: float
    effective: float

    @classmethod
    def start(cls, count: int, lookahead: Lookahead) -> _Particles:
        with np.errstate(divide="ignore"):
            log_value = np.full(count, np.log(lookahead.value[0, 0, lookahead.start]))
        return cls(
            code=np.arange(count),
            symbols=np.full((count, lookahead.pattern.longest + 1), END),
            state=np.zeros(count, np.int64),
            context=np.full(count, lookahead.start),
            log_value=log_value,
            log_weight=log_value.copy(),
            row=np.arange(count),
            log_probability=0.0,
            effective=float(count),
        )

    def weigh(self, going: NDArray[np.int64], total: Floats) -> None:
        """Weigh by what the next symbols promise, in all, beside what was promised before."""
        with np.errstate(divide="ignore", invalid="ignore"):
            change = np.log(total) - self.log_value[going]
        self.log_weight[going] += np.where(total > 0, change, -np.inf)
        self.row[going[total <= 0]] = -1

    def read(
        self,
        going: NDArray[np.int64],
        symbol: NDArray[np.int64],
        position: int,
        value: Floats,
        lookahead: Lookahead,
    ) -> None:
        """Add a symbol to each of the words `going`; its value is what it promises."""
        self.symbols[going, position] = symbol
        self.log_value[going] = np.log(value)
        following = lookahead.pattern.automaton.next[self.state[going], symbol]
        self.state[going] = np.where(symbol == END, self.state[going], following)
        self.context[going] = lookahead.follow(self.context[going], symbol)
        goes_on = symbol != END
        self.row[going] = np.where(goes_on, np.cumsum(goes_on) - 1, -1)

    def note_effective(self) -> float:
        """Return the effective number of particles, and keep the least there has been."""
        found = _effective(_relative(self.log_weight))
        self.effective = min(self.effective, found)
        return found

    def drawn_anew(self, noise: float) -> _Particles:
        """Return fewer of them, each as often as its weight is large, with equal weights."""
        count = min(GOING_ON, len(self.code))
        weight = _relative(self.log_weight)
        if not weight.any():
            return self
        taken = _systematic(weight, count, noise)
        log_probability = self.log_probability + _log_mean(self.log_weight)
        return _Particles(
            code=self.code[taken],
            symbols=self.symbols[taken],
            state=self.state[taken],
            context=self.context[taken],
            log_value=self.log_value[taken],
            log_weight=np.zeros(count),
            row=self.row[taken],
            log_probability=log_probability,
            effective=self.effective,
        )

    def population(self) -> Population:
        return Population(
            self.code,
            self.symbols,
            self.log_weight,
            self.log_probability + _log_mean(self.log_weight),
            self.effective,
        )


def _next_symbols(logits: Tensor, position: int, temperature: float) -> Floats:
    """Return what `ancestral` draws a symbol by, [A, V], on the CPU in double precision."""
    log_prob = allowed(logits, position).cpu().double()
    found: Floats = torch.softmax(log_prob / temperature, -1).numpy()
    return found


def _noise(count: int, seed: int, number: int, position: int, purpose: str) -> Floats:
    keys = number_keys(0, count, seed, "constrained", purpose, number)
    found: Floats = uniform(keys, position, 1, 1)[0, :, 0].double().numpy()
    return found


def _relative(log_weight: Floats) -> Floats:
    """Return weights, the largest of which is 1; all zero if all are."""
    most = log_weight.max()
    return np.exp(log_weight - most) if most > -np.inf else np.zeros_like(log_weight)


def _effective(weight: Floats) -> float:
    """Return (Σw)²/Σw² (Kong 1992), zero for none."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def _systematic(weight: Floats, count: int, noise: float) -> NDArray[np.int64]:
    """Return rows in proportion to weights: `count` steps of equal size through them."""
    reached = np.cumsum(weight)
    steps = (np.arange(count) + noise) / count * reached[-1]
    rows: NDArray[np.int64] = np.searchsorted(reached, steps, side="right")
    return np.minimum(rows, len(weight) - 1)


def _log_mean(log_weight: Floats) -> float:
    weight = _relative(log_weight)
    return float(np.log(weight.mean()) + log_weight.max()) if weight.any() else -np.inf
