"""`lexbits plot`: the figures of a run, drawn again."""

from __future__ import annotations

from lexbits.cli.arguments import Json, Run
from lexbits.cli.output import print_json, print_line


def plot(run: Run, /, *, json: Json = False) -> None:
    """Draw ELBO, KL, NLL and perplexity over training as PNG and SVG in the run folder."""
    from lexbits.runs.folder import RunFolder
    from lexbits.studies.summary import draw_figures

    folder = RunFolder.open(run)
    paths = [str(folder.path / name) for name in draw_figures(folder)]
    if json:
        print_json({"figures": paths})
    else:
        print_line("\n".join(paths))
