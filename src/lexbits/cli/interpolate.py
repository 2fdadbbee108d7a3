"""`lexbits interpolate`: words between two words."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import Device, Run
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_ignored, note_unseen_in
from lexbits.cli.output import WORDS_TABLE, WordsOutput, print_records


def interpolate(
    run: Run,
    first: Annotated[str, Parameter(help="The word to start from.")],
    second: Annotated[str, Parameter(help="The word to arrive at.")],
    /,
    *,
    steps: Annotated[int, Parameter(help="Points on the way, both ends counted.")] = 5,
    through: Annotated[
        Literal["means", "bits"],
        Parameter(help="The line between posterior means, or flipping bit after bit."),
    ] = "means",
    device: Device = "cpu",
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Decode points between the bits of two words."""
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device)
    points = model.interpolate(first, second, steps=steps, through=through)
    for word in (first, second):
        note_unseen_in(word, model.alphabet.unseen(word))
    print_records(points, TABLES["interpolate"], output)
    note_ignored(model)
