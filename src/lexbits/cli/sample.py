"""`lexbits sample`: new words, of the kind that is wished for."""

from __future__ import annotations

import os
import unicodedata
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Group, Parameter

from lexbits.arguments import MOST
from lexbits.cli.arguments import (
    NO_READING_SETTINGS,
    Device,
    Precision,
    ReadingSettings,
    Run,
    Seed,
    reading_of_other,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_cut, note_ignored
from lexbits.cli.output import WORDS_TABLE, WordsOutput, counting, print_records, room, say
from lexbits.cli.ranges import range_of
from lexbits.cli.usage import Switch
from lexbits.config import Settings
from lexbits.errors import UsageError

if TYPE_CHECKING:
    from lexbits.alphabet import Alphabet

DecodeMethod = Annotated[
    Literal["greedy", "sample", "beam"], Parameter(help="How words are decoded from bits.")
]
Temperature = Annotated[
    float, Parameter(help="Below 1 sharpens, above 1 flattens the steps of sampling.")
]

GIVEN = Group("Words of one kind: drawn given all of these", sort_key=1)
WIDE = 100
"""Columns of a terminal from which on the table has all its columns."""

LEFT_OUT = Group("Words to leave out", sort_key=2)
FilesFlags = Annotated[
    ReadingSettings,
    Parameter(name="*", group=Group("How files of --exclude and --forbid are read", sort_key=3)),
]


def sample(
    run: Run,
    /,
    *,
    n: Annotated[int, Parameter(name=["-n", "--number"], help="How many words.")] = 20,
    starts_with: Annotated[
        str, Parameter(group=GIVEN, show_default=False, help="First characters; else any.")
    ] = "",
    ends_with: Annotated[
        str, Parameter(group=GIVEN, show_default=False, help="Last characters; else any.")
    ] = "",
    contains: Annotated[
        list[str] | None,
        Parameter(
            group=GIVEN,
            negative="",
            help="Characters one after another, anywhere, else any; may be repeated.",
        ),
    ] = None,
    length: Annotated[
        str | None,
        Parameter(group=GIVEN, help="How many characters: 6, 5-8, or 5- for at least 5; else any."),
    ] = None,
    letters: Annotated[
        str,
        Parameter(
            group=GIVEN, show_default=False, help="The only characters there may be; else all."
        ),
    ] = "",
    forbid: Annotated[
        list[str] | None,
        Parameter(
            group=GIVEN,
            negative="",
            help="Characters that must not follow one another, or a file with such a sequence on "
            "each line; may be repeated; else all may.",
        ),
    ] = None,
    like: Annotated[
        str | None,
        Parameter(group=GIVEN, help="Make words from bits of this word; else from any bits."),
    ] = None,
    nearness: Annotated[
        float | None,
        Parameter(group=GIVEN, help="Share of its bits that are kept. [default: 0.9]"),
    ] = None,
    new_only: Annotated[
        bool,
        Switch(group=LEFT_OUT, help="Words of the model's own data, and repetitions."),
    ] = False,
    exclude: Annotated[
        list[str] | None,
        Parameter(
            group=LEFT_OUT,
            negative="",
            help="The words of this data set or file, else none; may be repeated.",
        ),
    ] = None,
    percentile: Annotated[
        str | None,
        Parameter(
            group=LEFT_OUT,
            help="All but those whose log P(word) is in these percentiles, such as 20-80, among "
            "the run's held-out words of that length; else none.",
        ),
    ] = None,
    unique: Annotated[bool, Switch(group=LEFT_OUT, help="Repetitions.")] = False,
    sort: Annotated[
        Literal["probability", "word"] | None,
        Parameter(help="Sort the words; without it they come as they are drawn."),
    ] = None,
    decode: DecodeMethod = "sample",
    temperature: Temperature = 1.0,
    code: Annotated[
        str | None, Parameter(help="Decode these bits, such as 0101...; else the prior draws them.")
    ] = None,
    seed: Seed = None,
    device: Device = "cpu",
    precision: Precision = "fp32",
    reading: FilesFlags = NO_READING_SETTINGS,
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Generate words: bits from the prior, or the given ones, decoded.

    Words of one kind are drawn from the model given that kind, so rare ones take no longer. The
    status of a word is the split that has it, "source" for another word of the data set that the
    splits are a sample of, or "new".
    """
    from lexbits.data.origin import forms_in
    from lexbits.word_model import WordModel

    lengths = range_of(length, "--length", int, 1, MOST)
    percentiles = range_of(percentile, "--percentile", float, 0, 100)
    model = WordModel.load(run, device, precision)
    how = reading_of_other(model.settings, reading)
    forbidden = [part for given in forbid or () for part in _sequences(given, how, model.alphabet)]
    excluded = [forms_in(source, how, say) for source in exclude or ()]
    with counting("words") as progress:
        samples = model.sample(
            n,
            starts_with=starts_with,
            ends_with=ends_with,
            contains=contains or (),
            length=lengths,
            letters=letters,
            forbid=forbidden,
            like=like,
            nearness=nearness,
            new_only=new_only,
            exclude=(lambda word: any(has(word) for has in excluded)) if excluded else (),
            percentile=percentiles,
            unique=unique,
            sort=sort,
            score=not output.plain,
            decode=decode,
            temperature=temperature,
            code=code,
            seed=seed,
            progress=progress,
        )
    columns = TABLES["sample"]
    of_use = {
        "percentile": any(sample.percentile is not None for sample in samples),
        # Of a code that nobody has chosen it says little, and a narrow screen has no room for it.
        "log_prob_given_code": bool(code or like) or (room() or WIDE) >= WIDE,
    }
    shown = [c.name for c in columns if c.shown and of_use.get(c.name, True)]
    print_records(samples, columns, output, shown=shown)
    if not output.plain:
        say(model.words.meaning())
    note_cut(samples, model.settings.max_length)
    note_ignored(model)


def _sequences(given: str, how: Settings, alphabet: Alphabet) -> list[str]:
    """Return the sequences of a file, or the one that is given itself.

    Raises:
        UsageError: neither a file nor characters of the model, as in a misspelt name.
        DataError: a file that cannot be read.
    """
    from lexbits.data.lines import STANDARD_INPUT, numbered_lines

    if given in STANDARD_INPUT or os.path.lexists(given):
        lines = (line.strip() for _, line in numbered_lines(given, encoding=how.encoding))
        return [line for line in lines if line]
    unseen = alphabet.unseen(unicodedata.normalize("NFC", given))
    if unseen:
        raise UsageError(
            f"--forbid {given}: expected a file or characters of the model, found no such file, "
            f"and the model has never seen {', '.join(map(repr, unseen))}"
        )
    return [given]
