"""What the operations on a trained model return: plain records, which print in one line."""

from __future__ import annotations

from dataclasses import dataclass, field

from lexbits.results import Result


@dataclass(frozen=True)
class Sample(Result):
    """A generated word.

    Attributes:
        word: the word; a replacement character stands for a symbol that is no character.
        code: the bits it was decoded from.
        log_prob_given_code: log p(word | code) in nats, the end of the word counted, also of a word
            that was cut: at temperature 1, whatever the word was decoded at.
        ended: whether the word ended by itself; else it was cut at the longest length.
        status: the split of the model's data that holds the word; else "source", if the data set
            that these are a sample of has it and is available; else "new".
        log_prob: log p(word) in nats, as `score` returns it; None, as the next two are, unless it
            was asked for.
        bits_per_character: −log2 p(word) / characters; the end of the word counts in p only.
        percentile: how many in a hundred of the model's held-out words of that length are less
            probable; None, too, where there are no such words.
    """

    word: str
    code: str
    log_prob_given_code: float
    ended: bool
    status: str
    log_prob: float | None = None
    bits_per_character: float | None = None
    percentile: float | None = None

    def __str__(self) -> str:
        return self.word


@dataclass(frozen=True)
class Score(Result):
    """How probable a word is.

    Attributes:
        word: the word.
        log_prob: log p(word) in nats, importance-sampled; exact with zero bits.
        standard_error: Monte Carlo error of log_prob; None where one sample leaves it unknown.
        bits_per_symbol: −log2 p(word) / symbols.
        symbols: characters and the end of the word.
        ess: effective sample size of the importance weights.
        unseen: characters that the model does not know; each is scored as the unknown symbol.
    """

    word: str
    log_prob: float
    standard_error: float | None
    bits_per_symbol: float
    symbols: int
    ess: float
    unseen: str

    def __str__(self) -> str:
        error = "" if not self.standard_error else f" ± {self.standard_error:.2f}"
        return (
            f"{self.word}: log P {self.log_prob:.2f}{error} nats, "
            f"{self.bits_per_symbol:.2f} bits per symbol"
        )


@dataclass(frozen=True)
class Bound(Result):
    """A bound on the likelihood of words by their most probable codes.

    Attributes:
        words: number of words.
        codes: codes summed over for each.
        nll_upper_bound: −log Σ_z p(z) p(x|z) over those codes, nats per word; not below the NLL.
    """

    words: int
    codes: int
    nll_upper_bound: float

    def __str__(self) -> str:
        return (
            f"{self.words:,} words: NLL at most {self.nll_upper_bound:.2f} nats per word, "
            f"by {self.codes:,} codes of each"
        )


@dataclass(frozen=True)
class BitUsage(Result):
    """What one bit is used for, on some words.

    Attributes:
        bit: its place in a code, from 1.
        ones: mean probability of a one: the share of the words that switch it on.
        nats: I(x; z_k), what it alone knows of the words, at most ln 2; bits that know the same
            count it each.
        active: whether it knows more than 0.02 nats.
    """

    bit: int
    ones: float
    nats: float
    active: bool

    def __str__(self) -> str:
        kind = "active" if self.active else "unused"
        return f"bit {self.bit}: {kind}, {self.nats:.2f} nats, on for {self.ones:.0%} of the words"


@dataclass(frozen=True)
class Encoding(Result):
    """A word's posterior over bits.

    Attributes:
        word: the word.
        code: the most probable bit vector.
        probabilities: the probability of a one, for each bit.
        rate: KL(Q(z|word) ‖ P(z)) in nats.
        unseen: characters that the model does not know.
    """

    word: str
    code: str
    probabilities: tuple[float, ...] = field(repr=False)
    rate: float
    unseen: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True)
class Reconstruction(Result):
    """A word sent through its bits.

    Attributes:
        word: the word.
        code: its most probable bit vector.
        mode: decoded from that code.
        mean: decoded from the posterior mean, which is no bit vector.
        samples: decoded from samples of the posterior.
        exact: whether `mode` is the word.
        unseen: characters that the model does not know.
        searched_code: the code that a search from the mode finds, if it was asked for.
        searched: decoded from `searched_code`.
    """

    word: str
    code: str
    mode: str
    mean: str
    samples: tuple[str, ...]
    exact: bool
    unseen: str
    searched_code: str | None = None
    searched: str | None = None

    def __str__(self) -> str:
        return self.mode


@dataclass(frozen=True)
class PathPoint(Result):
    """A point between two words.

    Attributes:
        position: 0 at the first word's posterior, 1 at the second's.
        code: the nearest bit vector.
        word: what the point decodes to.
    """

    position: float
    code: str
    word: str

    def __str__(self) -> str:
        return self.word
