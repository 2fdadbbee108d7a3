"""`lexbits info`: what a run is and how far it has come."""

from __future__ import annotations

from lexbits.cli.arguments import Run
from lexbits.cli.columns import FACTS, TABLES, Column
from lexbits.cli.output import TABLE, Output, print_json, print_table


def info(run: Run, /, *, output: Output = TABLE) -> None:
    """Print the data, settings, progress and best metrics of a run."""
    from lexbits.runs.folder import RunFolder
    from lexbits.studies.summary import describe_run

    document = describe_run(RunFolder.open(run))
    if output.json:
        print_json(document)
        return
    settings = document.pop("settings")
    if output.tsv:
        print_table(TABLES["info"], [*document.items(), *settings.items()], output)
        return
    print_table(
        (Column("run"), FACTS[1]), [[name.replace("_", " "), v] for name, v in document.items()]
    )
    print_table((Column("setting"), FACTS[1]), [[name, value] for name, value in settings.items()])
