"""`lexbits plot`: the figures of a run, drawn again, or of several runs on the same axes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from lexbits.cli.arguments import Run
from lexbits.cli.output import TABLE, Output, print_files, say


def plot(
    run: Run,
    /,
    *more: Annotated[Path, Parameter(help="Other runs, or sweeps, drawn too; else RUN alone.")],
    out: Annotated[
        Path | None,
        Parameter(
            help="File for the figure, .png, .svg or .pdf [default: figures of the run; of several "
            "runs training.png here]"
        ),
    ] = None,
    output: Output = TABLE,
) -> None:
    """Draw how trainings went: ELBO, NLL, perplexity, rate, information and distortion.

    Of one run into its folder, as PNG and SVG: training and dev words by epoch, with lines for an
    n-gram of the same words, for the teacher and for what the bits can hold. Of several runs, or of
    a sweep, a figure of its own: their dev words by training step, a colour each.
    """
    from lexbits.studies.plots import plot_of, write_into_run, write_plot

    drawn = plot_of([run, *more])
    for note in drawn.notes:
        say(f"Note: {note}")
    own = out is None and len(drawn.runs) == 1
    files = write_into_run(drawn) if own else [str(write_plot(drawn, out))]
    print_files("figures", files, output)
