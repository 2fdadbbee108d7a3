"""`lexbits plot`: the figures of a run, drawn again."""

from __future__ import annotations

from lexbits.cli.arguments import Run
from lexbits.cli.output import TABLE, Output, print_files


def plot(run: Run, /, *, output: Output = TABLE) -> None:
    """Draw ELBO, KL, NLL and perplexity over training as PNG and SVG in the run folder."""
    from lexbits.runs.folder import RunFolder
    from lexbits.studies.summary import draw_figures

    folder = RunFolder.open(run)
    print_files("figures", [str(folder.path / name) for name in draw_figures(folder)], output)
