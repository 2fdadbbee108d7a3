"""`lexbits encode` and `lexbits decode`: words to bits and back."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from lexbits.cli.arguments import (
    NO_INPUT_SETTINGS,
    Device,
    InputFlags,
    Precision,
    Run,
    Search,
    Seed,
    SkipBad,
    Word,
    codes_or_stdin,
    words_or_stdin,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_cut, note_ignored, note_unseen
from lexbits.cli.output import WORDS_TABLE, WordsOutput, print_records
from lexbits.cli.sample import DecodeMethod, Temperature

WORDS_AT_ONCE = 1024


def encode(
    run: Run,
    /,
    *words: Word,
    search: Search = False,
    skip_bad: SkipBad = False,
    device: Device = "cpu",
    precision: Precision = "fp32",
    reading: InputFlags = NO_INPUT_SETTINGS,
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Print the bits of words: the most probable code, and how much it says (nats)."""
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device, precision)
    found = [
        e
        for piece in words_or_stdin(words, WORDS_AT_ONCE, skip_bad, reading)
        for e in model.encode(piece, search=search)
    ]
    note_unseen(found)
    print_records(found, TABLES["encode"], output, plain="code")


def decode(
    run: Run,
    /,
    *codes: Annotated[str, Parameter(help="Bits, such as 0101...; without any, lines of stdin.")],
    decode: DecodeMethod = "greedy",
    temperature: Temperature = 1.0,
    seed: Seed = None,
    device: Device = "cpu",
    precision: Precision = "fp32",
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Print the words that codes decode to."""
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device, precision)
    given = codes_or_stdin(codes)
    found = model.decode(
        given, decode=decode, temperature=temperature, score=not output.plain, seed=seed
    )
    print_records(found, TABLES["decode"], output)
    note_cut(found, model.settings.max_length)
    note_ignored(model)
