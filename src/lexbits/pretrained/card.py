"""What a trained model is, for what and for what not, and what it knows: its model card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from lexbits.config import MAY_CHANGE, Settings
from lexbits.errors import RunError
from lexbits.languages import NAMES
from lexbits.pretrained.markdown import MARK, bullets, fence, number, plain, table
from lexbits.pretrained.places import PREFIX
from lexbits.results import Result

SOURCES = {
    "simplemma": "simplemma (MIT-licensed code); its word lists were gathered from the "
    "lemmatization lists of Michal Měchura (ODbL), Wiktionary through Kaikki, UniMorph, FreeLing "
    "and others, whose work this is",
    "sigmorphon2016": "the SIGMORPHON 2016 shared task (Cotterell et al. 2016), whose files state "
    "no licence",
}
A_CELL = {"lstm": "an LSTM", "gru": "a GRU"}
OTHER_FACTS = {*MAY_CHANGE, "data", "more_data"}
"""Settings that are no property of the model, or are told elsewhere."""

OWN_WORDS = "a list of your own: say here where its words come from, and under which licence"


@dataclass(frozen=True, repr=False)
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
            for name, usual in _usual_settings().items()
            if name in self.settings and self.settings[name] != usual
        }

    def __repr__(self) -> str:
        return f"<Card of {self.name}: {_title(self)}>"

    def __str__(self) -> str:
        return _markdown(self)

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


def _markdown(card: Card) -> str:
    """Return a model card."""
    parts = [
        f"# {card.name}: {_title(card)}",
        _what_it_is(card),
        "## What it is for",
        bullets(
            "pseudo-words of a kind that is wished for: by beginning, ending, length, letters, or "
            "like a given word;",
            "how word-like a string is: log P(word), beside held-out words of its length;",
            *(
                ["what a few bits learn of words, to look at, to teach and to study;"]
                if card.settings["bits"]
                else []
            ),
            "a start for a model of other words of the language.",
        ),
        fence("sh", *_commands(card)),
        fence("python", *_python(card)),
        "## What it is not for",
        bullets(*_limits(card)),
        "## The words",
        table(("split", "words"), [(name, f"{n:,}") for name, n in card.words.items() if n]),
        f"From {card.data}: {card.sources}. The words themselves are not part of the model.",
        *([bullets(*card.notes)] if card.notes else []),
        f"It knows {len(card.characters)} characters: `{card.characters}`",
        "## What it knows",
        _metrics(card),
        "## How it was made",
        _made(card),
        "## How to cite",
        _citation(card),
        MARK.decode(),
    ]
    return "\n\n".join(parts) + "\n"


def _title(card: Card) -> str:
    of = f"{NAMES[card.language]} words" if card.language in NAMES else "words"
    bits = card.settings["bits"]
    return f"a generative model of {of} " + (f"with {bits} bits" if bits else "without bits")


def _what_it_is(card: Card) -> str:
    settings = card.settings
    spells = (
        f"{A_CELL[settings['cell']]} of {settings['hidden_size']} units, which writes a word "
        "character by character"
    )
    if not settings["bits"]:
        return f"A plain language model of words: {spells}. {card.parameters:,} parameters."
    return (
        f"A deep generative model of words with a latent variable of {settings['bits']} bits: a "
        f"prior of the bits; {spells} given them; and an inference network, which tells the bits "
        f"of a word. {card.parameters:,} parameters, trained by maximising the evidence lower "
        f"bound (ELBO) with lexbits on {card.words.get('train', 0):,} words."
    )


def _run(card: Card) -> str:
    return card.name if card.name.startswith(PREFIX) else "RUN"


def _commands(card: Card) -> list[str]:
    run = _run(card)
    return [
        f"lexbits sample {run} -n 20 --new-only",
        f"lexbits explore {run}",
        f"lexbits train MYWORDS --start-from {run} --out NEW",
    ]


def _python(card: Card) -> list[str]:
    called = f'pretrained("{card.language}")' if _run(card) != "RUN" else 'load("RUN")'
    return [
        "from lexbits import WordModel",
        "",
        f"model = WordModel.{called}",
        "model.sample(20, new_only=True)",
    ]


def _limits(card: Card) -> Iterable[str]:
    yield (
        "It knows forms, not meanings: it is no dictionary, no spelling checker and no model of "
        "text. Each word counts once, however frequent it is."
        if not card.settings.get("weights")
        else "It knows forms, not meanings: it is no dictionary, no spelling checker and no model "
        "of text."
    )
    yield (
        "What it makes up may be a word after all: one that the list lacks, a name, a word of "
        "another language, or an offensive one. Look at pseudo-words before anybody else does."
    )
    if card.scheme == "simplemma":
        yield (
            "The list has junk in it: rare, obsolete, foreign and misspelt forms, which were "
            "gathered by others from many sources. The model has learned them as words. Forms "
            "with capitals were left out"
            + (", which in German all nouns have." if card.language == "de" else ".")
        )
        yield (
            "Words of other collections are often in simplemma too (97 % of the Spanish forms of "
            "SIGMORPHON 2016): measure there with `--unseen-only`."
        )
    if card.settings["bits"]:
        yield (
            "The bits mean what they happened to come to mean: nobody gave them a meaning, and "
            "another seed gives others."
        )
        if card.mutual_information is not None and card.test_nll is not None:
            yield (
                f"The bits carry {card.mutual_information:.1f} of the {card.test_nll:.1f} nats "
                "that telling a word takes: what is decoded from the bits of a word is in general "
                "another word."
            )


def _metrics(card: Card) -> str:
    rows = [("this model", card.dev_nll, card.test_nll)]
    if card.plain_dev_nll is not None or card.plain_test_nll is not None:
        rows.append(("plain model (its first teacher)", card.plain_dev_nll, card.plain_test_nll))
    if card.ngram_order is not None:
        name = f"Kneser-Ney n-gram of order {card.ngram_order}"
        rows.append((name, card.ngram_dev_nll, card.ngram_test_nll))
    nll = table(
        ("NLL, nats per word", "dev", "test"), [(n, number(d), number(t)) for n, d, t in rows]
    )
    known = [f"The NLL of this model is importance-sampled, S = {card.samples}."]
    if card.test_nll_se is not None:
        known.append(f"Standard error over test words: {card.test_nll_se:.3f}.")
    if card.perplexity_per_symbol is not None:
        known.append(f"Perplexity per symbol: {card.perplexity_per_symbol:.3f}.")
    if card.settings["bits"] and card.mutual_information is not None:
        known.append(
            f"Rate {number(card.rate)} nats per word, mutual information of bits and words "
            f"{card.mutual_information:.3f} nats, {card.active_bits} of {card.settings['bits']} "
            "bits active."
        )
    return f"{nll}\n\n{' '.join(known)}"


def _made(card: Card) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in card.versions.items())
    best = f", the best of which is {card.best_epoch}" if card.best_epoch else ""
    facts = [
        f"date: {card.date or 'unknown'}",
        f"epochs: {card.epochs}{best}; steps: {card.steps or 'unknown'}",
        f"with: {versions or 'unknown versions'}",
    ]
    if card.sha256:
        facts.append(f"weights: {card.precision}, {card.bytes:,} bytes, SHA-256 `{card.sha256}`")
    if card.name.startswith(PREFIX):
        facts.append("licence: that of lexbits, MIT, as far as it is lexbits' to give")
    if card.checked_nll is not None:
        facts.append(
            f"to check it: the NLL of its first {card.checked_words} test words by 10 samples with "
            f"seed 0 is {card.checked_nll:.4f}"
        )
    parts = [bullets(*facts)]
    if changed := card.changed():
        rows = [(f"`{n}`", plain(value), plain(usual)) for n, (value, usual) in changed.items()]
        parts += ["Settings that are not the usual ones:", table(("setting", "", "usual"), rows)]
    parts += ["To make it again:", fence(_language(card), card.command)]
    return "\n\n".join(parts)


def _citation(card: Card) -> str:
    digest = f", SHA-256 `{card.sha256[:16]}…`" if card.sha256 else ""
    fields = {
        "title": "lexbits: deep generative language models of words with a bit-vector latent "
        "variable",
        "author": "{The lexbits authors}",
        "version": card.versions.get("lexbits", ""),
        "year": card.date[:4],
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    said = [f"Cite lexbits, and say which model it was: {card.name}{digest}."]
    if card.scheme:
        said.append(f"Cite the sources of its words too: {card.sources}.")
    return f"{' '.join(said)}\n\n{fence('bibtex', '@software{lexbits,', *lines, '}')}"


def _language(card: Card) -> str:
    return "python" if card.command.startswith("WordModel") else "sh"


def _usual_settings() -> dict[str, Any]:
    """Return the default of each setting that says what a model is, and not where it is made."""
    fields = Settings.model_fields.items()
    return {name: field.get_default() for name, field in fields if name not in OTHER_FACTS}
