"""`lexbits reconstruct`: words sent through their bits."""

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
    SkipBad,
    Word,
    words_or_stdin,
)
from lexbits.cli.codes import WORDS_AT_ONCE
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_limits, note_unseen
from lexbits.cli.output import WORDS_TABLE, WordsOutput, print_records, say


def reconstruct(
    run: Run,
    /,
    *words: Word,
    samples: Annotated[int, Parameter(help="Samples of the posterior to decode too.")] = 3,
    search: Search = False,
    seed: Annotated[int, Parameter(help="Seed of the samples.")] = 0,
    skip_bad: SkipBad = False,
    device: Device = "cpu",
    precision: Precision = "fp32",
    reading: InputFlags = NO_INPUT_SETTINGS,
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Decode words greedily from their posterior's mode, mean and samples."""
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device, precision)
    found = [
        result
        for piece in words_or_stdin(words, WORDS_AT_ONCE, skip_bad, reading)
        for result in model.reconstruct(piece, samples=samples, seed=seed, search=search)
    ]
    note_unseen(found)
    codes = ("searched_code", "searched") if search else ("code",)
    shown = ("word", *codes, "mode", "mean", *(("samples",) if samples else ()))
    plain = "searched" if search else "mode"
    print_records(found, TABLES["reconstruct"], output, plain=plain, shown=shown)
    exact = sum(result.exact for result in found)
    say(f"{exact:,} of {len(found):,} words come back exactly from their mode.")
    if search:
        exact = sum(result.searched == result.word for result in found)
        say(f"{exact:,} do so from the code that was searched for.")
    note_limits(model, found, search)
