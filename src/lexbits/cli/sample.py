"""`lexbits sample`: new words."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import NO_READING_SETTINGS, Device, Run, Seed, reading_of_other
from lexbits.cli.columns import TABLES
from lexbits.cli.notes import note_cut, note_ignored
from lexbits.cli.output import WORDS_TABLE, WordsOutput, print_records, say

DecodeMethod = Annotated[
    Literal["greedy", "sample", "beam"], Parameter(help="How words are decoded from bits.")
]
Temperature = Annotated[
    float, Parameter(help="Below 1 sharpens, above 1 flattens the steps of sampling.")
]


def sample(
    run: Run,
    /,
    *,
    n: Annotated[int, Parameter(name=["-n", "--number"], help="How many words.")] = 20,
    decode: DecodeMethod = "sample",
    temperature: Temperature = 1.0,
    code: Annotated[str | None, Parameter(help="Decode these bits, such as 0101...")] = None,
    new_only: Annotated[
        bool, Parameter(negative="", help="Only words that the model's data lacks, each once.")
    ] = False,
    exclude: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="Leave out the words of this data set or file, all of them; may be repeated.",
        ),
    ] = None,
    seed: Seed = None,
    device: Device = "cpu",
    output: WordsOutput = WORDS_TABLE,
) -> None:
    """Generate words: bits from the prior, or the given ones, decoded.

    The status of a word is the split that has it, "source" for another word of the data set that
    the splits are a sample of, or "new".
    """
    from lexbits.data.origin import forms_in
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device)
    how = reading_of_other(model.settings, NO_READING_SETTINGS)
    excluded = [forms_in(source, how, say) for source in exclude or ()]
    samples = model.sample(
        n, decode=decode, temperature=temperature, code=code, new_only=new_only, seed=seed,
        exclude=(lambda word: any(has(word) for has in excluded)) if excluded else (),
    )  # fmt: skip
    print_records(samples, TABLES["sample"], output)
    say(model.words.meaning())
    note_cut(samples, model.settings.max_length)
    note_ignored(model, run)
