"""What a trained model is, and what it was measured to know: the facts of its model card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from lexbits.errors import RunError
from lexbits.pretrained.markdown import OWN_WORDS, SOURCES, markdown, usual_settings
from lexbits.results import Result


@dataclass(frozen=True)
class Card(Result):
    """The facts of a model card, which prints as Markdown; nats per word unless said otherwise.

    Attributes:
        name: what the model is called: `pretrained:LANG`, or the name of its folder.
        data: the data set that it learned from.
        words: how many words each split has.
        notes: what was said of the words when they were read.
        characters: those it knows.
        settings: all settings of the training.
        parameters: how many numbers its networks have.
        epochs: how many it was trained for.
        best_epoch: the one it is of.
        steps: steps of the optimiser.
        samples: S, importance samples for each word behind the NLL of the model.
        dev_nll: −log P(word) of the dev words that are not in training; None where there are none.
        test_nll: the same of the test words.
        test_nll_se: its standard error over words.
        perplexity_per_symbol: exp(test NLL / symbols), the end of the word counted.
        rate: KL(Q‖P) of the test words, or of dev words where there are no others.
        mutual_information: what the bits know of such a word.
        active_bits: bits that know more than 0.02 nats.
        plain_dev_nll: dev NLL of its first teacher, a model of these sizes without bits.
        plain_test_nll: test NLL of that.
        ngram_order: that of a Kneser-Ney n-gram of the same words, chosen on dev.
        ngram_dev_nll: dev NLL of that.
        ngram_test_nll: test NLL of that.
        precision: of the weights as they are kept.
        bytes: the size of the file of its weights.
        sha256: the digest of that file.
        date: when the training began.
        versions: of what it was trained with.
        command: what trains it again.
        checked_words: how many test words `checked_nll` is of, the first ones; 0 where none were.
        checked_nll: their NLL by 10 samples with the seed 0, by which an installation is checked.

    Examples:
        >>> from lexbits.pretrained import available
        >>> {card.settings["bits"] for card in available()}
        {16}
    """

    name: str
    data: str
    words: Mapping[str, int]
    notes: tuple[str, ...]
    characters: str
    settings: Mapping[str, Any]
    parameters: int
    epochs: int
    best_epoch: int | None
    steps: int | None
    samples: int
    dev_nll: float | None
    test_nll: float | None
    test_nll_se: float | None
    perplexity_per_symbol: float | None
    rate: float | None
    mutual_information: float | None
    active_bits: int | None
    plain_dev_nll: float | None
    plain_test_nll: float | None
    ngram_order: int | None
    ngram_dev_nll: float | None
    ngram_test_nll: float | None
    precision: str
    bytes: int
    sha256: str
    date: str
    versions: Mapping[str, str]
    command: str
    checked_words: int = 0
    checked_nll: float | None = None

    @property
    def scheme(self) -> str:
        """What kind of data set it is: `simplemma`, `sigmorphon2016`, or "" for words of one's own.

        Examples:
            >>> from lexbits.pretrained import available
            >>> available()[0].scheme
            'simplemma'
        """
        scheme, colon, _ = self.data.partition(":")
        return scheme if colon and scheme in SOURCES else ""

    @property
    def language(self) -> str:
        """The code of the language, "" where it is not known."""
        return self.data.partition(":")[2] if self.scheme else ""

    @property
    def sources(self) -> str:
        """Where the words come from, and under which licence."""
        return SOURCES.get(self.scheme, OWN_WORDS)

    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Return the settings that are not the usual ones, each with the usual value."""
        return {
            name: (self.settings[name], usual)
            for name, usual in usual_settings().items()
            if name in self.settings and self.settings[name] != usual
        }

    def __str__(self) -> str:
        return markdown(self)

    @classmethod
    def parse(cls, document: Mapping[str, Any], where: str) -> Card:
        """Return the card of a JSON object; `where` names its file in messages.

        Raises:
            RunError: it has other fields.
        """
        names = [field.name for field in fields(cls)]
        if [*document] != names:
            odd = sorted({*document} ^ {*names})
            raise RunError(f"{where}: expected the fields of a card, found a difference in {odd}")
        return cls(**{**document, "notes": tuple(document["notes"])})
