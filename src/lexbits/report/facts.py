"""What a page tells of a model: numbers, texts and figures that are gathered already.

Nats are per word; figures are SVG elements, "" where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from lexbits.measures import Evaluation
from lexbits.measures.bit_features import BitFeature
from lexbits.training.floors import Floor


@dataclass(frozen=True)
class Origin:
    """What was trained on what.

    Attributes:
        data: the name of the data set, for people; "" where it has none.
        language: the English name of its language, where it is known.
        words: how many words each split has, by name; nothing where that is unknown.
        characters: the characters that it knows.
        bits: K.
        network: what the decoder is, such as "an LSTM of 256 units".
        parameters: how many weights there are.
        epochs: how many were trained; 0 where that is unknown.
        best_epoch: the one whose model this is.
        version: of lexbits that trained it, where it is known.
        date: of the training, YYYY-MM-DD, where it is known.
    """

    data: str
    language: str
    words: dict[str, int]
    characters: tuple[str, ...]
    bits: int
    network: str
    parameters: int
    epochs: int = 0
    best_epoch: int = 0
    version: str = ""
    date: str = ""


@dataclass(frozen=True)
class Accounting:
    """What held-out words take, and where the nats go.

    Attributes:
        split: which words they are: "test" or "dev".
        metrics: the measurements.
        remarks: what is to be said of the figures, in sentences.
        floors: what simpler models reach on the same words.
        figure: all that in one picture.
    """

    split: str
    metrics: Evaluation
    remarks: tuple[str, ...] = ()
    floors: tuple[Floor, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Turned:
    """What a held-out word's bits spell with one of them off and on.

    Attributes:
        word: the held-out word.
        off: what its code spells greedily with the bit off.
        on: the same with the bit on.
    """

    word: str
    off: str
    on: str


@dataclass(frozen=True)
class Bit:
    """What a bit is used for.

    Attributes:
        number: its place in a code, from 1.
        ones: share of the words that switch it on.
        nats: what it alone knows of a word.
        active: whether that is more than 0.02 nats.
        changed: share of words whose code spells another word with the bit turned; None where
            that was not looked at.
        turned: some of them.
        feature: the feature that it tells most about, if words have features and one goes with it.
    """

    number: int
    ones: float
    nats: float
    active: bool
    changed: float | None = None
    turned: tuple[Turned, ...] = ()
    feature: BitFeature | None = None


@dataclass(frozen=True)
class Rebuilt:
    """A held-out word sent through its bits.

    Attributes:
        word: the word.
        mode: what its most probable code spells.
        mean: what the mean of its bits spells, which is no code.
        samples: what codes drawn from its posterior spell.
    """

    word: str
    mode: str
    mean: str
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """A word that the model has made up.

    Attributes:
        word: the word.
        status: the split that has it, or "source", or "new"; "" where its words are unknown.
    """

    word: str
    status: str


@dataclass(frozen=True)
class Rounding:
    """What the weights of the page are rounded to, and what that costs.

    Attributes:
        precision: "half" or "int8".
        nats: NLL with the rounded weights minus that with the whole ones, on the same words.
        words: how many; 0 where it was not measured.
    """

    precision: str
    nats: float = 0.0
    words: int = 0


@dataclass(frozen=True)
class Setting:
    """A setting of the training.

    Attributes:
        name: its name.
        value: what it was.
        default: what it is unless it is given.
        meaning: what it means.
    """

    name: str
    value: str
    default: str
    meaning: str


@dataclass(frozen=True)
class Again:
    """How to have the model again.

    Attributes:
        command: what trains it, as it is typed.
        python: whether that is Python, not a command line.
        remarks: what is to be known besides, in sentences.
        settings: all of them.
        notes: what was said of the words when they were read.
        advice: what another training might do better, most striking first; commands in backquotes.
        versions: names and versions of what it was trained with.
        machine: what is known of the machine.
        digests: names of files and their SHA-256.
    """

    command: str
    python: bool
    remarks: tuple[str, ...]
    settings: tuple[Setting, ...]
    notes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    versions: tuple[tuple[str, str], ...] = ()
    machine: tuple[tuple[str, str], ...] = ()
    digests: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Told:
    """All that the page of a model tells.

    Attributes:
        origin: what was trained on what.
        again: how to have it again.
        rounding: what the page rounds.
        curves: the figure of the training.
        accounting: what held-out words take; None where there are none.
        gain: the figure of where in a word the bits help.
        bits: what each bit is used for.
        bits_figure: the same as a picture.
        looked_at: how many words' bits were turned for it.
        rebuilt: held-out words sent through their bits.
        exact: share of more of them that come back exactly.
        made: words that the model has made up.
        meaning: what a status other than the name of a split means.
    """

    origin: Origin
    again: Again
    rounding: Rounding
    curves: str = ""
    accounting: Accounting | None = None
    gain: str = ""
    bits: tuple[Bit, ...] = ()
    bits_figure: str = ""
    looked_at: int = 0
    rebuilt: tuple[Rebuilt, ...] = ()
    exact: float | None = None
    made: tuple[Made, ...] = ()
    meaning: str = ""


def label_of(target: float, bits: int) -> str:
    """Return what a model of a sweep is called beside the others."""
    if not bits:
        return "without bits"
    return f"{target:g} {'nat' if target == 1 else 'nats'}" if target else "free"


@dataclass(frozen=True)
class Point:
    """A model of a sweep, on the test words.

    Attributes:
        target: the rate that was asked for; 0 where none was.
        bits: K; 0 of the plain model.
        nll: −log P(x).
        rate: KL(Q(z|x) ‖ P(z)).
        information: what the bits know of the word.
        distortion: −E_Q[log P(x|z)].
        beyond_plain: NLL minus that of the plain model, and the ends of its 95 % interval; None
            where there is no plain model.
        exact: share of words that come back exactly from their most probable bits; None without.
        rounding: what the page rounds, and what that costs.
        rebuilt: what comes back of held-out words, the same ones for all models; none without bits.
        made: words that it makes up.
    """

    target: float
    bits: int
    nll: float
    rate: float
    information: float
    distortion: float
    beyond_plain: tuple[float, float, float] | None
    exact: float | None
    rounding: Rounding
    rebuilt: tuple[Rebuilt, ...]
    made: tuple[str, ...]

    @property
    def label(self) -> str:
        """What it is called beside the others."""
        return label_of(self.target, self.bits)


@dataclass(frozen=True)
class SweepTold:
    """All that the page of a sweep tells.

    Attributes:
        origin: what its models were trained on: that of the last one.
        points: its models, the plain one first, then by rising rate.
        test_words: how many the figures are of.
        notes: what to know of it, in sentences.
        curves: the figure of the trainings.
        again: how to have it again.
    """

    origin: Origin
    points: tuple[Point, ...]
    test_words: int
    notes: tuple[str, ...]
    curves: str
    again: Again
