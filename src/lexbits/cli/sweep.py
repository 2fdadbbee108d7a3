"""`lexbits sweep`: what a setting does, by a training for each of its values."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from lexbits.cli.arguments import (
    NO_SETTINGS,
    Config,
    Data,
    Preset,
    SettingFlags,
    flags_given,
    settings_in,
)
from lexbits.cli.columns import TABLES
from lexbits.cli.output import TABLE, Format, Output, print_json, print_records, say
from lexbits.cli.train import train_to_end
from lexbits.errors import UsageError, command_line

app = App(name="sweep", help="Train a model for each value of a setting and compare them.")

RATES = (2.0, 4.0, 8.0)
TO_GO_ON = "give the same command again; what is trained is kept"


@app.command
def rate(
    *data: Data,
    out: Annotated[Path, Parameter(help="Folder of the sweep; a run in it for each rate.")],
    rates: Annotated[
        list[float] | None, Parameter(help="Rate targets in nats [default: 2 4 8]")
    ] = None,
    plain: Annotated[
        bool, Parameter(help="Train a plain language model too, as the reference.")
    ] = True,
    test_samples: Annotated[
        int, Parameter(help="S, importance samples for each test word at the end.")
    ] = 100,
    preset: Preset = None,
    config: Config = None,
    settings: SettingFlags = NO_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Trace the rate–distortion curve: train a model at each rate and measure it on the test words.

    All models with bits have the same settings and words; free nats are off. The plain model has
    their data and sizes, and is regularised as the preset plain. Given again, the command keeps
    what is trained and goes on. Writes sweep.json and a figure.
    """
    if test_samples < 1:
        raise UsageError(f"--test-samples: expected at least 1, found {test_samples}")
    from lexbits.cli.next_steps import lines_of_steps
    from lexbits.runs.estimator import take_estimator
    from lexbits.runs.marks import SWEEP
    from lexbits.runs.study import StudyFolder
    from lexbits.runs.words import read_words, refuse_impossible
    from lexbits.studies import rates as rates_study
    from lexbits.training.devices import make_fabric

    flags = flags_given(data, settings)
    from_file = settings_in(config)
    planned = rates_study.plan(flags, preset, from_file, RATES if rates is None else rates, plain)
    take_estimator(list(planned.values())[-1], config, flags)  # all models with bits have the same
    for wanted in planned.values():
        refuse_impossible(wanted)
    folder = StudyFolder.open(out, SWEEP)
    words = read_words(next(iter(planned.values())), say)
    with folder.locked():
        runs = rates_study.open_runs(folder, planned, words)
        for name, run in runs.items():
            say(f"\n{name}")
            with run.locked():
                rates_study.share_teachers(run, runs.values())
                fabric = make_fabric(rates_study.on_this_machine(run, planned[name]))
                train_to_end(run, TO_GO_ON, fabric)
        document = rates_study.measure(folder, runs, test_samples, fabric.device.type, say)
    if output.json:
        print_json(document)
        return
    _print(document, output)
    step = (command_line("explore", out), "its models side by side, in the browser")
    say("\n".join(["", *lines_of_steps([step])]))


def _print(document: dict[str, Any], output: Format) -> None:
    say(
        f"\n{document['test_words']:,} test words, {document['samples']} importance samples; nats "
        "per word; [95 % interval over words]"
    )
    if document["unseen_words"]:
        say(
            f"{document['unseen_words']:,} of them have characters that occur in no training word: "
            "too cheap, so that the NLL compares within this table only"
        )
    plain = [document["plain"]] if document["plain"] else []
    if plain:
        say(
            "plain: the language model without bits, with the regularisation of the preset plain"
            if document["plain_regularised"]
            else "plain: the language model without bits as version 0.1.0 trained it, with too "
            "little regularisation: the differences flatter the bits; choose another --out for a "
            "better one"
        )
    cells = {"rate_target": _target, "nll_difference": _difference, "exact": _exact}
    print_records(plain + document["points"], TABLES["sweep rate"], output, cells=cells)
    say("\n".join(document["files"]))


def _target(point: dict[str, Any]) -> str:
    return f"{point['rate_target']:g}" if point["rate_target"] else "plain"


def _exact(point: dict[str, Any]) -> str:
    return "" if point["exact"] is None else f"{point['exact']:.1%}"


def _difference(point: dict[str, Any]) -> str:
    if point["nll_difference"] is None:
        return ""
    low, high = point["difference_low"], point["difference_high"]
    return f"{point['nll_difference']:+.3f} [{low:+.3f}, {high:+.3f}]"
