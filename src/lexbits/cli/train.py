"""`lexbits train`: from words to a run folder."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from lexbits.cli.arguments import Json
from lexbits.cli.output import print_json, say
from lexbits.config import Settings, resolve, to_toml
from lexbits.errors import DataError, UsageError

if TYPE_CHECKING:
    from lexbits.run import RunFolder

NO_SETTINGS = Settings()


def train(
    data: Annotated[
        str | None,
        Parameter(help="simplemma:LANG, sigmorphon2016:LANG, a file, or - [default: simplemma:es]"),
    ] = None,
    /,
    *,
    out: Annotated[Path | None, Parameter(help="Folder to make for the run.")] = None,
    resume: Annotated[Path | None, Parameter(help="Run folder to go on with.")] = None,
    overwrite: Annotated[
        bool, Parameter(negative="", help="Replace a run folder that exists.")
    ] = False,
    preset: Annotated[
        str | None, Parameter(help="Named settings: default, quick or notebook.")
    ] = None,
    config: Annotated[Path | None, Parameter(help="TOML file of settings.")] = None,
    print_config: Annotated[
        bool, Parameter(negative="", help="Print all settings as TOML and end.")
    ] = False,
    settings: Annotated[Settings, Parameter(name="*", group="Settings")] = NO_SETTINGS,
    json: Json = False,
) -> None:
    """Train a model of words and save it, its measurements and its pictures in a run folder."""
    flags = {name: getattr(settings, name) for name in settings.model_fields_set}
    if resume is not None:
        if data is not None or out is not None or preset or config or overwrite or flags:
            raise UsageError("--resume takes data and settings from the run: give nothing else")
        from lexbits.run import RunFolder

        run = RunFolder.open(resume)
    else:
        if data is not None:
            if "data" in flags:
                raise UsageError(f"two data sets given: {data} and --data {settings.data}")
            flags["data"] = data
        resolved = resolve(flags, preset, config)
        if print_config:
            sys.stdout.write(to_toml(resolved))
            return
        if out is None:
            raise UsageError(
                "expected --out FOLDER for the run (or --resume FOLDER), found neither"
            )
        run = _prepare(resolved, out, overwrite)
    _train(run, json)


def _prepare(settings: Settings, out: Path, overwrite: bool) -> RunFolder:
    """Load the words and make the run folder; nothing is done before all is known to fit."""
    from lexbits.alphabet import Alphabet
    from lexbits.data import load_splits, without_seen
    from lexbits.objectives import make_estimator
    from lexbits.run import RunFolder
    from lexbits.training.devices import make_fabric

    make_fabric(settings.device, settings.precision)
    make_estimator(settings, features=1)
    if not overwrite:
        RunFolder.refuse_existing(out)
    say(f"Reading {settings.data}")
    words = load_splits(settings, say)
    for note in words.notes:
        say(f"  {note}")
    dev, removed = without_seen(words.dev, words.train)
    if not dev:
        raise DataError("dev: expected some words that are not in train, found none")
    alphabet = Alphabet.from_words(entry.form for entry in words.train)
    counts = {name: len(getattr(words, name)) for name in ("train", "dev", "test")}
    say(
        f"  {counts['train']:,} training, {counts['dev']:,} dev, {counts['test']:,} test words; "
        f"{len(alphabet.characters)} characters"
    )
    facts: dict[str, Any] = {
        "name": words.name,
        "layout": words.layout,
        "rows": counts,
        "dev_overlap_removed": removed,
        "notes": words.notes,
    }
    splits = {"train": words.train, "dev": words.dev, "test": words.test}
    return RunFolder.create(out, settings, alphabet, splits, facts, overwrite)


def _train(run: RunFolder, as_json: bool) -> None:
    from lexbits.cli.interrupt import stop_on_signals
    from lexbits.cli.progress import TrainingDisplay
    from lexbits.cli.summary import print_summary
    from lexbits.recording import read_progress, train_in_folder
    from lexbits.summary import summarise

    with run.locked():
        progress = read_progress(run)
        if progress is not None and progress.finished:
            say(f"{run.path}: the training is finished; here is its summary")
        else:
            with TrainingDisplay() as display, stop_on_signals() as stop:
                finished = train_in_folder(run, display, lambda: stop.signal is not None)
            if not finished:
                command = f"lexbits train --resume {shlex.quote(str(run.path))}"
                say(f"Stopped, all saved. To go on: {command}")
                sys.exit(128 + int(stop.signal or 0))
        summary = summarise(run)
        if as_json:
            print_json(summary)
        else:
            print_summary(summary)
