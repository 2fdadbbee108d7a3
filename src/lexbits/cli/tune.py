"""`lexbits tune`: which settings suit some words, by trying."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from lexbits.cli.arguments import (
    NO_SETTINGS,
    Config,
    Data,
    Preset,
    SettingFlags,
    flags_given,
    settings_in,
)
from lexbits.cli.columns import TABLES, Column
from lexbits.cli.output import TABLE, Format, Output, messages, print_json, print_records, say
from lexbits.config import resolve
from lexbits.errors import UsageError

TRIALS = 20


def tune(
    *data: Data,
    out: Annotated[Path, Parameter(help="Folder of the search.")],
    trials: Annotated[
        int | None,
        Parameter(help="Trials to add [default: 20, or without limit if --minutes is given]"),
    ] = None,
    minutes: Annotated[
        float | None, Parameter(help="End the search after so long; else after --trials.")
    ] = None,
    preset: Preset = None,
    config: Config = None,
    settings: SettingFlags = NO_SETTINGS,
    output: Output = TABLE,
) -> None:
    """Search for the settings of lowest dev NLL by trainings in memory.

    Searched are learning rate, sizes, dropouts, averaging and samples; a setting given as a flag or
    in --config is fixed. Trials that fall behind are given up. Given again, the command adds trials
    to the same search. Writes best.toml, for lexbits train --config.
    """
    for name, value in (("trials", trials), ("minutes", minutes)):
        if value is not None and not value > 0:
            raise UsageError(f"--{name}: expected more than 0, found {value:g}")
    from lexbits.cli.interrupt import stop_on_signals
    from lexbits.cli.progress import TrialsDisplay
    from lexbits.runs.estimator import take_estimator
    from lexbits.runs.study import StudyFolder
    from lexbits.runs.words import read_words, refuse_impossible
    from lexbits.studies import tuning
    from lexbits.training.display import Bar

    tuning.require_optuna()
    flags = flags_given(data, settings)
    from_file = settings_in(config)
    base = resolve(flags, preset, from_file)
    take_estimator(base, config, flags)
    refuse_impossible(base)
    space = tuning.searched(base, {*flags, *from_file})
    folder = StudyFolder.open(out, tuning.TUNE)
    if base.bits and not base.rate_target:
        say("Note: without --rate-target the search may end in a model that ignores its bits.")
    words = read_words(base, say)
    if trials is None and minutes is None:
        trials = TRIALS
    with folder.locked():
        study = tuning.open_study(folder, base, space, words)
        with Bar(messages()) as bar, stop_on_signals() as stop:
            display = TrialsDisplay(bar)
            tuning.search(
                study, base, space, words, trials, minutes, display, lambda: stop.signal is not None
            )
        document = tuning.conclude(study, base, space, folder)
    if stop.signal is not None:
        say("Stopped; the trials done are kept. To resume, give the same command again.")
        sys.exit(128 + stop.signal)
    if document is None:
        raise UsageError(
            f"{out}: no trial is finished yet; give more --minutes or --trials, or fewer --epochs"
        )
    if output.json:
        print_json(document)
        return
    _print(document, [dimension.name for dimension in space], output)


def _print(document: dict[str, Any], names: list[str], output: Format) -> None:
    counts = ", ".join(f"{n} {what}" for what, n in document["trials"].items() if n)
    say(f"\nTrials: {counts}. The best by dev NLL, nats per word:")
    searched = [Column(name) for name in names]
    print_records(document["best_trials"], [*TABLES["tune"], *searched], output)
    if document["importance"]:
        shares = (f"{name} {100 * share:.0f} %" for name, share in document["importance"].items())
        say(f"Importance: {', '.join(shares)}")
    best = shlex.quote(document["files"][0])
    say(f"\nThe best settings are in {best}. Next:\n  lexbits train --config {best} --out RUN")
