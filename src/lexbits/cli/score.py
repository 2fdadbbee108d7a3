"""`lexbits score`: how probable words are."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import (
    NO_INPUT_SETTINGS,
    Device,
    InputFlags,
    Precision,
    Run,
    SkipBad,
    Word,
    words_or_stdin,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_unseen
from lexbits.cli.output import WORDS_TABLE, WordsOutput, explain, json_text, print_rows

if TYPE_CHECKING:
    from lexbits.word_model import WordModel
    from lexbits.word_model.results import Score

Order = Literal["probability", "word"]
WORDS_AT_ONCE = 512
IN_MEMORY = 2**24  # characters of JSON


def score(
    run: Run,
    /,
    *words: Word,
    samples: Annotated[int, Parameter(help="S, importance samples for each word.")] = 100,
    seed: Annotated[int, Parameter(help="Seed of the samples.")] = 0,
    sort: Annotated[
        Order | None, Parameter(help="Sort the words; else they come as they are given.")
    ] = None,
    skip_bad: SkipBad = False,
    device: Device = "cpu",
    precision: Precision = "fp32",
    reading: InputFlags = NO_INPUT_SETTINGS,
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Print log P(word) in nats, its standard error, and bits per symbol.

    Words come as arguments or on standard input; long input is scored and printed piece by piece,
    in constant memory unless they are sorted. JSON is printed when all is scored.
    """
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device, precision)
    first = True
    # JSON waits in a file, so that nobody is left with half a document.
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8") as document:
        for found in _scored(
            model, words_or_stdin(words, WORDS_AT_ONCE, skip_bad, reading), samples, seed, sort
        ):
            if output.json:
                for result in found:
                    row = json_text(result)
                    document.write(f"{'[' if first else ','}\n {row}")
                    first = False
            else:
                print_rows(found, TABLES["score"], output, header=first)
                first = False
        if output.json:
            document.write("\n]\n")
            document.seek(0)
            shutil.copyfileobj(document, sys.stdout)
    if output.for_people:
        explain([column for column in TABLES["score"] if column.shown])


def _scored(
    model: WordModel, pieces: Iterable[list[str]], samples: int, seed: int, sort: Order | None
) -> Iterator[list[Score]]:
    """Yield the scores of words piece by piece; to be sorted, they have to be one piece."""
    found: list[Score] = []
    for piece in pieces:
        scores = model.score(piece, samples=samples, seed=seed)
        note_unseen(scores)
        if sort is None:
            yield scores
        found += scores if sort else ()
    if sort == "probability":
        yield sorted(found, key=lambda score: -score.log_prob)
    elif sort == "word":
        yield sorted(found, key=lambda score: score.word)
