"""`lexbits data`: which words there are, and what they look like."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from lexbits.cli.arguments import (
    NO_READING_SETTINGS,
    NO_SETTINGS,
    Config,
    Data,
    Preset,
    ReadingFlags,
    SettingFlags,
    flags_given,
    settings_in,
)
from lexbits.cli.columns import FACTS, TABLES, Column
from lexbits.cli.metrics_table import scalars
from lexbits.cli.output import (
    TABLE,
    Format,
    Output,
    print_files,
    print_json,
    print_line,
    print_records,
    print_table,
    say,
)
from lexbits.config import Settings, resolve
from lexbits.errors import LexbitsError, command

if TYPE_CHECKING:
    from lexbits.data import Entry
    from lexbits.data.training_words import TrainingWords

app = App(name="data", help="List, show, pack and fetch data sets.")

EXAMPLES = 8


@app.command(name="list", sort_key=1)
def list_data(*, output: Output = TABLE) -> None:
    """List the embedded and the downloadable data sets by language, and which have a model.

    Each is DATA for every command by its name, such as simplemma:es. So are files: word lists,
    lemma-features-form, lemma-form-features, or other tables with --column; they may be gzipped.
    """
    from lexbits.data.embedded import languages
    from lexbits.data.remote import LANGUAGES
    from lexbits.languages import name_of
    from lexbits.pretrained.places import meant_by

    embedded = [(code, f"simplemma:{code}", "dictionary forms") for code in languages()]
    remote = [
        (code, f"sigmorphon2016:{name}", "inflected words with features, downloaded")
        for name, code in LANGUAGES.items()
    ]
    rows = [
        {
            "language": name_of(code),
            "name": name,
            "description": description,
            "model": meant_by(code),
        }
        for code, name, description in (*embedded, *remote)
    ]
    rows.sort(key=lambda row: str(row["language"]))
    print_records(rows, TABLES["data list"], output)
    if output.for_people:
        say(f"What is in one: {command('data', 'show', 'simplemma:es')}; files are DATA, too.")


@app.command(sort_key=2)
def show(
    *data: Data,
    preset: Preset = None,
    config: Config = None,
    settings: SettingFlags = NO_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Read a data set as `train` would, and print its splits, what is odd in it, and the training.

    Odd are such things as duplicates, capitals, digits, letters of two scripts, a wrong encoding,
    and the words that are least like the others; each with examples and what can be done. It takes
    the settings that `train` takes, and says what a training with them would see and how long it
    would be, or why it would be refused.
    """
    from lexbits.cli.list_page import as_json, as_rows, print_page
    from lexbits.data import forms_of, load_splits, without_seen
    from lexbits.data.oddities import named_character, rarest
    from lexbits.data.training_words import to_learn_from
    from lexbits.studies.list_page import list_page

    resolved = resolve(flags_given(data, settings), preset, settings_in(config))
    words = load_splits(resolved, say)
    train = words.train
    unseen, removed = without_seen(words.dev, train)
    learned = to_learn_from(train)
    counts = learned.character_counts()
    found, rare = "".join(sorted(counts)), rarest(counts)
    document: dict[str, Any] = {
        "name": words.name,
        "layout": words.layout,
        "train": len(words.train),
        "dev": len(words.dev),
        "test": len(words.test),
        "dev_overlap_removed": removed,
        "characters": found,
        "rarest_characters": dict(rare),
        "longest": learned.longest,
        "mean_length": counts.total() / len(train),
        "notes": words.notes,
        "examples": forms_of(train[:: max(1, len(train) // EXAMPLES)][:EXAMPLES]),
        **_training(resolved, words.train, unseen, learned),
    }
    page = list_page(words)
    if output.json:
        print_json({**document, "list": as_json(page)})
        return
    shown = document | {
        "characters": " ".join(map(named_character, found)),
        "rarest_characters": [f"{named_character(c)} × {n:,}" for c, n in rare],
    }
    for name in ("notes", "training", "training_refused"):
        del shown[name]
    if output.tsv:
        notes = {f"note_{i}": note for i, note in enumerate(words.notes, 1)}
        planned = dict(scalars(_of_training(document)))
        _print_facts({**shown, **notes, **dict(as_rows(page)), **planned}, output, "data set")
        return
    _print_facts(shown, output, "data set")
    odd = tuple(words.reading.odd) if words.reading else ()
    for note in words.notes:
        if not note.endswith(odd):  # the page says more of it
            print_line(f"- {note}")
    print_page(page)
    _print_training(document)


@app.command(sort_key=4)
def pack(
    *data: Annotated[
        str, Parameter(help="Files, -, or simplemma:LANG, which is taken whole.", required=True)
    ],
    out: Annotated[Path, Parameter(help="Folder to make.")],
    reading: ReadingFlags = NO_READING_SETTINGS,
    seed: Annotated[int, Parameter(help="Seed of the split.")] = 0,
    output: Output = TABLE,
) -> None:
    """Pack any number of words, a hundred million say, for training in constant memory.

    The distinct forms become a file that is mapped, not read; some are kept for dev and test. The
    folder is DATA for `lexbits train`.
    """
    from lexbits.data.packing import pack_words

    flags = flags_given((), reading) | {"seed": seed}
    header = pack_words(list(data), out, resolve(flags), say).header
    shown = {name: header[name] for name in ("forms_read", "words", "dev", "test")}
    document = {"out": str(out), **shown, "characters": len(header["alphabet"]["characters"])}
    if output.json:
        print_json(document)
        return
    _print_facts(document, output, "packed")


@app.command(sort_key=3)
def fetch(
    data: Annotated[str, Parameter(help="sigmorphon2016:LANG")], /, *, output: Output = TABLE
) -> None:
    """Download a data set into the cache, with its hash checked."""
    from lexbits.data.source import fetch_source

    print_files("files", [str(path) for path in fetch_source(data, say)], output)


def _training(
    settings: Settings, train: Sequence[Entry], dev: Sequence[Entry], learned: TrainingWords
) -> dict[str, Any]:
    """Return what a training on the words would be, and why it would be refused, if it would."""
    from lexbits.data.splits import refuse_few
    from lexbits.runs.words import refuse_impossible, refuse_synthetic
    from lexbits.training.plan import plan

    refused = None
    try:
        refuse_impossible(settings)
        refuse_few(train, dev)
        refuse_synthetic(settings, learned)
    except LexbitsError as error:
        refused = str(error)
    planned = dataclasses.asdict(plan(settings, len(learned)))
    return {"training": planned, "training_refused": refused}


def _of_training(document: dict[str, Any]) -> dict[str, Any]:
    return {name: document[name] for name in ("training", "training_refused")}


def _print_training(document: dict[str, Any]) -> None:
    """Print what a training with the settings would be, in words where there are any."""
    facts = document["training"]
    memory = facts["memory_bytes"] / 2**20
    shown = {
        **{name: value for name, value in facts.items() if value is not None},
        "memory_bytes": f"{memory:,.0f} MB at least",
    }
    print_line("")
    rows = [
        [name.removesuffix("_bytes").replace("_", " "), f"{v:,}" if isinstance(v, int) else v]
        for name, v in shown.items()
    ]
    print_table((Column("training"), FACTS[1]), rows)
    if document["training_refused"]:
        print_line(f"- a training would be refused: {document['training_refused']}")


def _print_facts(document: dict[str, Any], output: Format, heading: str) -> None:
    if output.tsv:
        print_table(TABLES["data show"], [*document.items()], output)
        return
    rows = [[name.replace("_", " "), value] for name, value in document.items()]
    print_table((Column(heading), FACTS[1]), rows)
