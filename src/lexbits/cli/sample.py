"""`lexbits sample`: new words."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from lexbits.cli.arguments import Device, Run, Seed
from lexbits.cli.output import TABLE, Output, print_records

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
    seed: Seed = None,
    device: Device = "cpu",
    output: Output = TABLE,
) -> None:
    """Generate words: bits from the prior, or the given ones, decoded."""
    from lexbits.word_model import WordModel

    model = WordModel.load(run, device)
    samples = model.sample(
        n, decode=decode, temperature=temperature, code=code, new_only=new_only, seed=seed
    )
    print_records(samples, ("word", "status", "log_likelihood", "code"), output)
