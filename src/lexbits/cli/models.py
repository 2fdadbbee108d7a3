"""`lexbits models`, `lexbits model-card`: the models that come with lexbits, and cards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from lexbits.cli.arguments import Run
from lexbits.cli.columns import FACTS, TABLES
from lexbits.cli.output import (
    TABLE,
    Output,
    print_files,
    print_json,
    print_line,
    print_records,
    print_table,
    say,
)
from lexbits.config import Settings
from lexbits.errors import UsageError, command
from lexbits.languages import name_of

if TYPE_CHECKING:
    from lexbits.pretrained import Card

app = App(name="models", help="List the models that come with lexbits, and show their cards.")

File = Annotated[
    Path | None, Parameter(help="File for the card, in Markdown [default: standard output]")
]
SHOWN_DIGITS = 12


@app.command(name="list", sort_key=1)
def list_models(*, output: Output = TABLE) -> None:
    """List the models that come with lexbits: their words, and what they know of them.

    Each is RUN for every command by its name, such as pretrained:es.
    """
    from lexbits.pretrained import available

    cards = available()
    if output.json:
        print_json(cards)
        return
    cells = {
        "language": lambda row: name_of(row["language"]),
        "sha256": lambda row: row["sha256"][:SHOWN_DIGITS],
    }
    print_records([*map(_row, cards)], TABLES["models list"], output, cells=cells)
    if output.for_people:
        usual = Settings().data.rpartition(":")[2]
        name = next((card.name for card in cards if card.language == usual), cards[0].name)
        card_of_it = command("models", "card", name)
        say(f"{command('sample', name)} makes up words; {card_of_it} tells all about a model.")


@app.command(sort_key=2)
def card(
    model: Annotated[str, Parameter(help="Language, such as es; or pretrained:es.")],
    /,
    *,
    out: File = None,
    output: Output = TABLE,
) -> None:
    """Print the model card of a model that comes with lexbits, in Markdown."""
    from lexbits.pretrained.cards import card_of
    from lexbits.pretrained.places import PREFIX, folder_of

    language = model.removeprefix(PREFIX)
    folder_of(PREFIX + language)
    _print(card_of(language), out, output)


def model_card(run: Run, /, *, out: File = None, output: Output = TABLE) -> None:
    """Write the model card of a run: what it is, for what and not for what, what it knows.

    In Markdown. The model is measured on all its dev and test words, beside an n-gram of the same
    words and its first teacher, which takes from seconds to minutes. What only you know, such as
    where a list of your own comes from, is left to you to fill in.
    """
    from lexbits.word_model import WordModel

    if out:
        _refuse_other(out)
    model = WordModel.load(run)
    say(f"Measuring {model.source} for its card")
    _print(model.card(), out, output)


def _refuse_other(file: Path) -> None:
    """Check that a card may be written to a file.

    Raises:
        UsageError: a folder, or a file that is no card, is there.
    """
    from lexbits.files import is_foreign
    from lexbits.pretrained.markdown import MARK

    if is_foreign(file, lambda content: MARK in content):
        raise UsageError(f"{file}: exists and is no model card of lexbits; choose another --out")


def _print(card: Card, out: Path | None, output: Output) -> None:
    if out:
        from lexbits.files import write_whole

        _refuse_other(out)
        write_whole(out, str(card))
        print_files("files", [str(out)], output)
    elif output.json:
        print_json(card)
    elif output.tsv:
        facts = card.to_dict()
        facts["notes"] = "; ".join(facts["notes"])
        print_table(FACTS, [*_flat(facts)], output)
    else:
        print_line(str(card).removesuffix("\n"))


def _flat(facts: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return the facts with those inside of others under both names."""
    found: list[tuple[str, Any]] = []
    for name, value in facts.items():
        inside = value.items() if isinstance(value, dict) else None
        found += [(f"{name}_{n}", v) for n, v in inside] if inside else [(name, value)]
    return found


def _row(card: Card) -> dict[str, Any]:
    changed = (f"{name}={value}" for name, (value, _) in card.changed().items())
    return {
        **card.to_dict(),
        **{f"{name}_words": count for name, count in card.words.items()},
        "language": card.language,
        "bits": card.settings["bits"],
        "settings": " ".join(changed),
        "megabytes": round(card.bytes / 1e6, 2),
        "sources": card.sources,
    }
