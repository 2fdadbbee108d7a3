"""`lexbits plot`: figures of a run, or of several runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from lexbits.cli.arguments import Device, Run, RunPath
from lexbits.cli.output import TABLE, Output, print_files, say
from lexbits.figures.kinds import Format, Kind


def plot(
    run: Run,
    /,
    *more: Annotated[RunPath, Parameter(help="Other runs, or sweeps, drawn too; else RUN alone.")],
    kind: Annotated[
        Kind,
        Parameter(
            help="training: how it went; accounting: what a word costs in nats, part by part; "
            "gain: where in a word the bits help; bits: what each is used for, of one run."
        ),
    ] = "training",
    formats: Annotated[
        list[Format] | None,
        Parameter(name="--format", help="Formats of the file [default: png, in a run svg too]"),
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(
            help="File for the figure, .png, .svg or .pdf, or its name without an ending, for "
            "--format [default: figures of the run; of several, or pretrained:LANG, KIND.png here]"
        ),
    ] = None,
    device: Device = "cpu",
    output: Output = TABLE,
) -> None:
    """Draw figures, for papers too: how trainings went, or what models know of held-out words.

    Of one run into its folder: its training by epoch, with lines for an n-gram of the same words,
    for the teacher and for what the bits can hold. Of several runs, or of a sweep, a figure of its
    own: their dev words by training step, or a bar or curve for each.

    accounting, gain and bits are measured on at most 1,000 of the run's test words, or else dev
    words, which takes seconds.
    """
    from lexbits.studies.plots import plot as draw

    print_files("figures", draw([run, *more], say, kind, formats or (), out, device), output)
