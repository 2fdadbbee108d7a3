"""Every setting once: type, bounds, default, one line of meaning, whether a teacher shares it.

Settings come, later ones winning, from: the defaults below (the preset `default`), a preset, a
TOML file, flags. They are flat: `hidden_size` here is `hidden_size` in TOML and `--hidden-size` on
the command line.
"""

from __future__ import annotations

import codecs
import math
from numbers import Integral, Real
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from lexbits.errors import UsageError

FIRST_SETTINGS = {
    *("dev", "test", "column", "weights", "limit", "seed", "device"),
    *("bits", "prior", "posterior", "hidden_size"),
    *("estimator", "samples", "rate_target", "free_nats"),
    *("synthetic_words", "epochs", "steps", "batch_size", "learning_rate"),
}
"""What people change first; the help lists the other settings under a heading of their own."""

OLD_NAMES = {"drawn_words": "synthetic_words"}
"""Settings as they were called before, in old runs, files and scripts, and as they are now."""

MOST_BOLTZMANN_BITS = 16

NETWORKS = (
    *("bits", "alpha", "prior", "posterior", "z_at_start", "z_at_every_step", "z_at_logits"),
    *("cell", "embedding_size", "hidden_size", "layers"),
    *("encoder_hidden_size", "encoder_bidirectional", "encoder_embedding"),
)
"""Settings that say what the networks are: a training that starts from trained ones has theirs."""

MACHINE = ("device", "precision")
"""Settings that say where a training computes: they are given anew when it is resumed."""

MAY_CHANGE = (*MACHINE, "save_seconds", "data_folder")
"""Settings that may differ from those a run began with: they say where and how it is computed."""

Probability = Annotated[float, Field(gt=0, lt=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(gt=0, lt=2**31)]
NonNegative = Annotated[int, Field(ge=0, lt=2**31)]
Epochs = Positive | Literal["auto"]
Precision = Literal["fp32", "bf16"]
Column = Annotated[int, Field(gt=0, lt=2**31)] | str


def shared(default: object, meaning: str) -> Any:  # noqa: ANN401 - of any type
    """Declare a setting that a teacher has from the model that it teaches."""
    return Field(default, description=meaning, json_schema_extra={"shared": True})


def absolute_file(name: str) -> str:
    """Return FILE.py:NAME with the whole path of the file, and any other name as it is.

    A run is resumed from other folders than the one that it was started in.
    """
    place, _, attribute = name.rpartition(":")
    return f"{Path(place).absolute()}:{attribute}" if place.endswith(".py") else name


def own(default: object, meaning: str) -> Any:  # noqa: ANN401 - of any type
    """Declare a setting that a teacher does not share: it has that of the preset `plain`."""
    return Field(default, description=meaning, json_schema_extra={"shared": False})


class Settings(BaseModel):
    """All settings of a run. The comments group them; the names are the flags.

    Examples:
        >>> Settings(bits=8).hidden_size
        256
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    # The data
    data: str = shared("simplemma:es", "Data set, path, or - for standard input.")
    dev: str | None = shared(None, "File of development words (else a share of DATA).")
    test: str | None = shared(None, "File of test words (else a share of DATA).")
    more_data: list[str] | None = shared(
        None,
        "Files that are read after DATA, as one list with it (DATA takes several too); else none.",
    )
    layout: Literal["auto", "sigmorphon", "unimorph", "words"] = shared(
        "auto", "Columns of the file: lemma-features-form, lemma-form-features, words."
    )
    column: Column | None = shared(
        None,
        "The column of the words: a number from 1, or its name in the first line; else by layout.",
    )
    weights: Column | None = shared(
        None,
        "The column of frequencies, in proportion to which words are learned from; else all alike.",
    )
    weighting: Literal["tokens", "log", "types"] = shared(
        "tokens",
        "What a frequency f weighs: f, or log(1 + f), or 1 as without it.",
    )
    delimiter: str | None = shared(None, "Between columns: tab, space, or a character; else tab.")
    encoding: str = shared("utf-8", "Encoding of the files: utf-8, latin-1, cp1252, utf-16 ...")
    comment: str | None = shared(
        None, "Leave out lines that begin with this, such as '#'; else they are words."
    )
    lowercase: bool = shared(False, "Write all forms in lower case (not by the rules of Turkish).")
    data_folder: str | None = shared(
        None, "Folder with the SIGMORPHON files (else LEXBITS_DATA, else the cache)."
    )
    limit: Positive | Literal["auto", "all"] = shared(
        "auto", "Use a sample of this many forms; auto: 30,000 of embedded data, else all."
    )
    max_length: Positive = shared(30, "Leave out forms of more characters than this.")
    skip_bad: bool = shared(
        False, "Leave out lines that are no words, in place of refusing them all."
    )
    split_by: Literal["form", "lemma"] = shared(
        "form", "What the seeded split keeps together: equal forms or equal lemmas."
    )
    dev_share: Probability = shared(0.1, "Share of words split off for development.")
    test_share: Probability = shared(0.1, "Share of words split off for the test.")

    # The generative model
    bits: Annotated[int, Field(ge=0, le=1024)] = own(
        16, "K, the number of bits; 0 is the plain language model."
    )
    alpha: list[Probability] = own(
        [0.5], "Prior probability of a one: one value, or one for each bit."
    )
    prior: Literal["fixed", "learned", "made", "boltzmann"] = own(
        "fixed",
        "P(z): independent bits at alpha, or learned from there; or bits that depend "
        "on one another, by a masked network or by couplings (up to 16 bits).",
    )
    z_at_start: bool = own(True, "The bits set the decoder's initial state.")
    z_at_every_step: bool = own(True, "The bits are an input at every step.")
    z_at_logits: bool = own(True, "The bits add to the output logits.")
    cell: Literal["lstm", "gru"] = shared("lstm", "Recurrent cell of both networks.")
    embedding_size: Positive = shared(32, "Size of a character embedding.")
    hidden_size: Positive = shared(256, "H, size of the decoder's state.")
    layers: Annotated[int, Field(ge=1, le=8)] = shared(1, "Layers of the decoder.")
    embedding_dropout: Rate = own(0.0, "Dropout on the decoder's embedding matrix.")
    input_dropout: Rate = own(0.0, "Dropout on the decoder's embedded symbols.")
    recurrent_dropout: Rate = own(0.0, "Dropout on the entries of the decoder's recurrent matrix.")
    dropout: Rate = own(0.1, "Dropout on the decoder's outputs.")
    variational_dropout: bool = own(
        False, "One dropout noise for all positions of a word, else one for each."
    )
    symbol_dropout: Rate = own(
        0.0, "Share of the decoder's input symbols replaced by the unknown symbol."
    )

    # The inference model
    encoder_hidden_size: Positive = own(128, "Size of the encoder's state.")
    encoder_dropout: Rate = own(0.0, "Dropout on the encoder's embedded symbols and last states.")
    encoder_bidirectional: bool = own(True, "Read words in both directions.")
    posterior: Literal["factorised", "made", "gru"] = own(
        "factorised", "Q(z|x): independent bits, or bit by bit, by a masked or a recurrent network."
    )
    encoder_embedding: Literal["own", "borrowed"] = own(
        "own", "The encoder's own embedding, or the decoder's, without its gradient."
    )

    # The objective
    estimator: str = own(
        "rloo",
        "Estimator of the inference model's gradient: a name of lexbits estimators "
        "list, or FILE.py:NAME; auto takes the best that --samples evaluations of the decoder "
        "allow.",
    )
    samples: Positive = own(2, "S, samples of z for each word in training.")
    kl: Literal["auto", "analytic", "sampled"] = own(
        "auto",
        "KL summed exactly, or sampled inside the estimator's function; auto: exact "
        "where posterior and prior have independent bits.",
    )
    kl_weight: Annotated[float, Field(ge=0)] = own(
        1.0, "Final weight of the KL term; 1 is the ELBO."
    )
    rate_target: Annotated[float, Field(ge=0)] = own(
        0.0,
        "Rate in nats that a multiplier holds, which is the KL's weight for the "
        "inference model; 0 holds none.",
    )
    rate_learning_rate: Annotated[float, Field(gt=0)] = own(
        2e-3, "Speed of that multiplier, per step and nat that the rate is off."
    )
    kl_annealing_epochs: Annotated[float, Field(ge=0)] = own(
        0.0, "Epochs over which the KL weight grows linearly from zero."
    )
    free_nats: Annotated[float, Field(ge=0)] = own(
        4.0, "KL that costs nothing in training, in nats."
    )
    free_nats_per: Literal["word", "bit"] = own("word", "Free nats per word or bit.")

    # Synthetic words and teachers
    synthetic_words: Annotated[float, Field(ge=0)] | Literal["auto"] = own(
        "auto",
        "Words to learn from beside the real ones, in an epoch for each of these: an "
        "n-gram model draws them, with the teachers; fewer where --steps make few passes. auto: as "
        "many as leave --real-passes, at most 10.",
    )
    real_passes: Positive = own(
        10, "Passes over the real words that synthetic ones leave room for, where steps are given."
    )
    ngram_targets: bool = own(
        False,
        "Without bits and teachers: synthetic words teach how likely the n-gram model finds every "
        "next symbol, not only the one that it drew.",
    )
    teachers: Annotated[int, Field(ge=0, le=16)] = own(
        0, "Plain language models trained first; the decoder starts from the first."
    )
    teacher_epochs: Epochs = own(
        "auto", "Passes of each teacher over the words; auto: what makes --teacher-steps."
    )
    teacher_steps: Positive = own(6000, "Steps of each teacher, about, with auto epochs.")

    # The training
    epochs: Epochs = own(
        "auto", "Passes over the training words; auto: what makes --steps, 100 at most."
    )
    steps: Positive = own(4000, "Steps of a training with auto epochs, about.")
    batch_size: Positive = shared(64, "B, words in a batch.")
    learning_rate: Annotated[float, Field(gt=0)] = own(1e-2, "Peak learning rate.")
    schedule: Literal["constant", "cosine", "onecycle"] = own(
        "onecycle", "Course of the learning rate over all steps."
    )
    final_learning_rate: Annotated[float, Field(ge=0, le=1)] = own(
        0.0, "Where cosine and onecycle end, as a share of the peak learning rate."
    )
    average_decay: Rate = own(
        0.0, "Decay of the running average of the weights that is kept; 0 keeps the last."
    )
    weight_decay: Annotated[float, Field(ge=0)] = own(0.0, "Decoupled weight decay.")
    gradient_clip: Annotated[float, Field(ge=0)] = own(
        5.0, "Largest norm of the gradient; 0 does not clip."
    )
    patience: NonNegative = own(
        0, "Stop after this many epochs without a better dev NLL; 0 never stops early."
    )
    dev_samples: Positive = own(10, "Importance samples for each dev word after each epoch.")
    dev_words: Positive = shared(2000, "Score at most this many dev words after each epoch.")
    save_seconds: Annotated[float, Field(gt=0)] = shared(
        30.0, "Save the complete state about this often; it does not change results."
    )
    seed: Annotated[int, Field(ge=0, lt=2**63)] = own(0, "Seed of everything random.")
    device: str = shared("cpu", "cpu, cuda, mps, or auto.")
    precision: Literal["auto", "fp32", "bf16"] = shared(
        "auto", "Arithmetic of the networks; auto: bf16 where this machine trains faster in it."
    )

    @field_validator("estimator")
    @classmethod
    def _absolute_file(cls, name: str) -> str:
        absolute = absolute_file(name)
        if absolute != absolute.encode(errors="replace").decode():  # as a name in other bytes is
            raise PydanticCustomError("no_text", "Input should be in folders with names in UTF-8")
        return absolute

    @field_validator("column", "weights")
    @classmethod
    def _number_or_name(cls, column: int | str | None) -> int | str | None:
        """Take digits for a number: no name of a column has to be typed that is one."""
        if isinstance(column, str):
            column = int(column) if column.isdecimal() else column.strip()
            if column in ("", 0):
                raise PydanticCustomError("column", "Input should be a number from 1, or a name")
        return column

    @field_validator("encoding")
    @classmethod
    def _text_encoding(cls, name: str) -> str:
        try:
            codecs.lookup(name)
            "a".encode(name)  # base64 and the like are no encodings of text
        except (LookupError, ValueError):
            raise PydanticCustomError(
                "encoding",
                "Input should be an encoding of text that Python knows, such as utf-8, latin-1, "
                "cp1252, utf-16 or shift_jis",
            ) from None
        return name

    @field_validator("comment")
    @classmethod
    def _visible(cls, mark: str | None) -> str | None:
        if mark is not None and not mark.strip():
            raise PydanticCustomError("comment", "Input should be a mark such as '#'")
        return mark and mark.strip()

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: object, info: ValidationInfo) -> object:
        """Take numbers of numpy for what they are, and True and False for no numbers."""
        field = cls.model_fields[str(info.field_name)]
        if isinstance(value, bool):
            if field.annotation is not bool:
                raise PydanticCustomError("no_bool", "Input should be a number or a word")
            return value
        if isinstance(value, Integral):
            return int(value)
        return float(value) if isinstance(value, Real) else value

    @property
    def sources(self) -> tuple[str, ...]:
        """All that the words are read from: `data` and `more_data`."""
        return (self.data, *(self.more_data or ()))

    @property
    def independent_bits(self) -> bool:
        """Whether the bits are independent in the posterior and in the prior."""
        return self.posterior == "factorised" and self.prior in ("fixed", "learned")

    @property
    def analytic_kl(self) -> bool:
        """Whether the KL is summed exactly rather than sampled."""
        return self.independent_bits and self.kl != "sampled"

    @property
    def learns_from_ngram(self) -> bool:
        """Whether synthetic words are an n-gram model's, and teach what it knows of each symbol."""
        return self.ngram_targets and not self.bits and not self.teachers

    def refuse_contradictions(self) -> None:
        """Check what single bounds cannot: settings that do not go together.

        Raises:
            UsageError: a contradiction, with what to change.
        """
        if len(self.alpha) not in (1, self.bits):
            raise UsageError(
                f"alpha: expected one value or one for each of {self.bits} bits, "
                f"found {len(self.alpha)}"
            )
        if self.bits and not (self.z_at_start or self.z_at_every_step or self.z_at_logits):
            raise UsageError(
                "the bits enter nowhere: switch on one of z_at_start, z_at_every_step, z_at_logits"
            )
        if self.prior == "boltzmann" and self.bits > MOST_BOLTZMANN_BITS:
            raise UsageError(
                "a boltzmann prior sums over all codes: it works up to "
                f"{MOST_BOLTZMANN_BITS} bits, found {self.bits}; take --prior made"
            )
        if self.bits and self.kl == "analytic" and not self.independent_bits:
            raise UsageError(
                "kl analytic needs independent bits: a factorised posterior and a fixed or learned "
                "prior; or leave kl at auto"
            )
        if self.bits and self.free_nats and self.free_nats_per == "bit" and not self.analytic_kl:
            raise UsageError(
                "free nats per bit need the KL of every bit, which a sampled KL does not have: "
                "take --free-nats-per word, or --kl analytic with independent bits"
            )
        if self.bits and self.rate_target:
            self._refuse_what_the_multiplier_replaces()
        if not (self.dev and self.test) and self.dev_share + self.test_share >= 1:
            raise UsageError(
                f"dev_share {self.dev_share:g} and test_share {self.test_share:g} "
                "leave no words to train on"
            )

    def _refuse_what_the_multiplier_replaces(self) -> None:
        neutral = {"free_nats": 0, "kl_weight": 1, "kl_annealing_epochs": 0}
        for name, value in neutral.items():
            if getattr(self, name) != value:
                raise UsageError(
                    f"rate_target sets the weight of the KL, so {name} has to be {value}, found "
                    f"{getattr(self, name)}; or give rate_target 0"
                )
        most = self.bits * math.log(2)
        if self.rate_target > most:
            raise UsageError(
                f"rate_target: {self.bits} bits hold at most {most:.2f} nats, found "
                f"{self.rate_target}; it takes {math.ceil(self.rate_target / math.log(2))} bits"
            )


SHARED = frozenset(
    name
    for name, field in Settings.model_fields.items()
    if field.json_schema_extra == {"shared": True}
)
"""The settings that a teacher has from the model that it teaches: words, sizes and the machine."""
